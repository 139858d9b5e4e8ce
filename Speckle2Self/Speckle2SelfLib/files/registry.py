"""Which reader and which writer a file needs, by what it contains and what it is called."""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import cast

from ..errors import InputError, OutputError, Speckle2SelfError
from .sweep import Sweep, SweepWriter

# format: (module that reads, function, module that writes, class); no writer for what cannot be written
FORMATS: dict[str, tuple[str, str, str, str]] = {
    "NRRD": ("nrrd_reading", "open_nrrd", "nrrd_writing", "NrrdWriter"),
    "MetaImage": ("metaimage_reading", "open_metaimage", "metaimage_writing", "MetaImageWriter"),
    "NIfTI": ("nifti", "open_nifti", "nifti", "NiftiWriter"),
    "PNG": ("png", "open_png", "png", "PngWriter"),
    "TIFF": ("tiff_reading", "open_tiff", "tiff_writing", "TiffWriter"),
    "JPEG": ("jpeg", "open_jpeg", "", ""),
    "DICOM": ("dicom_reading", "open_dicom", "dicom_writing", "DicomWriter"),
    "video": ("video", "open_video", "", ""),
}
SUFFIXES = {
    ".nrrd": "NRRD",
    ".nhdr": "NRRD",
    ".mha": "MetaImage",
    ".mhd": "MetaImage",
    ".nii": "NIfTI",
    ".nii.gz": "NIfTI",
    ".png": "PNG",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".dcm": "DICOM",
    ".dicom": "DICOM",
    ".ima": "DICOM",
    ".avi": "video",
    ".mp4": "video",
    ".m4v": "video",
    ".mov": "video",
}
SNIFFED = 4096
TIFF_MAGICS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
NIFTI_MAGICS = (b"n+1\0", b"ni1\0")


def suffix_of(path: Path) -> str:
    """Return the suffix that decides the format, in lower case (``.nii.gz`` counts as one)."""
    name = path.name.lower()
    return ".nii.gz" if name.endswith(".nii.gz") else Path(name).suffix


def output_suffixes() -> list[str]:
    """Return the suffixes that can be written."""
    return [suffix for suffix, name in SUFFIXES.items() if FORMATS[name][2]]


def open_sweep(path: str | Path, *, frame_axis: int | None = None, stack: bool = False) -> Sweep:
    """Open a file, or the images of a folder, as one sweep.

    Parameters
    ----------
    path : str or Path
        An image, a volume, a sequence, a DICOM object or a video; a folder with ``stack``.
    frame_axis : int or None
        Numpy axis (0 is the slowest in the file) that counts the frames of a volume; formats that know their
        frames take no notice.
    stack : bool
        Take the images of a folder, in natural order of their names, as the frames of one sweep.

    Raises
    ------
    InputError
        If nothing that can be despeckled is there.
    DependencyError
        If an optional package is missing.
    """
    path = Path(path)
    if stack:
        from .stack import open_stack

        return open_stack(path)
    _check_is_file(path)
    name = format_of(path)
    if name is None:
        raise InputError(f"{path} is no image that can be read; {accepted_text()} are accepted.")
    module, function, _, _ = FORMATS[name]
    opener = cast("Callable[..., Sweep]", getattr(import_module(f".{module}", __package__), function))
    try:
        if name in ("NRRD", "MetaImage", "NIfTI"):
            return opener(path, frame_axis)
        return opener(path)
    except MemoryError as error:
        raise InputError(f"{path} does not fit into the memory of this machine; despeckle a part of it.") from error
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror or error}).") from error
    except Speckle2SelfError:
        raise
    except (ValueError, TypeError, LookupError, ArithmeticError, AttributeError) as error:  # a header may say anything
        raise InputError(f"{path} is damaged: its header makes no sense; copy or export it again.") from error


def writer_class(path: Path, sweep: Sweep) -> type[SweepWriter]:
    """Return the writer for an output file, by its suffix (a DICOM input may go to a file without one)."""
    suffix = suffix_of(path)
    name = SUFFIXES.get(suffix)
    if name is None and sweep.format_name == "DICOM" and suffix == suffix_of(sweep.path):
        name = "DICOM"
    if name is None or not FORMATS[name][2]:
        shown = f"{suffix} files" if suffix else "a file without suffix"
        raise OutputError(f"{path} cannot be written: {shown} cannot be an output; use {_list(output_suffixes())}.")
    _, _, module, writer = FORMATS[name]
    return cast("type[SweepWriter]", getattr(import_module(f".{module}", __package__), writer))


def format_of(path: Path) -> str | None:
    """Return the format of an existing file by its content; None where it is none that can be read."""
    try:
        with open(path, "rb") as file:
            start = file.read(SNIFFED)
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}); check its permissions.") from error
    if not start:
        raise InputError(f"{path} is empty; copy or export it again.")
    name = _by_content(start)
    if name is None and SUFFIXES.get(suffix_of(path)) == "DICOM" and _looks_like_bare_dicom(start):
        return "DICOM"
    return name


def is_dicom(path: Path) -> bool:
    """Return whether a file has the DICOM preamble, whatever its name."""
    try:
        with open(path, "rb") as file:
            return file.read(132)[128:] == b"DICM"
    except OSError:
        return False


def accepted_text() -> str:
    """Return the suffixes that can be read, for messages."""
    return _list(list(SUFFIXES))


def _by_content(start: bytes) -> str | None:
    if start[128:132] == b"DICM":  # first, because the bytes before may make it a TIFF file as well
        return "DICOM"
    if start.startswith(b"NRRD000"):
        return "NRRD"
    if start.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if start.startswith(TIFF_MAGICS):
        return "TIFF"
    if start.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if (
        start[4:8] == b"ftyp"
        or start[4:8] in (b"moov", b"mdat", b"wide")
        or (start[:4], start[8:12]) == (b"RIFF", b"AVI ")
    ):
        return "video"
    if _unzipped(start)[344:348] in NIFTI_MAGICS or _unzipped(start)[4:8] in (b"n+2\0", b"ni2\0"):
        return "NIfTI"
    return "MetaImage" if _looks_like_metaimage(start) else None


def _unzipped(start: bytes) -> bytes:
    if not start.startswith(b"\x1f\x8b"):
        return start
    try:
        return zlib.decompressobj(31).decompress(start, 512)
    except (zlib.error, gzip.BadGzipFile):
        return b""


def _looks_like_metaimage(start: bytes) -> bool:
    lines = start.lower().split(b"\n")
    names = {line.split(b"=")[0].strip() for line in lines if b"=" in line}
    return bool(names & {b"objecttype", b"ndims", b"dimsize"}) and b"=" in lines[0]


def _looks_like_bare_dicom(start: bytes) -> bool:
    """Recognize DICOM without its preamble: the first element belongs to group 0002 or 0008."""
    return start[:2] in (b"\x02\0", b"\x08\0") and start[3:4] == b"\0"


def _check_is_file(path: Path) -> None:
    if path.is_dir():
        raise InputError(f"{path} is a folder; give one of its files, or ask for its images as one stack.")
    if not path.exists():
        hint = " (a broken link)" if os.path.islink(path) else ""
        raise InputError(f"{path} does not exist{hint}; check the name.")
    if not path.is_file():
        raise InputError(f"{path} is no regular file; copy its content to a file first.")


def _list(words: list[str]) -> str:
    return ", ".join(words[:-1]) + " and " + words[-1]
