"""How a lumen is learned: network, normalization, working scale, augmentation, loss and schedule.

Training, inference and fine-tuning share these, so that what a network sees is made in one place.
"""

from __future__ import annotations

from ..augmentation import Augmentation
from .batches import BatchSettings, Example, make_batch, prepare
from .loss import segmentation_loss
from .network import SIDE_MULTIPLE, default_network_def, make_network
from .normalize import normalize
from .schedule import learning_rate
from .working_size import LONG_SIDE, TARGET_SPACING, working_size

__all__ = [
    "LONG_SIDE",
    "SIDE_MULTIPLE",
    "TARGET_SPACING",
    "Augmentation",
    "BatchSettings",
    "Example",
    "default_network_def",
    "learning_rate",
    "make_batch",
    "make_network",
    "normalize",
    "prepare",
    "segmentation_loss",
    "working_size",
]
