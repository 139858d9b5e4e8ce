"""Opening a model: a shipped or trained one by name, a bundle folder, a bundle zip, or the authors' checkpoint."""

from __future__ import annotations

import hashlib
import os
import zipfile
from pathlib import Path, PurePosixPath
from typing import Protocol

from ..errors import ModelError
from ..network import NetworkOptions
from .metadata import MAXIMUM_METADATA_BYTES, parse_metadata
from .model import Bundle, count_encoders, fitting_state
from .shipped import shipped_models
from .trained import trained_models
from .weights import DAMAGED_ARCHIVE, MAXIMUM_WEIGHT_BYTES, parse_weights

METADATA = "configs/metadata.json"
CHECKPOINT_SUFFIXES = (".pth", ".pt")
CHECKPOINT_NAME = "published-checkpoint"
MAXIMUM_ENTRIES = 1000


class _Files(Protocol):
    """Where a bundle's files are read from."""

    def read(self, name: str, limit: int) -> bytes:
        """Return the content of a file inside the bundle."""
        ...


def load_bundle(model: str | os.PathLike[str]) -> Bundle:
    """Load a model.

    Parameters
    ----------
    model : str or path
        Name of a shipped model ("default") or of one that was trained on this computer, or path of a bundle folder, a
        bundle ``.zip``, or an authors' ``.pth``.

    Returns
    -------
    Bundle

    Raises
    ------
    ModelError
        If there is no such model, or it is not one, is damaged, does not fit, or is not what its SHA-256 says.
    """
    shipped, trained = shipped_models(), trained_models()
    if str(model) in shipped:
        return _from_files(_Folder(shipped[str(model)]), shipped[str(model)].name)
    path = trained.get(str(model), Path(model))
    try:
        if path.is_dir():
            return _from_files(_Folder(path), path.name)
        if not path.is_file():
            names = ", ".join(sorted({**shipped, **trained})) or "none"
            raise ModelError(f"There is no model {str(model)!r}: give a known one ({names}) or a path that exists.")
        if path.suffix.lower() in CHECKPOINT_SUFFIXES:
            return _from_checkpoint(path)
        if not zipfile.is_zipfile(path):
            raise ModelError(
                f"{path.name!r} is not a model: accepted are a bundle folder, a bundle .zip, "
                "or a checkpoint of the authors (.pth)."
            )
        with _opened(path) as archive:
            return _from_files(_Archive(archive, path.name), path.name)
    except OSError as error:
        raise ModelError(f"The model {path.name[:60]!r} cannot be read ({error.strerror or 'damaged'}).") from error


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except DAMAGED_ARCHIVE as error:
        raise ModelError(f"The archive {path.name!r} is truncated or damaged.") from error


def _from_files(files: _Files, where: str) -> Bundle:
    metadata = parse_metadata(files.read(METADATA, MAXIMUM_METADATA_BYTES), where)
    section = metadata["speckle2self"]
    content = files.read(section["weights"], MAXIMUM_WEIGHT_BYTES)
    digest = hashlib.sha256(content).hexdigest()
    if digest != section["sha256"]:
        raise ModelError(f"The weights of the model {where!r} are not those that its metadata names (SHA-256 differs).")
    state = parse_weights(content, section["weights"], where)
    return _checked(
        Bundle(
            name=str(metadata["name"]),
            version=str(metadata["version"]),
            sha256=digest,
            metadata=metadata,
            state=state,
            options=NetworkOptions.from_dict(section["network"]),
            encoders=count_encoders(state),
        ),
        where,
    )


def _from_checkpoint(path: Path) -> Bundle:
    if path.stat().st_size > MAXIMUM_WEIGHT_BYTES:
        raise ModelError(f"{path.name!r} has {path.stat().st_size} bytes, more than a model may have.")
    content = path.read_bytes()
    state = parse_weights(content, path.name, path.name)
    return _checked(
        Bundle(
            name=CHECKPOINT_NAME,  # file names may hold what must not travel with results
            version="checkpoint",
            sha256=hashlib.sha256(content).hexdigest(),
            metadata={"description": "Checkpoint of the published network, without metadata."},
            state=state,
            options=NetworkOptions(),
            encoders=count_encoders(state),
        ),
        path.name,
    )


def _checked(bundle: Bundle, where: str) -> Bundle:
    from ..network import SpeckleNetwork

    fitting_state(bundle.state, SpeckleNetwork(bundle.options, max(1, bundle.encoders)), where)
    return bundle


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
