"""One frame's answer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LabelMask = NDArray[np.uint8]


@dataclass(frozen=True)
class SegmentedFrame:
    """What was found on one frame.

    Attributes
    ----------
    index : int
        Number of the frame in its sweep.
    mask : uint8 array (H, W)
        1 in the lumen, 0 elsewhere; all 0 where none was found.
    confidence : float
        0 to 1: the overlap (intersection over union) with the true lumen that the network itself expects, see
        :func:`~.confidence.expected_overlap`. 0 where the network sees no candidate at all; a candidate that was
        refused leaves its number here.
    found : bool
        Whether a lumen was found.
    """

    index: int
    mask: LabelMask
    confidence: float
    found: bool
