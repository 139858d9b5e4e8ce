"""What speaks against a measured region being one whole lumen seen across.

The limits are wide: they are to catch what is wrong, not what is ill. Of 200 carotid lumens outlined by experts in six
subjects the most irregular one filled 0.96 of its ellipse and the longest one was 1.5 times as long as wide.
"""

from __future__ import annotations

CUT = "cut off by the border of the frame"
IRREGULAR = "no oval outline"
ELONGATED = "more than 2.5 times as long as wide: cut obliquely or along the vessel"
SEVERAL = "one of several regions of similar size"
HOLES = "has holes"
SMALL = "under 1.5 mm wide"
LARGE = "over 15 mm wide"
TINY = "only a few pixels wide"

OVAL_SHARE = 0.9  # of the ellipse with the same second moments
LONGEST = 2.5
SIMILAR = 0.1
HOLE_SHARE = 0.02
DIAMETERS = (1.5, 15.0)  # mm
FEWEST_PIXELS = 8.0


def doubts_about(
    unit: str, diameter: float, axes: tuple[float, ...], *, cut: bool, filled: float, others: float
) -> tuple[str, ...]:
    """Return what speaks against a region.

    Parameters
    ----------
    unit : {"mm", "px"}
    diameter : float
        Equivalent diameter.
    axes : (float, float)
        Minor and major axis.
    cut : bool
        Whether the region touches the border of the frame: its size is then a lower bound.
    filled : float
        Share of holes.
    others : float
        Size of the second largest region as a share of this one.
    """
    minor, major = axes
    found = {
        CUT: cut,
        IRREGULAR: diameter**2 < OVAL_SHARE * minor * major,
        ELONGATED: major > LONGEST * minor,
        SEVERAL: others > SIMILAR,
        HOLES: filled > HOLE_SHARE,
        SMALL: unit == "mm" and diameter < DIAMETERS[0],
        LARGE: unit == "mm" and diameter > DIAMETERS[1],
        TINY: unit == "px" and diameter < FEWEST_PIXELS,
    }
    return tuple(doubt for doubt, present in found.items() if present)
