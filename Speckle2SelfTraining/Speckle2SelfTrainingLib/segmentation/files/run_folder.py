"""Segment every sweep of a folder into another folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from Speckle2SelfLib.commands.run_folder import check_folders, made_place, run_each
from Speckle2SelfLib.errors import SettingsError
from Speckle2SelfLib.files import FolderEntry, list_sweeps
from Speckle2SelfLib.files.registry import SUFFIXES, suffix_of
from Speckle2SelfLib.files.sweep import Sweep

from ..labels import LUMEN
from .label_output import LABEL_FORMATS, LABEL_SUFFIXES, SEQUENCE_SUFFIXES, is_image_sequence
from .mask_files import image_files
from .run_file import segment_file

if TYPE_CHECKING:
    from ..segmenter import Segmenter

FORMATS = (*LABEL_SUFFIXES, ".seq.nrrd", ".igs.nrrd", ".igs.mha")


def segment_folder(
    source: Path,
    target: Path,
    segmenter: Segmenter,
    *,
    suffix: str | None = None,
    frame_axis: int | None = None,
    frames: slice | None = None,
    spacing: tuple[float, float] | None = None,
    label: int = LUMEN,
) -> list[dict[str, Any]]:
    """Segment a folder file by file; what fails is said at once and listed at the end.

    Files called like masks (``NAME_mask.png``, ``NAME.seg.nrrd``) are left out.

    Parameters
    ----------
    source, target : Path
        The folders.
    suffix : str, optional
        What to write of every file; left out, label maps in the format of the file, or ``.nrrd``, ``.seq.nrrd`` or
        ``.png`` where that format holds no label maps.

    Returns
    -------
    list of dict
        One report per file, with ``error`` where it failed.

    Raises
    ------
    InputError
        If the folder holds nothing that can be read.
    OutputError
        If the output is a file, or is or lies inside the input folder.
    """
    check_folders(source, target)
    if suffix is not None and suffix not in FORMATS:
        raise SettingsError(f"--format must be one of {', '.join(FORMATS)}, got {suffix!r}.")
    entries = list_sweeps(source)
    kept = set(image_files(entry.path for entry in entries))
    names = [entry.path.relative_to(source) for entry in entries if entry.path in kept]
    taken = {name for name in names if suffix is None and _holds_labels(name)}

    def run(entry: FolderEntry) -> dict[str, Any]:
        def place(sweep: Sweep) -> Path:
            name = output_name(entry.path.relative_to(source), sweep, suffix, taken)
            return made_place(target / name)

        return segment_file(
            entry.path, place, segmenter, frame_axis=frame_axis, frames=frames, spacing=spacing, label=label
        )

    return run_each([entry for entry in entries if entry.path in kept], source, target, run)


def output_name(relative: Path, sweep: Sweep, suffix: str | None, taken: set[Path]) -> Path:
    """Return the name of a file's label map, relative to the output folder; another one where it is taken."""
    if suffix is None and _holds_labels(relative):
        return relative
    own, ending = suffix_of(relative), suffix or _replacement(sweep)
    stem = relative.name[: len(relative.name) - len(own)] if own in SUFFIXES else relative.name
    name = relative.with_name(stem + ending)
    if name in taken:
        name = relative.with_name(relative.name + ending)
    taken.add(name)
    return name


def _holds_labels(path: Path) -> bool:
    return SUFFIXES.get(suffix_of(path)) in LABEL_FORMATS


def _replacement(sweep: Sweep) -> str:
    """Return what holds the label map of a file whose own format cannot."""
    if is_image_sequence(sweep) and len(sweep) > 1:
        return SEQUENCE_SUFFIXES.partition(",")[0]
    return ".png" if sweep.format_name == "JPEG" else ".nrrd"
