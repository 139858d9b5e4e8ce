"""What a job waits for, one stage after the other."""

from __future__ import annotations

from enum import Enum


class Stage(Enum):
    """Stages of a job in the worker process."""

    SENDING = "the frames go to the worker"
    STARTING = "the worker process starts and imports torch"
    LOADING = "the model is loaded, unless it is warm"
    MEASURING = "the sweep is measured and the first frames are computed"
    COMPUTING = "results arrive"
