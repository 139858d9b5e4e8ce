"""Leave one subject out: every subject is segmented by a model that never saw it, and its figures are right."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from labelled_samples import SPACING, a_source, labelled_frames, quick
from Speckle2SelfLib.errors import Cancelled, InputError
from Speckle2SelfTrainingLib.segmentation import SegmentedFrame
from Speckle2SelfTrainingLib.segmentation.recipe import default_network_def
from Speckle2SelfTrainingLib.segmentation.training import (
    FoldProgress,
    LabelledSource,
    SubjectTable,
    leave_one_subject_out,
    measure_agreement,
)

SMALL: dict[str, Any] = {"network_def": default_network_def((8, 16, 16)), "device": "cpu"}


class StandInSegmenter:
    """Answers with masks that the test has made, so that the figures to expect are known."""

    def __init__(self, masks: np.ndarray) -> None:
        self._masks = masks

    def stream(self, frames: Any, spacing: Any) -> Any:
        assert spacing == SPACING
        for index in range(len(frames)):
            mask = self._masks[index]
            yield SegmentedFrame(index=index, mask=mask, confidence=1.0, found=bool(mask.any()))


def squares(*sides: tuple[int, int]) -> np.ndarray:
    """Masks (N, 64, 64) of squares, each from 10 with its side, moved down."""
    masks = np.zeros((len(sides), 64, 64), np.uint8)
    for mask, (side, down) in zip(masks, sides, strict=True):
        mask[10 + down : 10 + down + side, 10 : 10 + side] = 1
    return masks


def test_dice_distance_and_diameter_are_those_of_known_shapes() -> None:
    truth, found = squares((20, 0), (20, 0), (0, 0), (20, 0)), squares((20, 0), (20, 4), (10, 0), (0, 0))
    truth[3, 40:] = 255
    source = LabelledSource.from_arrays("squares", labelled_frames(4)[0], truth, SPACING, subject="S1")
    same, moved, false_alarm, missed = measure_agreement(StandInSegmenter(found), source)  # type: ignore[arg-type]
    assert (same.dice, same.hausdorff, same.diameter_error) == (1, 0, 0)
    assert moved.dice == pytest.approx(16 / 20)
    assert (moved.hausdorff, moved.diameter_error) == (4, 0)
    assert (false_alarm.expected, false_alarm.found) == (False, True)
    assert math.isnan(false_alarm.diameter_error)
    assert (missed.dice, missed.diameter_error) == (0, -100)
    assert math.isnan(missed.hausdorff)
    table = SubjectTable([same, moved, false_alarm, missed], ["S1"])
    row, mean = table.rows
    assert (row["n"], row["missed"], row["n_without_lumen"], row["false_alarms"]) == (3, 1, 1, 1)
    assert row["dice"] == pytest.approx(1.8 / 3)
    assert row["hausdorff_px"] == pytest.approx(2)
    assert row["diameter_error_percent"] == pytest.approx(100 / 3)
    assert mean["dice"] == row["dice"]


def test_every_subject_is_left_out_once_and_a_stopped_evaluation_goes_on(tmp_path: Path) -> None:
    frames, masks = labelled_frames(2, seed=9)
    liver = LabelledSource("liver", "liver", frames, 0 * masks, SPACING, negative=True)
    sources = [a_source("S1", 3, seed=1), a_source("S2", 3, seed=2), liver]
    settings = quick(steps=2, batch_size=2)
    told: list[FoldProgress] = []

    def stop_in_the_second(progress: FoldProgress) -> bool:
        told.append(progress)
        return progress.fold == 1

    with pytest.raises(Cancelled):
        leave_one_subject_out(sources, settings, tmp_path, stop_in_the_second, **SMALL)
    assert [(step.subject, step.fold, step.folds) for step in told] == [("S1", 1, 2)] * 2 + [("S2", 2, 2)]
    told.clear()
    table = leave_one_subject_out(sources, settings, tmp_path, told.append, **SMALL)
    assert [(step.subject, step.training.step) for step in told] == [("S2", 2)]
    assert [row["subject"] for row in table.rows] == ["S1", "S2", "liver", "mean over subjects"]
    assert [row["n"] for row in table.rows] == [3, 3, 0, 6]
    assert table.rows[2]["n_without_lumen"] == 2
    kept = json.loads((tmp_path / "subjects.json").read_text())
    assert kept["subjects"][0]["dice"] == round(table.rows[0]["dice"], 4)
    assert len(kept["frames"]) == 8
    assert (tmp_path / "subjects.md").read_text().count("\n") == 6
    assert (tmp_path / "subjects.csv").read_text().startswith("subject,n,dice,hausdorff_px")
    again = leave_one_subject_out(sources, settings, tmp_path, told.append, **SMALL)
    assert len(told) == 1
    assert again.to_csv() == table.to_csv()


def test_one_subject_is_too_few() -> None:
    with pytest.raises(InputError, match="two at least, got 1"):
        leave_one_subject_out([a_source()], quick(), "unused")
