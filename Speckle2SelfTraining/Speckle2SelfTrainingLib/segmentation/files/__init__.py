"""Label maps and segmentations in files: reading, writing, and segmenting a file or a folder into them.

Names are imported on first use, so that nothing heavy is loaded before a file is opened.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .label_output import label_writer
    from .label_sweep import LabelSweep
    from .reading import read_labels
    from .run_file import segment_file
    from .run_folder import segment_folder
    from .spacing import pixel_spacing
    from .terminology import LUMEN_COLOR, terminology_entry

__all__ = [
    "LUMEN_COLOR",
    "LabelSweep",
    "label_writer",
    "pixel_spacing",
    "read_labels",
    "segment_file",
    "segment_folder",
    "terminology_entry",
]

_MODULES = {
    "LUMEN_COLOR": "terminology",
    "LabelSweep": "label_sweep",
    "label_writer": "label_output",
    "pixel_spacing": "spacing",
    "read_labels": "reading",
    "segment_file": "run_file",
    "segment_folder": "run_folder",
    "terminology_entry": "terminology",
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(f".{_MODULES[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
