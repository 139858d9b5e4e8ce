"""Model bundles: networks with what they are, what they were trained on and what they are for, in MONAI's layout.

Of a bundle only ``configs/metadata.json`` and the weights are ever read: MONAI evaluates expressions in other configs.

Names are imported on first use, so that listing the shipped models loads no torch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .model import Bundle
    from .reading import load_bundle
    from .shipped import shipped_models
    from .trained import trained_models
    from .writing import save_bundle

__all__ = ["Bundle", "load_bundle", "save_bundle", "shipped_models", "trained_models"]

_MODULES = {
    "Bundle": "model",
    "load_bundle": "reading",
    "save_bundle": "writing",
    "shipped_models": "shipped",
    "trained_models": "trained",
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(f".{_MODULES[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
