"""What the commands that take folders share: file by file, past those that fail."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..errors import Cancelled, OutputError, Speckle2SelfError
from ..files import output_suffixes


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


def attempted(name: str, run: Callable[[], dict[str, Any]], source: Path, target: Path) -> dict[str, Any]:
    """Run a job on one file and return its report, with ``error`` where it failed; no folder is named in it.

    Whatever one file of thousands makes fail, a bug of ours or of a library included, is no reason to end the others.
    """
    report: dict[str, Any] = {"file": name}
    try:
        report.update(run())
    except Cancelled:
        raise
    except Exception as error:
        report["error"] = without_folders(_reason(error), source, target)
    return report


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
    said = (str(error) or type(error).__name__).partition("\n")[0]
    if isinstance(error, Speckle2SelfError | RuntimeError):
        return said
    return f"It cannot be done: {type(error).__name__}, {said}."
