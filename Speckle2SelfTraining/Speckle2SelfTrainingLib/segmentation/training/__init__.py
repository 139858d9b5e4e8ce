"""Training of segmentation models: labelled frames in, a model bundle out.

Names are imported on first use, so that a panel may offer training without loading torch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .augmentation import Augmentation
    from .settings import SegmentationTrainingSettings, adaptation_settings

__all__ = ["Augmentation", "SegmentationTrainingSettings", "adaptation_settings"]

_MODULES = {
    "Augmentation": "augmentation",
    "SegmentationTrainingSettings": "settings",
    "adaptation_settings": "settings",
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(f".{_MODULES[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
