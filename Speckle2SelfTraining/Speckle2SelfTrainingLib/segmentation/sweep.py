"""One sweep: its scale, its maps as they are needed, and the decision on every frame."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from Speckle2SelfLib.engine import Engine
from Speckle2SelfLib.frame_path.frames import Frames, Mask

from . import temporal
from .candidates import find_candidates, plausible_areas
from .contour import draw_mask
from .maps import MapSource
from .picture import find_picture, on_grid
from .recipe import working_size
from .segmented_frame import SegmentedFrame
from .settings import SegmentSettings
from .temporal import View
from .working_scale import sample_numbers, search_scale


class SweepSegmentation:
    """The segmentation of one sweep.

    Parameters
    ----------
    frames : Frames
    engine : Engine
    side_multiple : int
    settings : SegmentSettings
    spacing : (float, float) or None
        Millimeters per row and column.
    color : bool
    keep : bool array (H, W) or None
    """

    def __init__(
        self,
        frames: Frames,
        engine: Engine,
        side_multiple: int,
        settings: SegmentSettings,
        *,
        spacing: tuple[float, float] | None = None,
        color: bool = False,
        keep: Mask | None = None,
    ) -> None:
        self.settings, self.spacing = settings, spacing
        self._maps = MapSource(frames, engine, side_multiple, color=color, keep=keep)
        self._count = len(frames)
        rows, columns = np.asarray(frames[0]).shape[:2]
        self.frame = (int(rows), int(columns))
        self._samples = sample_numbers(self._count)
        self._picture = find_picture(frames, self._samples, color=color, keep=keep)
        self._pictures: dict[tuple[int, int], Mask | None] = {}
        self.scale = self._scale()
        self.size = working_size(self.frame, spacing, self.scale)

    def results(self, wanted: Sequence[int]) -> Iterator[SegmentedFrame]:
        """Segment frames in the order of `wanted`."""
        held: dict[int, View] = {}
        for place, index in enumerate(wanted):
            ahead = self._needed(wanted[place : place + self.settings.batch])
            held = {number: held[number] for number in ahead if number in held}
            missing = [number for number in ahead if number not in held]
            urgent = sum(number not in held for number in self._needed([index]))
            if urgent:
                load = missing[: max(urgent, self.settings.batch)]
                held.update(zip(load, self._views(load, self.size), strict=True))
            yield self._decide(index, held)

    def _needed(self, wanted: Sequence[int]) -> list[int]:
        reach = temporal.REACH if self.settings.temporal else 0
        around = (number for index in wanted for number in range(index - reach, index + reach + 1))
        return list(dict.fromkeys(number for number in around if 0 <= number < self._count))

    def _views(self, indices: Sequence[int], size: tuple[int, int]) -> list[View]:
        areas = plausible_areas(self.frame, size, self.spacing)
        if size not in self._pictures:
            self._pictures[size] = on_grid(self._picture, size)
        picture = self._pictures[size]
        maps = self._maps(indices, size)
        return [View(one, find_candidates(one.probability, self.settings.threshold, areas, picture)) for one in maps]

    def _scale(self) -> float:
        if self.settings.scale is not None:
            return self.settings.scale
        return 1.0 if self.spacing is not None else search_scale(self._confidences)

    def _confidences(self, scale: float) -> list[float]:
        size = working_size(self.frame, None, scale)
        views = [self._views([index], size)[0] for index in self._samples]
        return [max((one.confidence for one in view.candidates), default=0.0) for view in views]

    def _decide(self, index: int, views: dict[int, View]) -> SegmentedFrame:
        view, settings = views[index], self.settings
        if settings.temporal:
            found = temporal.agreed(index, views, settings.threshold, settings.minimum_confidence)
        else:
            found = temporal.alone(view, settings.threshold, settings.minimum_confidence)
        mask = np.zeros(self.frame, np.uint8)
        for one in found[:1] if settings.largest else found:
            if one.mask.any():
                mask |= draw_mask(one.probability, one.mask, self.frame, one.threshold, smooth=settings.smooth)
        if view.map.picture is not None:
            mask[~view.map.picture] = 0
        if not mask.any():
            doubted = max((one.confidence for one in view.candidates), default=0.0)
            return SegmentedFrame(index, mask, doubted, False)
        return SegmentedFrame(index, mask, found[0].confidence, True)
