"""Loaded segmentation models, kept between jobs."""

from __future__ import annotations

from Speckle2SelfLib.bundle.kinds import SEGMENTATION
from Speckle2SelfLib.worker.warm import WarmModels, last_change

from ..segmentation import Segmenter
from .segment_order import SegmentOrder


class WarmSegmenters:
    """The last few segmenters, one for each model file, device and batch."""

    def __init__(self) -> None:
        self._models: WarmModels[Segmenter] = WarmModels()

    def get(self, order: SegmentOrder) -> Segmenter:
        """Return a segmenter with these settings, its network loaded at most once.

        Raises
        ------
        ModelError, DeviceError, DependencyError
            If the model cannot be loaded, the device does not exist, or a package is missing.
        """

        def load(kept: Segmenter | None) -> Segmenter:
            if kept is None:
                return Segmenter(order.model, order.device, order.settings)
            return kept if kept.settings == order.settings else kept.with_settings(order.settings)

        key = (order.model, last_change(order.model, SEGMENTATION), order.device, order.settings.batch)
        return self._models.keep(key, load)
