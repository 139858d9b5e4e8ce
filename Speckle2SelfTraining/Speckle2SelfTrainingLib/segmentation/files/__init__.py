"""Label maps and segmentations in files: reading, writing, and segmenting a file or a folder into them.

Names are imported on first use, so that nothing heavy is loaded before a file is opened.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .label_sweep import LabelSweep
    from .reading import read_labels
    from .spacing import pixel_spacing

__all__ = ["LabelSweep", "pixel_spacing", "read_labels"]

_MODULES = {
    "LabelSweep": "label_sweep",
    "pixel_spacing": "spacing",
    "read_labels": "reading",
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(f".{_MODULES[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
