"""The measures give the figures that were published for the authors' own outputs and their peers'."""

from __future__ import annotations

from pathlib import Path

import pytest
from Speckle2SelfTrainingLib.evaluation.boxes import BoxFile
from Speckle2SelfTrainingLib.evaluation.measuring import MeasuredMethod, evaluate_frames
from Speckle2SelfTrainingLib.evaluation.peers import PEERS
from Speckle2SelfTrainingLib.evaluation.sets import EvaluationSet, file_set

NAMES = ("homogeneity", "msr", "enl", "cnr", "edges_3", "edges_1", "tone", "black")
PRECISION = (0.001, 0.01, 0.1, 0.01, 0.001, 0.001, 0.001, 0.001)
FIGURES = {
    "input": (0.174, 2.96, 8.9, 2.36, 1, 1, 1, 0.415),
    "OurMethod": (0.586, 10.55, 115.0, 7.29, 0.906, 0.809, 1.448, 0.638),
    "srad": (0.451, 7.52, 58.5, 5.08, 0.824, 0.681, 1.670, 0.168),
    "nlm": (0.489, 7.59, 59.7, 5.38, 0.916, 0.809, 1.338, 0.132),
    "bm3d": (0.466, 6.30, 40.8, 4.74, 1.018, 0.933, 1.266, 0.438),
    "obnlm": (0.286, 8.26, 69.8, 4.06, 0.672, 0.555, 1.718, 0.205),
}
TV_FIGURES = (0.587, 7.67, 60.7, 5.26, 0.810, 0.669, 1.000, 0.121)


@pytest.fixture(scope="module")
def published(shared: Path) -> EvaluationSet:
    folder = shared / "data" / "published-carotid-comparison"
    files = {name: [folder / f"{name}_0{number}.gif" for number in (1, 2, 3)] for name in ("Input", *list(FIGURES)[1:])}
    inputs = files.pop("Input")
    boxes = BoxFile.read(folder / "boxes.json")
    return file_set(inputs, limit=3, boxes=boxes, independent=True, results=files)


@pytest.fixture(scope="module")
def rows(published: EvaluationSet) -> dict[str, MeasuredMethod]:
    measured = evaluate_frames(published.frames, published.results, boxes=published.boxes)
    return {row.method: row for row in measured}


@pytest.mark.parametrize("method", FIGURES)
def test_a_published_output_measures_as_stated(rows: dict[str, MeasuredMethod], method: str) -> None:
    assert rows[method].frames == 9
    for name, expected, precision in zip(NAMES, FIGURES[method], PRECISION, strict=True):
        # The statement is rounded to its last digit.
        assert rows[method].values[name] == pytest.approx(expected, abs=0.51 * precision + 1e-9), name


def test_total_variation_run_here_measures_as_stated(published: EvaluationSet) -> None:
    results = PEERS["tv"].run(published.frames, {"weight": 0.2})
    row = evaluate_frames(published.frames, {"tv": results}, boxes=published.boxes)[1]
    for name, expected, precision in zip(NAMES, TV_FIGURES, PRECISION, strict=True):
        assert row.values[name] == pytest.approx(expected, abs=0.51 * precision + 1e-9), name


def test_eight_of_the_nine_frames_carry_boxes(published: EvaluationSet) -> None:
    assert sum(boxes.tissue is not None for boxes in published.boxes) == 8
    assert published.flicker is None
