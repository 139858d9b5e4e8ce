"""Training, segmenting, measuring and comparing on nodes of the scene; in the desktop and on ``slicer-core`` alike."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .evaluating_job import EvaluatingJob
    from .evaluator import SceneEvaluator
    from .job import TrainingJob
    from .label_trainer import SceneLabelTrainer
    from .measurer import MeasuringJob, SceneMeasurer
    from .segmenter import SceneSegmenter, SegmentingJob
    from .trainer import SceneTrainer

__all__ = [
    "EvaluatingJob",
    "MeasuringJob",
    "SceneEvaluator",
    "SceneLabelTrainer",
    "SceneMeasurer",
    "SceneSegmenter",
    "SceneTrainer",
    "SegmentingJob",
    "TrainingJob",
]

_MODULES = {
    "EvaluatingJob": "evaluating_job",
    "MeasuringJob": "measurer",
    "SceneEvaluator": "evaluator",
    "SceneLabelTrainer": "label_trainer",
    "SceneMeasurer": "measurer",
    "SceneSegmenter": "segmenter",
    "SceneTrainer": "trainer",
    "SegmentingJob": "segmenter",
    "TrainingJob": "job",
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(f".{_MODULES[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
