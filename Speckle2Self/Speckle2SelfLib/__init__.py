"""Speckle2Self: speckle reduction for medical ultrasound.

This library runs without 3D Slicer (numpy and torch); :mod:`Speckle2SelfLib.scene` alone talks to a MRML scene.
Importing it loads neither numpy nor torch: names are resolved on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from .despeckler import Despeckler

__all__ = ["Despeckler", "__version__"]


def __getattr__(name: str) -> Any:
    if name == "Despeckler":
        from .despeckler import Despeckler

        return Despeckler
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
