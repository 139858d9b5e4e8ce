"""Despeckle every sweep of a folder into another folder, under the same relative names."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import OutputError, Speckle2SelfError
from ..files import FolderEntry, list_sweeps, output_suffixes
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
        If the output is a file, or is or lies inside the input folder.
    """
    check_folders(source, target)

    def run(entry: FolderEntry) -> dict[str, Any]:
        place = made_place(target / entry.output_name)
        return despeckle_file(entry.path, place, despeckler, frame_axis=frame_axis, frames=frames)

    return run_each(list_sweeps(source), source, target, run)


def check_folders(source: Path, target: Path) -> None:
    """Refuse an output that is a file, or is or lies inside the input folder."""
    if target.exists() and not target.is_dir():
        raise OutputError(f"The output {str(target)!r} is a file, but the input is a folder: give a folder.")
    if target.suffix.lower() in output_suffixes() and not target.exists():
        raise OutputError(
            f"The output {str(target)!r} names a file, but the input is a folder: give a folder, "
            "or --stack to make one sweep of its images."
        )
    if target.resolve().is_relative_to(source.resolve()):
        raise OutputError("The output folder must not be the input folder or lie inside it.")


def made_place(place: Path) -> Path:
    """Return an output path whose folder exists now."""
    place.parent.mkdir(parents=True, exist_ok=True)
    return place


def run_each(
    entries: Iterable[FolderEntry], source: Path, target: Path, run: Callable[[FolderEntry], dict[str, Any]]
) -> list[dict[str, Any]]:
    """Run a job on file after file; what fails is said at once and listed at the end.

    Returns
    -------
    list of dict
        One report per file, with ``error`` where it failed.
    """
    reports = []
    for entry in entries:
        report: dict[str, Any] = {"file": entry.path.relative_to(source).as_posix()}
        try:
            report.update(run(entry))
        except (Speckle2SelfError, MemoryError, OSError, RuntimeError) as error:
            print(f"speckle2self: {report['file']}: {_reason(error)}", file=sys.stderr)
            report["error"] = without_folders(_reason(error), source, target)
        reports.append(report)
    failed = [str(report["file"]) for report in reports if "error" in report]
    if failed:
        print(f"speckle2self: {len(failed)} of {len(reports)} files failed: {', '.join(failed)}", file=sys.stderr)
    return reports


def without_folders(text: str, *folders: Path) -> str:
    """Return a message in which files are named as seen from these folders: reports travel, folders of users do not."""
    shown = {str(form) for folder in folders for form in (folder, folder.absolute(), folder.resolve())}
    for folder in sorted(shown, key=len, reverse=True):
        text = re.sub(rf"(?<![\w./\\]){re.escape(folder)}[/\\]+", "", text)
        if os.path.isabs(folder):
            text = re.sub(rf"{re.escape(folder)}(?!\w)", ".", text)
    return text


def _reason(error: BaseException) -> str:
    if isinstance(error, MemoryError):
        return "There is not enough memory for these frames: close other programs."
    if isinstance(error, OSError):
        return f"It cannot be read or written ({error.strerror or error})."
    return (str(error) or type(error).__name__).partition("\n")[0]
