"""Despeckle every sweep of a folder into another folder, under the same relative names."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import OutputError, Speckle2SelfError
from ..files import list_sweeps
from .run_file import despeckle_file

if TYPE_CHECKING:
    from ..despeckler import Despeckler


def despeckle_folder(
    source: Path, target: Path, despeckler: Despeckler, *, frame_axis: int | None = None, frames: slice | None = None
) -> list[dict[str, Any]]:
    """Despeckle a folder file by file; what fails is said at once and listed at the end.

    Returns
    -------
    list of dict
        One report per file, with ``error`` where it failed.

    Raises
    ------
    InputError
        If the folder holds nothing that can be read.
    OutputError
        If the output folder cannot be made, or is or lies inside the input folder.
    """
    if target.exists() and not target.is_dir():
        raise OutputError(f"The output {str(target)!r} is a file, but the input is a folder: give a folder.")
    if target.resolve().is_relative_to(source.resolve()):
        raise OutputError("The output folder must not be the input folder or lie inside it.")
    reports = []
    for entry in list_sweeps(source):
        place = target / entry.output_name
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"The output folder {str(place.parent)!r} cannot be made ({error.strerror}).") from error
        name = {"file": entry.path.relative_to(source).as_posix()}
        try:
            reports.append(
                {**name, **despeckle_file(entry.path, place, despeckler, frame_axis=frame_axis, frames=frames)}
            )
        except Speckle2SelfError as error:
            print(f"speckle2self: {name['file']}: {error}", file=sys.stderr)
            reports.append({**name, "error": str(error)})
    failed = [str(report["file"]) for report in reports if "error" in report]
    if failed:
        print(f"speckle2self: {len(failed)} of {len(reports)} files failed: {', '.join(failed)}", file=sys.stderr)
    return reports
