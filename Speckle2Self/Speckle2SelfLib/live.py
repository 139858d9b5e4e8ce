"""Despeckling a live stream, of which only the past is known: the intensity range runs along with it."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

import numpy as np

from .despeckler import Despeckler
from .frame_path.frames import Frame, Gray
from .frame_path.statistics import SweepStatistics, b_mode, robust_range
from .parallel import small_steps

MEMORY = 0.95
REFRESH_FRAMES = 32


class LiveDespeckler:
    """Despeckle frames as they arrive.

    Picture area and speckle grain are taken from the first frame and again from every 32 frames; the intensity range
    follows slowly (95 % of the old one, 5 % of the new frame's), so that the picture does not pump.

    Parameters
    ----------
    despeckler : Despeckler
    color : bool
        Frames are (H, W, 3 or 4) instead of (H, W).
    """

    def __init__(self, despeckler: Despeckler, *, color: bool = False) -> None:
        self._despeckler, self._color = despeckler, color
        self._recent: deque[Frame] = deque(maxlen=REFRESH_FRAMES)
        self._since_refresh = 0
        self._statistics: SweepStatistics | None = None

    def __call__(self, frame: Frame) -> Frame:
        """Despeckle the newest frame; its size and type may change at any time.

        Raises
        ------
        InputError
            If the frame cannot be despeckled.
        """
        if self._recent and (frame.shape, frame.dtype) != (self._recent[-1].shape, self._recent[-1].dtype):
            self._recent.clear()
            self._statistics = None
        if frame.dtype.kind == "f" and not np.isfinite(frame).any():
            return np.array(frame)
        self._recent.append(np.array(frame))
        statistics = self._next_statistics(frame) if self._despeckler.needs_statistics else None
        ((_, result),) = self._despeckler.stream([frame], color=self._color, statistics=statistics)
        return result

    def use(self, despeckler: Despeckler) -> None:
        """Go on with another despeckler, because settings changed."""
        if despeckler.statistics_choices != self._despeckler.statistics_choices:
            self._statistics = None
        self._despeckler = despeckler

    def _next_statistics(self, frame: Frame) -> SweepStatistics:
        known = self._statistics
        self._since_refresh += 1
        if known is None or known.span <= 0 or self._since_refresh >= REFRESH_FRAMES:
            fresh = self._despeckler.analyze(list(self._recent), color=self._color)
            known = fresh if known is None or known.span <= 0 else replace(fresh, low=known.low, high=known.high)
            self._since_refresh = 0
        gray: Gray = b_mode(frame, self._despeckler.settings, known.reference, known.fast_axis, color=self._color)
        if np.isfinite(gray).any():
            with small_steps((frame.shape[0], frame.shape[1])):
                low, high = robust_range(gray[None], known.valid)
            # A stream that starts black tells nothing about its range.
            memory = MEMORY if known.span > 0 else 0.0
            known = replace(
                known, low=memory * known.low + (1 - memory) * low, high=memory * known.high + (1 - memory) * high
            )
        self._statistics = known
        return known
