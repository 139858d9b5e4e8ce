"""Comparison with other filters in the worker process: the kind "evaluate" of :mod:`Speckle2SelfLib.worker.jobs`.

The job has ``order`` (see :class:`.evaluation_order.EvaluationOrder`), and what
:mod:`Speckle2SelfLib.worker.frames_job` says of its frames, its reports and its end; a result is one picture of one
method. Reported are also ``method`` (number of the method, from 0) when one begins, ``step`` after each of its frames,
and with ``done``: ``rows`` (what was measured), ``boxes`` (of each frame), ``not_measured`` (why, by method), ``table``
(as CSV) and ``figure`` (name of a PNG file beside the results, or None).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from Speckle2SelfLib.despeckler import Despeckler
from Speckle2SelfLib.frame_path.sector import find_sector
from Speckle2SelfLib.settings import DespeckleSettings
from Speckle2SelfLib.worker.frames_job import FramesJob
from Speckle2SelfLib.worker.jobs import JobContext
from Speckle2SelfLib.worker.protocol import Message

from ..evaluation.boxes import Boxes, find_boxes
from ..evaluation.cache import ResultCache
from ..evaluation.frames import LEVELS, Gray8, GrayFrames
from ..evaluation.job import EvaluatedSet, Evaluation
from ..evaluation.report import csv_text
from ..evaluation.running import MethodRunner
from ..evaluation.sets import EvaluationSet, Group
from .evaluation_order import EvaluationOrder

FIGURE = "figure.png"
SET_NAME = "sweep"

Picture = tuple[int, Gray8, dict[str, Any]]


def run(message: Message, context: JobContext) -> None:
    """Run every method on the frames of a file, pictures of uint8 into another one, and measure them."""
    context.stop_if_cancelled()
    job, order = FramesJob.from_message(message), EvaluationOrder.from_dict(message["order"])
    despeckler = context.despecklers.get(DespeckleSettings(model=order.model, device=order.device))
    context.stop_if_cancelled()
    evaluations: list[Evaluation] = []

    def compute(frames: np.ndarray[Any, Any]) -> Iterator[Picture]:
        evaluated = evaluation_set(GrayFrames(frames, color=job.color), order)
        evaluations.append(Evaluation(evaluated, evaluated, MethodRunner(ResultCache(None), _step(context))))
        return _pictures(evaluations[0], order, despeckler, context)

    job.run(context, np.dtype(np.uint8), job.source.shape[1:3], despeckler.engine.device, compute)
    result = evaluations[0].result
    figure, notes = _draw(result, job.output.parent)
    context.stop_if_cancelled()
    context.report(
        "done",
        provenance=despeckler.provenance(),
        notes=[*despeckler.engine.notes, *notes],
        rows=[dataclasses.asdict(dataclasses.replace(row, per_frame=[])) for row in result.rows],
        boxes=[[boxes.tissue, boxes.lumen] for boxes in result.evaluated.boxes],
        not_measured=result.not_measured,
        table=csv_text([result]),
        figure=figure,
    )


def evaluation_set(gray: GrayFrames, order: EvaluationOrder) -> EvaluationSet:
    """Return the compared frames with their boxes: the given ones, and for each frame those that are missing."""
    # copies: some filters write to what they get, and no file may stay mapped when the job is done
    frames = [np.array(gray[position]) for position in order.frames]
    samples = [np.array(gray[position]) for position in range(len(gray)) if position not in order.frames]
    valid = find_sector(np.stack(frames).astype(np.float32) / np.float32(LEVELS))
    boxes = []
    for frame, given in zip(frames, order.boxes, strict=True):
        found = find_boxes(frame, valid) if None in (given.tissue, given.lumen) else Boxes()
        boxes.append(Boxes(given.tissue or found.tissue, given.lumen or found.lumen))
    return EvaluationSet(
        name=SET_NAME,
        about="frames of a sweep",
        frames=frames,
        boxes=boxes,
        groups=[Group(tuple(range(len(frames))), samples=samples)],
        sources=list(order.sources),
    )


def _pictures(
    evaluation: Evaluation, order: EvaluationOrder, despeckler: Despeckler, context: JobContext
) -> Iterator[Picture]:
    numbers = {picture: number for number, picture in enumerate(order.pictures)}
    for position, method in enumerate(order.methods):
        context.report("method", number=position)
        if method.strength is not None:
            frames = evaluation.one_strength(despeckler, method.strength, method.title)
        elif method.peer is not None:
            frames = evaluation.peer(method.peer, tune=False)
        else:
            frames = evaluation.result.evaluated.frames
        for index, frame in enumerate(frames):
            yield numbers[method.title, index], frame, {}


def _step(context: JobContext) -> Any:
    def step(_text: str) -> None:
        context.report("step")
        context.stop_if_cancelled()

    return step


def _draw(result: EvaluatedSet, folder: Path) -> tuple[str | None, list[str]]:
    """Draw the methods side by side; without matplotlib there is no figure, and a note says so."""
    from ..evaluation.figures import side_by_side

    try:
        side_by_side(result, folder / FIGURE)
    except ModuleNotFoundError as error:
        return None, [f"There is no figure, as the Python package {error.name!r} is missing."]
    return FIGURE, []
