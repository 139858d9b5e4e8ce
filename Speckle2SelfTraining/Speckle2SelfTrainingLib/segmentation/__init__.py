"""The lumen of the common carotid artery on B-mode frames: segmenting them, and the models that do it.

Names are imported on first use, so that a panel and the command line may offer segmentation without loading torch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .labels import LUMEN, LUMEN_NAME, LUMEN_TERMINOLOGY
    from .model import SegmentationModel
    from .reading import load_segmentation_model, segmentation_models
    from .segmented_frame import SegmentedFrame
    from .segmenter import Segmenter
    from .settings import SegmentSettings
    from .writing import write_segmentation_model

__all__ = [
    "LUMEN",
    "LUMEN_NAME",
    "LUMEN_TERMINOLOGY",
    "SegmentSettings",
    "SegmentationModel",
    "SegmentedFrame",
    "Segmenter",
    "load_segmentation_model",
    "segmentation_models",
    "write_segmentation_model",
]

_MODULES = {
    "LUMEN": "labels",
    "LUMEN_NAME": "labels",
    "LUMEN_TERMINOLOGY": "labels",
    "SegmentSettings": "settings",
    "SegmentationModel": "model",
    "SegmentedFrame": "segmented_frame",
    "Segmenter": "segmenter",
    "load_segmentation_model": "reading",
    "segmentation_models": "reading",
    "write_segmentation_model": "writing",
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(f".{_MODULES[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
