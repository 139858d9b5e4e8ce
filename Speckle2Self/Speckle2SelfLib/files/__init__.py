"""Open and write every kind of file that holds an ultrasound sweep.

Nothing heavy is imported before a file of that kind is opened.
"""

from __future__ import annotations

from .folder import FolderEntry, iter_sweeps, list_sweeps
from .registry import open_sweep, output_suffixes
from .sweep import Geometry, Sweep, SweepWriter

__all__ = [
    "FolderEntry",
    "Geometry",
    "Sweep",
    "SweepWriter",
    "iter_sweeps",
    "list_sweeps",
    "open_sweep",
    "output_suffixes",
]
