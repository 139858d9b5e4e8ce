"""Training and fine-tuning: sweeps in, a model bundle out.

Names are imported on first use, so that a panel may offer training without loading torch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .progress import TrainingProgress, TrainingResult
    from .result import save_trained
    from .settings import Augmentation, TrainingSettings, adaptation_settings, published_settings
    from .sources import FrameSource, gather_sources
    from .splitting import split_sources
    from .trainer import Training

__all__ = [
    "Augmentation",
    "FrameSource",
    "Training",
    "TrainingProgress",
    "TrainingResult",
    "TrainingSettings",
    "adaptation_settings",
    "gather_sources",
    "published_settings",
    "save_trained",
    "split_sources",
]

_MODULES = {
    "Augmentation": "settings",
    "FrameSource": "sources",
    "Training": "trainer",
    "TrainingProgress": "progress",
    "TrainingResult": "progress",
    "TrainingSettings": "settings",
    "adaptation_settings": "settings",
    "gather_sources": "sources",
    "published_settings": "settings",
    "save_trained": "result",
    "split_sources": "splitting",
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(f".{_MODULES[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
