"""Everything that decides what a segmentation computes, as one validated object; imports nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral

from Speckle2SelfLib.errors import SettingsError
from Speckle2SelfLib.settings import in_range, switch

from ..training.plain_settings import PlainSettings

DEFAULT_THRESHOLD = 0.5
DEFAULT_MINIMUM_CONFIDENCE = 0.85
"""Above what carotid models say of livers and limbs that they have not seen (below 0.85), below what they say of
carotids of subjects and machines that they have not seen (0.92 and more)."""
SMALLEST_SCALE, LARGEST_SCALE = 0.25, 4.0
LARGEST_BATCH = 256


@dataclass(frozen=True)
class SegmentSettings(PlainSettings):
    """Settings of one segmentation.

    Parameters
    ----------
    despeckle : float or None
        Despeckle the frames with this strength first, 0 to 1; None leaves them as they are.
    temporal : bool
        Let neighboring frames of a sweep decide together: a detection that no neighbor shares is dropped, a single
        missing frame that its own probability supports is filled, boundaries are steadied.
    largest : bool
        Keep one connected lumen per frame; False keeps all, as where the artery has divided.
    smooth : bool
        Smooth the contour lightly; its area stays.
    threshold : float
        Probability from which a pixel is lumen, 0.05 to 0.95.
    minimum_confidence : float
        Frames of lower confidence count as without a lumen, 0 to 1.
    scale : float or None
        How much larger than usual the network sees the frames, 0.25 to 4; None: as usual where the size of pixels is
        known, searched where it is not.
    batch : int
        Frames per network call, 1 to 256.

    Raises
    ------
    SettingsError
        If a value is outside what is listed above.
    """

    despeckle: float | None = None
    temporal: bool = True
    largest: bool = True
    smooth: bool = True
    threshold: float = DEFAULT_THRESHOLD
    minimum_confidence: float = DEFAULT_MINIMUM_CONFIDENCE
    scale: float | None = None
    batch: int = 4

    def __post_init__(self) -> None:
        for name in ("temporal", "largest", "smooth"):
            self._store(name, switch(name, getattr(self, name)))
        if self.despeckle is not None:
            self._store("despeckle", in_range("despeckle", self.despeckle, 0.0, 1.0))
        if self.scale is not None:
            self._store("scale", in_range("scale", self.scale, SMALLEST_SCALE, LARGEST_SCALE))
        self._store("threshold", in_range("threshold", self.threshold, 0.05, 0.95))
        self._store("minimum_confidence", in_range("minimum_confidence", self.minimum_confidence, 0.0, 1.0))
        if not isinstance(self.batch, Integral) or isinstance(self.batch, bool) or not 1 <= self.batch <= LARGEST_BATCH:
            raise SettingsError(f"batch must be a whole number from 1 to {LARGEST_BATCH}, got {self.batch!r}.")
        self._store("batch", int(self.batch))
