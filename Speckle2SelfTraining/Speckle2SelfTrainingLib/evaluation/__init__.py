"""How good despeckled frames are: measures, other methods on the same frames, tables and figures.

Nothing heavy is imported before it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .boxes import Boxes
    from .comparing import compare_with_filters
    from .measuring import MEASURES, MeasuredMethod, best_methods, evaluate_frames
    from .peers import PEERS

__all__ = [
    "MEASURES",
    "PEERS",
    "Boxes",
    "MeasuredMethod",
    "best_methods",
    "compare_with_filters",
    "evaluate_frames",
]

_PLACES = {
    "MEASURES": "measuring",
    "PEERS": "peers",
    "Boxes": "boxes",
    "MeasuredMethod": "measuring",
    "best_methods": "measuring",
    "compare_with_filters": "comparing",
    "evaluate_frames": "measuring",
}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{_PLACES[name]}", __name__), name)
