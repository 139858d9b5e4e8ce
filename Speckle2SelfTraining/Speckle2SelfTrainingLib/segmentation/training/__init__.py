"""Training of segmentation models: labelled frames in, a model bundle out.

Names are imported on first use, so that a panel may offer training without loading torch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..augmentation import NO_AUGMENTATION, Augmentation
    from .agreement import FrameAgreement, measure_agreement
    from .gathering import gather_labelled, gather_negatives
    from .leaving_out import FoldProgress, leave_one_subject_out
    from .progress import SegmentationProgress
    from .result import save_segmentation_model
    from .settings import SegmentationTrainingSettings, adaptation_settings
    from .sources import LabelledSource
    from .splitting import SubjectSplit, split_by_subject
    from .subject_table import SubjectTable
    from .trainer import SegmentationTraining

__all__ = [
    "NO_AUGMENTATION",
    "Augmentation",
    "FoldProgress",
    "FrameAgreement",
    "LabelledSource",
    "SegmentationProgress",
    "SegmentationTraining",
    "SegmentationTrainingSettings",
    "SubjectSplit",
    "SubjectTable",
    "adaptation_settings",
    "gather_labelled",
    "gather_negatives",
    "leave_one_subject_out",
    "measure_agreement",
    "save_segmentation_model",
    "split_by_subject",
]

_MODULES = {
    "NO_AUGMENTATION": ".augmentation",
    "Augmentation": ".augmentation",
    "FoldProgress": "leaving_out",
    "FrameAgreement": "agreement",
    "LabelledSource": "sources",
    "SegmentationProgress": "progress",
    "SegmentationTraining": "trainer",
    "SegmentationTrainingSettings": "settings",
    "SubjectSplit": "splitting",
    "SubjectTable": "subject_table",
    "adaptation_settings": "settings",
    "gather_labelled": "gathering",
    "gather_negatives": "gathering",
    "leave_one_subject_out": "leaving_out",
    "measure_agreement": "agreement",
    "save_segmentation_model": "result",
    "split_by_subject": "splitting",
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(f".{_MODULES[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
