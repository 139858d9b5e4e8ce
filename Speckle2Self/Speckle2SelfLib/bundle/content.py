"""The content of a bundle, whatever its network does: metadata and weights, checked against their hash."""

from __future__ import annotations

import hashlib
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Protocol

from ..errors import ModelError
from .kinds import DESPECKLING, SEGMENTATION
from .metadata import MAXIMUM_METADATA_BYTES, parse_metadata
from .shipped import shipped_models
from .trained import trained_models
from .weights import DAMAGED_ARCHIVE, MAXIMUM_WEIGHT_BYTES, parse_weights

if TYPE_CHECKING:
    from torch import Tensor

METADATA = "configs/metadata.json"
MAXIMUM_ENTRIES = 1000


@dataclass(frozen=True)
class BundleContent:
    """What a bundle holds.

    Attributes
    ----------
    metadata : dict
        Checked content of ``metadata.json``.
    state : dict of str to Tensor
        Weights by name, float32 on the CPU.
    sha256 : str
        Of the weights file, in hexadecimal.
    where : str
        Name of the folder or file, for messages.
    """

    metadata: dict[str, Any]
    state: dict[str, Tensor]
    sha256: str
    where: str


def find_model(model: str, kind: str) -> Path:
    """Return the place of a model: a known one by name, or a path that exists.

    Parameters
    ----------
    model : str
    kind : {"despeckling", "segmentation"}
        Which known models a message names.

    Raises
    ------
    ModelError
        If there is none.
    """
    known = {**trained_models(DESPECKLING, SEGMENTATION), **shipped_models(DESPECKLING, SEGMENTATION)}
    path = known.get(model, Path(model))
    if not path.is_dir() and not path.is_file():
        names = ", ".join(sorted({**shipped_models(kind), **trained_models(kind)})) or "none"
        raise ModelError(f"There is no model {model!r}: give a known one ({names}) or a path that exists.")
    return path


def read_content(path: Path, kind: str, accepted: str) -> BundleContent:
    """Read a bundle folder or a bundle ``.zip``.

    Parameters
    ----------
    path : Path
    kind : {"despeckling", "segmentation"}
        What its network must be for.
    accepted : str
        What is accepted, in words, for the message about other files.

    Raises
    ------
    ModelError
        If it is no bundle, is for something else, is damaged, or its weights are not what its SHA-256 says.
    OSError
        If it cannot be read.
    """
    if path.is_dir():
        return _from_files(_Folder(path), path.name, kind)
    if not zipfile.is_zipfile(path):
        raise ModelError(f"{path.name!r} is not a model: accepted are {accepted}.")
    with _opened(path) as archive:
        return _from_files(_Archive(archive, path.name), path.name, kind)


class _Files(Protocol):
    """Where a bundle's files are read from."""

    def read(self, name: str, limit: int) -> bytes:
        """Return the content of a file inside the bundle."""
        ...


def _from_files(files: _Files, where: str, kind: str) -> BundleContent:
    metadata = parse_metadata(files.read(METADATA, MAXIMUM_METADATA_BYTES), where, kind)
    section = metadata["speckle2self"]
    content = files.read(section["weights"], MAXIMUM_WEIGHT_BYTES)
    digest = hashlib.sha256(content).hexdigest()
    if digest != section["sha256"]:
        raise ModelError(f"The weights of the model {where!r} are not those that its metadata names (SHA-256 differs).")
    return BundleContent(metadata, parse_weights(content, section["weights"], where), digest, where)


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except DAMAGED_ARCHIVE as error:
        raise ModelError(f"The archive {path.name!r} is truncated or damaged.") from error


class _Folder:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, name: str, limit: int) -> bytes:
        path = (self._folder / name).resolve()
        if not path.is_relative_to(self._folder.resolve()):
            raise ModelError(f"The model {self._folder.name!r} names a file outside its folder: {name!r}.")
        if not path.is_file():
            raise ModelError(f"{self._folder.name!r} is not a model bundle: it lacks {name!r}.")
        if path.stat().st_size > limit:
            raise ModelError(f"{name!r} of the model {self._folder.name!r} is larger than is accepted.")
        return path.read_bytes()


class _Archive:
    def __init__(self, archive: zipfile.ZipFile, where: str) -> None:
        self._archive, self._where = archive, where
        entries = archive.infolist()
        if len(entries) > MAXIMUM_ENTRIES:
            raise ModelError(f"The archive {where!r} holds {len(entries)} files, more than a model may have.")
        for entry in entries:
            parts = PurePosixPath(entry.filename.replace("\\", "/"))
            if parts.is_absolute() or ".." in parts.parts or ":" in (parts.parts or ("",))[0]:
                raise ModelError(f"The archive {where!r} holds a path outside its folder: {entry.filename!r}.")
        if sum(entry.file_size for entry in entries) > 2 * MAXIMUM_WEIGHT_BYTES:
            raise ModelError(f"The archive {where!r} unpacks to more than a model may have.")
        names = [entry.filename for entry in entries if entry.filename.endswith(METADATA)]
        # A bundle is often zipped together with its folder.
        self._root = min(names, key=len).removesuffix(METADATA) if names else ""

    def read(self, name: str, limit: int) -> bytes:
        if ".." in PurePosixPath(name).parts:
            raise ModelError(f"The model {self._where!r} names a file outside its folder: {name!r}.")
        try:
            entry = self._archive.getinfo(self._root + name)
        except KeyError:
            raise ModelError(f"{self._where!r} is not a model bundle: it lacks {name!r}.") from None
        if entry.file_size > limit:
            raise ModelError(f"{name!r} of the model {self._where!r} is larger than is accepted.")
        try:
            with self._archive.open(entry) as file:
                content = file.read(limit + 1)
        except (*DAMAGED_ARCHIVE, OSError) as error:
            raise ModelError(f"{name!r} of the model {self._where!r} is truncated or damaged.") from error
        if len(content) > limit:
            raise ModelError(f"{name!r} of the model {self._where!r} is larger than is accepted.")
        return content
