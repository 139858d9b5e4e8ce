"""Training on nodes of the MRML scene; runs in the desktop and on ``slicer-core`` alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .job import TrainingJob
    from .trainer import SceneTrainer

__all__ = ["SceneTrainer", "TrainingJob"]


def __getattr__(name: str) -> Any:
    if name == "SceneTrainer":
        from .trainer import SceneTrainer

        return SceneTrainer
    if name == "TrainingJob":
        from .job import TrainingJob

        return TrainingJob
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
