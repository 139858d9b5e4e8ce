"""Read DICOM ultrasound, single and multi-frame, in any transfer syntax that pydicom and GDCM decode."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..errors import DependencyError, InputError
from .dicom_pixels import decoded, quiet_pydicom
from .dicom_regions import kept_pixels, pixel_spacing, read_regions
from .pixels import Array, check_frames
from .sweep import Geometry, Sweep

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

STORAGE = "1.2.840.10008.5.1.4.1.1."
ULTRASOUND = {STORAGE + number for number in ("6", "6.1", "3", "3.1")}
SECONDARY_CAPTURE = {STORAGE + number for number in ("7", "7.2", "7.3", "7.4")}
ENHANCED_VOLUME = STORAGE + "6.2"
# an object of these kinds may hold a secondary capture of ultrasound
CAPTURED_MODALITIES = ("US", "IVUS", "OT", "SC", "")
GRAY = ("MONOCHROME1", "MONOCHROME2")


@dataclass(frozen=True)
class DicomSource:
    """What a DICOM output needs of the object it derives from."""

    dataset: Dataset  # without its pixels
    compressed_bytes: int
    bits_stored: int


@quiet_pydicom()
def open_dicom(path: Path) -> Sweep:
    """Open a DICOM ultrasound object.

    Frames come as gray (MONOCHROME1 is inverted so that bright is bright) or RGB (from YBR or a palette).

    Raises
    ------
    InputError
        If the object is truncated, of a transfer syntax that nothing here decodes, not ultrasound, 3D, or without
        B-mode.
    """
    dataset, compressed = _read(path)
    _check_kind(path, dataset)
    rows, columns = int(dataset.get("Rows") or 0), int(dataset.get("Columns") or 0)
    check_frames(str(path), 1, rows, columns)
    notes: list[str] = []
    regions = read_regions(dataset)
    keep = kept_pixels(str(path), regions, rows, columns, notes)
    frames = _frames(path, dataset)
    spacing = pixel_spacing(dataset, regions)
    return Sweep(
        path=path,
        frames=frames,
        color=frames.ndim == 4,
        spacing=spacing,
        keep=keep,
        format_name="DICOM",
        frame_shape=frames.shape[1:],
        dtype=frames.dtype,
        geometry=None if spacing is None else Geometry((spacing[1], spacing[0], 1.0)),
        sequence=len(frames) > 1,
        frame_times=_frame_times(dataset, len(frames)),
        source=DicomSource(dataset, compressed, int(dataset.get("BitsStored") or 8)),
        files=(path,),
        notes=notes,
    )


def _read(path: Path) -> tuple[Dataset, int]:
    """Return the dataset without pixels, and how many bytes the pixels take in the file."""
    try:
        import pydicom
    except ImportError as error:
        raise DependencyError(
            "Reading DICOM needs the package pydicom; install it with: pip install pydicom"
        ) from error
    try:
        with quiet_pydicom():
            dataset = pydicom.dcmread(path, force=True, stop_before_pixels=True)
            names = {element.keyword for element in dataset}  # decodes every element, and finds damage
    except Exception as error:  # pydicom raises many kinds on damaged files
        raise InputError(f"{path} is damaged: its DICOM elements cannot be read; copy or export it again.") from error
    if not names & {"SOPClassUID", "Rows", "Modality"}:
        raise InputError(f"{path} is no DICOM image; give a DICOM ultrasound object.")
    return dataset, path.stat().st_size


def _check_kind(path: Path, dataset: Dataset) -> None:
    sop_class = str(dataset.get("SOPClassUID") or getattr(dataset.file_meta, "MediaStorageSOPClassUID", ""))
    modality = str(dataset.get("Modality") or "")
    if sop_class == ENHANCED_VOLUME:
        raise InputError(f"{path} is a 3D ultrasound volume object; export it as 2D frames or as a NRRD volume.")
    if sop_class in ULTRASOUND or (sop_class in SECONDARY_CAPTURE and modality in CAPTURED_MODALITIES):
        return
    kind = _name_of(sop_class) or "no known DICOM object"
    raise InputError(
        f"{path} is {kind} of modality {modality or 'not stated'}; ultrasound images, and secondary captures of them, "
        "are accepted."
    )


def _name_of(uid: str) -> str:
    from pydicom.uid import UID

    name = UID(uid).name
    return "" if name == uid else name


def _frames(path: Path, dataset: Dataset) -> Array:
    """Return all frames, (N, H, W) or (N, H, W, 3)."""
    bits = int(dataset.get("BitsAllocated") or 0)
    if bits not in (8, 16):
        raise InputError(f"{path} has {bits} bits per pixel; 8 and 16 are accepted.")
    pixels = decoded(path, dataset)
    color = int(dataset.get("SamplesPerPixel") or 1) == 3
    interpretation = str(dataset.get("PhotometricInterpretation") or "")
    if interpretation == "PALETTE COLOR":
        return _through_palette(path, pixels, dataset)
    if color:
        return pixels
    if interpretation not in GRAY:
        raise InputError(f"{path} has the photometric interpretation {interpretation!r}; gray and color are accepted.")
    pixels = within_stored_bits(pixels, dataset)
    return inverted(pixels, dataset) if interpretation == "MONOCHROME1" else pixels


def _through_palette(path: Path, pixels: Array, dataset: Dataset) -> Array:
    from pydicom.pixels.processing import apply_color_lut

    try:
        with quiet_pydicom():
            colors = np.stack([apply_color_lut(frame, dataset)[..., :3] for frame in pixels])
    except Exception as error:  # a palette can be wrong in many ways
        raise InputError(f"{path} has a damaged color palette; export it again as RGB.") from error
    return (colors >> 8).astype(np.uint8) if colors.dtype == np.uint16 else colors


def within_stored_bits(pixels: Array, dataset: Dataset) -> Array:
    """Return pixels without what lies in the bits above or below the stored ones (old overlays)."""
    allocated = pixels.dtype.itemsize * 8
    stored = int(dataset.get("BitsStored") or allocated)
    low = int(dataset.get("HighBit") if dataset.get("HighBit") is not None else stored - 1) + 1 - stored
    if stored >= allocated or low < 0:
        return pixels
    shifted: Array = np.left_shift(pixels, allocated - stored - low)
    return shifted >> (allocated - stored)


def inverted(pixels: Array, dataset: Dataset) -> Array:
    """Exchange black and white within the stored bits; doing it twice gives the input back."""
    stored = int(dataset.get("BitsStored") or pixels.dtype.itemsize * 8)
    top = (1 << stored) - 1 if pixels.dtype.kind == "u" else -1
    exchanged: Array = pixels.dtype.type(top) - pixels
    return exchanged


def _frame_times(dataset: Dataset, count: int) -> list[float] | None:
    """Return the time of each frame in seconds since the first."""
    vector, step = dataset.get("FrameTimeVector"), dataset.get("FrameTime")
    if vector is not None and not isinstance(vector, str) and hasattr(vector, "__len__") and len(vector) == count > 1:
        return [float(time) / 1000 for time in np.cumsum([float(value) for value in vector])]
    return [index * float(step) / 1000 for index in range(count)] if step and count > 1 else None
