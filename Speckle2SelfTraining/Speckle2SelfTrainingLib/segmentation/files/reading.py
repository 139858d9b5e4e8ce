"""Read a label map, a sequence of them, a folder of masks, or a segment of a segmentation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from Speckle2SelfLib.errors import InputError
from Speckle2SelfLib.files.folder import list_sweeps
from Speckle2SelfLib.files.provenance import PREFIX
from Speckle2SelfLib.files.registry import format_of
from Speckle2SelfLib.files.sweep import Sweep

from .confidence_entry import ENTRY, parse_confidences, read_confidences
from .label_pixels import open_label_map, open_label_maps
from .label_sweep import LabelSweep
from .label_values import chosen_label, labels_of, mask_of
from .mask_files import mask_files
from .placing import placed
from .segmentation_reading import holds_segments, read_segment
from .spacing import frame_positions, pixel_spacing, stated_spacing

SAME_SPACING = 0.01  # share by which a rounded header may differ


def read_labels(
    path: str | Path,
    *,
    label: int | None = None,
    segment: str | None = None,
    like: Sweep | None = None,
    ignore: int | None = None,
    frame_axis: int | None = None,
) -> LabelSweep:
    """Read one structure of a label map or a segmentation.

    Parameters
    ----------
    path : str or Path
        A label map in any format that :func:`~Speckle2SelfLib.files.open_sweep` reads, a ``.seg.nrrd`` file, or a
        folder with one mask per frame (of the files ``*_mask.*`` where it has such).
    label : int, optional
        Value of the structure; left out, the only one there is.
    segment : str, optional
        Name or identifier of the segment of a ``.seg.nrrd`` file; left out, the only one, or the lumen.
    like : Sweep, optional
        The image: sizes and number of frames must agree, segmentations that Slicer has cropped get its size, and
        what the labels do not say (spacing, times) is taken from it. Where both state a size of pixels and they
        differ, that of the image counts, which a note says.
    ignore : int, optional
        Value of pixels that nobody has labelled; they come out as 255.
    frame_axis : int, optional
        Array axis of a volume that counts frames.

    Returns
    -------
    LabelSweep

    Raises
    ------
    InputError
        If the file cannot be read, is an image, has no such label or several, or does not fit ``like``.
    """
    path = Path(path)
    if path.is_file() and format_of(path) == "NRRD" and holds_segments(path):
        found = _of_segmentation(path, label, segment, like, frame_axis)
    elif segment is not None:
        raise InputError(f"{path} is a label map, which has no segment {segment!r}; give the value of the label.")
    else:
        found = _of_label_map(path, label, ignore, frame_axis)
    if like is not None:
        _check_size(found, like)
        _take_pixel_size(found, like)
        found.times = found.times or like.frame_times
        if found.positions is None and not like.sequence:
            found.positions = frame_positions(like.geometry, len(found))
    if not (found.frames == 1).any():
        found.notes.append(f"{path.name} is empty: no pixel has the label {found.label}.")
    return found


def _of_label_map(path: Path, label: int | None, ignore: int | None, frame_axis: int | None) -> LabelSweep:
    sweep = _opened(path, frame_axis)
    pixels = [np.asarray(frame) for frame in sweep]
    value = chosen_label(str(path), labels_of(str(path), pixels, ignore), label, ignore)
    return LabelSweep(
        path=path,
        frames=np.stack([mask_of(frame, value, ignore) for frame in pixels]),
        label=value,
        spacing=pixel_spacing(sweep),
        geometry=sweep.geometry,
        times=sweep.frame_times,
        positions=None if sweep.sequence else frame_positions(sweep.geometry, len(sweep)),
        confidences=read_confidences(sweep),
        sequence=sweep.sequence,
    )


def _opened(path: Path, frame_axis: int | None) -> Sweep:
    if not path.is_dir():
        return open_label_map(path, frame_axis)
    return open_label_maps(path, mask_files([entry.path for entry in list_sweeps(path) if entry.path.parent == path]))


def _of_segmentation(
    path: Path, label: int | None, segment: str | None, like: Sweep | None, frame_axis: int | None
) -> LabelSweep:
    if frame_axis not in (None, 0):
        raise InputError(f"{path} has its frames along axis 0, as Slicer writes segmentations; give no frame axis.")
    volume = placed(str(path), read_segment(path, label, segment), like)
    spacing = stated_spacing(volume.geometry.spacing[1], volume.geometry.spacing[0])
    return LabelSweep(
        path=path,
        frames=volume.mask,
        label=volume.segment.label,
        name=volume.segment.name,
        spacing=spacing,
        geometry=volume.geometry,
        positions=frame_positions(volume.geometry, len(volume.mask)),
        confidences=parse_confidences(volume.entries.get(PREFIX + ENTRY), len(volume.mask)),
    )


def _take_pixel_size(found: LabelSweep, like: Sweep) -> None:
    """Let the image say how large pixels are: programs that draw masks often do not keep it."""
    own, stated = found.spacing, pixel_spacing(like)
    if stated is None:
        return
    found.spacing = stated
    if own is None or np.allclose(own, stated, rtol=SAME_SPACING, atol=0):
        return
    if not like.sequence:
        found.geometry, found.positions = like.geometry, None
    found.notes.append(
        f"{found.path.name} has pixels of {own[0]:g} x {own[1]:g} mm, but {like.path.name} of {stated[0]:g} x "
        f"{stated[1]:g} mm (rows x columns): those of the image count."
    )


def _check_size(found: LabelSweep, like: Sweep) -> None:
    size, wanted = found.frames.shape[1:], like.frame_shape[:2]
    if size != wanted:
        raise InputError(
            f"{found.path} has frames of {size[0]} x {size[1]} pixels, but {like.path.name} of {wanted[0]} x "
            f"{wanted[1]} (rows x columns); give the labels of this image."
        )
    if len(found) != len(like):
        raise InputError(
            f"{found.path} has {len(found)} frames, but {like.path.name} has {len(like)}; "
            "give the labels of all its frames."
        )
