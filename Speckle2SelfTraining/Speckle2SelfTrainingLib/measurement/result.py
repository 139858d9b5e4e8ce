"""What a measured sweep is: rows, minimum, distension, and what has to be said about them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from .cycles import Distension
from .lumen import LumenMeasures
from .profile import Minimum

Axis = Literal["position", "time", "frame"]
AXIS_UNITS: dict[Axis, str] = {"position": "mm", "time": "s", "frame": ""}


@dataclass(frozen=True)
class FrameMeasures:
    """One frame of a sweep.

    Attributes
    ----------
    frame : int
        Its number, counted from 0.
    lumen : LumenMeasures
    position : float
        mm along the sweep; nan where it is not known.
    time : float
        Seconds; nan where it is not known.
    usable : bool
        Whether it counts for minimum, mean and distension: found, plausible, confident enough, and neither unlike its
        neighbors nor without any.
    smoothed_diameter : float
        Equivalent diameter after the running median; nan where the frame is not usable.
    center : (float, float, float) or None
        Center of the lumen in the coordinate system of the sweep, mm; None where it is not known.
    """

    frame: int
    lumen: LumenMeasures
    position: float = math.nan
    time: float = math.nan
    usable: bool = False
    smoothed_diameter: float = math.nan
    center: tuple[float, float, float] | None = None


@dataclass(frozen=True)
class SweepMeasures:
    """Every frame of a sweep, and what follows from all of them.

    Attributes
    ----------
    rows : tuple of FrameMeasures
        Every frame, in order, also those without a lumen.
    unit : {"mm", "px"}
        Unit of all lengths of the lumen.
    spacing : (float, float) or None
        Pixel size (row, column) in mm.
    axis : {"position", "time", "frame"}
        What the profile runs along.
    minimum : Minimum or None
        None where fewer than three neighboring frames are usable.
    distension : Distension or None
        Only where the profile runs along time.
    notices : tuple of str
        What has to be said with the numbers, one sentence each.
    coordinates : str or None
        Coordinate system of the centers in mm, such as "LPS"; None where frames have no known place.
    """

    rows: tuple[FrameMeasures, ...]
    unit: str
    spacing: tuple[float, float] | None
    axis: Axis
    minimum: Minimum | None
    distension: Distension | None
    notices: tuple[str, ...]
    coordinates: str | None = None

    def __len__(self) -> int:
        return len(self.rows)

    def along(self) -> list[float]:
        """Return where each frame lies on the axis of the profile; frames count from 1 there."""
        if self.axis == "frame":
            return [float(row.frame + 1) for row in self.rows]
        return [row.position if self.axis == "position" else row.time for row in self.rows]

    def table(self) -> dict[str, list[Any]]:
        """Return the columns of the table by name, units in the names; see :func:`.tables.columns_of`."""
        from .tables import columns_of

        return columns_of(self)

    def summary(self) -> dict[str, Any]:
        """Return what the whole sweep measures, units in the names, ready for JSON."""
        from .tables import summary_of

        return summary_of(self)

    def to_csv(self) -> str:
        """Return the table as text, one line per frame."""
        from .tables import csv_text

        return csv_text(self)

    def to_json(self, about: Mapping[str, Any] | None = None) -> str:
        """Return summary, notices and rows as JSON.

        Parameters
        ----------
        about : mapping, optional
            Named JSON-ready values to put in front: settings and provenance.
        """
        from .tables import json_text

        return json_text(self, about or {})

    def plot(self, title: str = "") -> bytes:
        """Return a PNG of the diameter profile.

        Parameters
        ----------
        title : str
            Printed above it, such as the name of the file.
        """
        from .figure import draw_profile

        return draw_profile(self, title)
