"""The report of a command: what was done, as JSON."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from ..errors import OutputError
from ..files.output_place import OutputPlace, writing_to


def check_report_place(report: Path, source: Path, target: Path) -> None:
    """Refuse a report that cannot be written, or that would overwrite the input, the output or another image."""
    place, given, result = (Path(os.path.realpath(path)) for path in (report, source, target))
    if place.is_dir() or not place.parent.is_dir():
        raise OutputError(f"The report {str(report)!r} cannot be written: its folder is missing, or it is a folder.")
    if place in (given, result):
        raise OutputError(f"The report {str(report)!r} must be another file than the input and the output.")
    if place.is_relative_to(given):
        raise OutputError(f"The report {str(report)!r} must not lie in the input folder: choose another folder.")
    if place.suffix.lower() != ".json" and (place.exists() or place.is_relative_to(result)):
        raise OutputError(f"The report {str(report)!r} could replace an image: give a name that ends in .json.")


def publish_report(report: Path, content: dict[str, Any]) -> None:
    """Write a report; the file appears complete or not at all."""
    place = OutputPlace(report, ())
    try:
        with writing_to(report):
            place.temporary(place.path).write_text(json.dumps(content, indent=2), encoding="utf-8")
        place.publish()
    finally:
        place.discard()
