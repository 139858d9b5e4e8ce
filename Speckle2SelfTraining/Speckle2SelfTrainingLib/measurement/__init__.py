"""What a segmented lumen measures: size per frame, the profile along a sweep, and how far it widens over a cine.

Nothing here looks at gray levels or runs a network: masks go in, numbers with their units come out. Names are
imported on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .cycles import Distension
    from .lumen import LumenMeasures, measure_mask
    from .positions import positions_along, sweep_positions
    from .profile import Minimum
    from .result import FrameMeasures, SweepMeasures
    from .sweep import measure_sweep

__all__ = [
    "Distension",
    "FrameMeasures",
    "LumenMeasures",
    "Minimum",
    "SweepMeasures",
    "measure_mask",
    "measure_sweep",
    "positions_along",
    "sweep_positions",
]

_MODULES = {
    "Distension": "cycles",
    "FrameMeasures": "result",
    "LumenMeasures": "lumen",
    "Minimum": "profile",
    "SweepMeasures": "result",
    "measure_mask": "lumen",
    "measure_sweep": "sweep",
    "positions_along": "positions",
    "sweep_positions": "positions",
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(f".{_MODULES[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
