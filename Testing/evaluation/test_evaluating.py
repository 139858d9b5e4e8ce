"""Tables from frames in memory, and simulated sets."""

from __future__ import annotations

import numpy as np
import pytest
from evaluation_samples import a_set, clean_frame, speckled_frame
from Speckle2SelfLib.despeckler import Despeckler
from Speckle2SelfLib.errors import Cancelled, InputError
from Speckle2SelfTrainingLib.evaluation import best_methods, compare_with_filters, evaluate_frames
from Speckle2SelfTrainingLib.evaluation.cache import ResultCache
from Speckle2SelfTrainingLib.evaluation.frames import GrayFrames
from Speckle2SelfTrainingLib.evaluation.job import Evaluation
from Speckle2SelfTrainingLib.evaluation.peers import PEERS
from Speckle2SelfTrainingLib.evaluation.running import MethodRunner
from Speckle2SelfTrainingLib.evaluation.sets import SWEEP_FRAMES, cropped, middle, simulated_set


def test_the_input_comes_first_and_the_truth_wins_every_measure_of_truth() -> None:
    frames, truth = [speckled_frame(seed) for seed in range(3)], [clean_frame()] * 3
    rows = evaluate_frames(frames, {"half": [(f // 2 + t // 2) for f, t in zip(frames, truth, strict=True)]})
    assert [row.method for row in rows] == ["input", "half"]
    assert "psnr" not in rows[0].values
    rows = evaluate_frames(frames, {"noisy": frames, "perfect": truth}, truth=truth)
    best = best_methods(rows)
    assert {best[name] for name in ("psnr", "ssim", "gmsd", "edge")} == {"perfect"}
    assert best["tone"] == "noisy"


def test_values_are_means_over_the_frames() -> None:
    frames, truth = [speckled_frame(seed) for seed in range(3)], [clean_frame()] * 3
    (row,) = evaluate_frames(frames, {}, truth=truth)
    assert row.values["psnr"] == pytest.approx(np.mean([values["psnr"] for values in row.per_frame]))
    assert row.values["edges_3"] == pytest.approx(1)


def test_flicker_is_measured_only_where_frames_follow_each_other() -> None:
    sweep = [np.asarray(speckled_frame() * gain, np.uint8) for gain in (1.0, 0.8, 1.0, 0.8)]
    steady = [sweep[0]] * 4
    assert "flicker" not in evaluate_frames(sweep, {"steady": steady})[1].values
    rows = evaluate_frames(sweep, {"steady": steady}, consecutive=True)
    assert rows[0].values["flicker"] == pytest.approx(1)
    assert rows[1].values["flicker"] == 0


@pytest.mark.parametrize(
    ("results", "truth", "expected"),
    [
        ({"a": [speckled_frame()] * 3}, None, "3 frames, the input 2"),
        ({"a": [speckled_frame(size=48)] * 2}, None, "shape"),
        ({"a": [speckled_frame() / 255] * 2}, None, "uint8"),
        ({}, [clean_frame()], "truth has 1 frames"),
    ],
)
def test_frames_that_do_not_fit_are_refused(results: dict, truth: list | None, expected: str) -> None:
    with pytest.raises(InputError, match=expected):
        evaluate_frames([speckled_frame()] * 2, results, truth=truth)


def test_filters_are_run_beside_a_result_and_progress_can_cancel() -> None:
    frames = [speckled_frame(), speckled_frame(1)]
    seen: list[tuple[int, int]] = []
    rows = compare_with_filters(
        frames, {"ours": frames}, peers="tv,median", progress=lambda done, total: seen.append((done, total))
    )
    assert [row.method for row in rows] == ["input", "ours", "TV", "Median"]
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert rows[2].values["enl"] > rows[0].values["enl"]
    with pytest.raises(Cancelled, match="after 1 of 4"):
        compare_with_filters(frames, {}, peers="tv,median", progress=lambda done, total: False)


def test_our_model_at_strength_0_measures_as_the_input(a_model: str) -> None:
    evaluated = a_set()
    evaluation = Evaluation(evaluated, evaluated, MethodRunner(ResultCache(None)))
    evaluation.ours(Despeckler(a_model), [0.0, 0.9])
    first, still, changed = evaluation.result.rows
    assert still.values == first.values
    assert changed.values != first.values
    assert [row.method for row in (still, changed)] == ["Speckle2Self 0", "Speckle2Self 0.9"]


def test_a_tuned_peer_is_measured_on_the_set_with_what_was_best_on_development_frames() -> None:
    evaluated, development = a_set("set", 2), a_set("development", 1, first_seed=50)
    evaluation = Evaluation(evaluated, development, MethodRunner(ResultCache(None)))
    evaluation.peer(PEERS["tv"], tune=True)
    points = evaluation.result.points
    assert {point.evaluated for point in points} == {"development"}
    best = max(points, key=lambda point: point.values["psnr"])
    row = evaluation.result.rows[-1]
    assert (row.method, row.frames, row.parameters) == ("TV", 2, best.parameters)
    assert evaluation.result.tuned_on == "1 development frames"


def test_a_simulated_set_has_truth_boxes_and_a_sweep_and_development_frames_are_others() -> None:
    evaluated = simulated_set("anatomy", 2, 160)
    development = simulated_set("anatomy", 2, 160, development=True)
    assert evaluated.truth is not None
    assert evaluated.count == 2
    assert len(evaluated.frames) == len(evaluated.truth) == 2 + SWEEP_FRAMES
    assert evaluated.flicker is not None
    assert evaluated.flicker[0] == tuple(range(2, 2 + SWEEP_FRAMES))
    assert all(boxes.tissue is not None for boxes in evaluated.boxes)
    for one in evaluated.frames:
        assert not any(np.array_equal(one, other) for other in development.frames)
    small = cropped(development, 96)
    assert {frame.shape for frame in small.frames} == {(96, 96)}
    assert small.flicker is None


def test_frames_of_any_type_become_8_bit_over_the_range_of_the_sweep() -> None:
    sweep = np.linspace(-1, 3, 2 * 40 * 40).reshape(2, 40, 40)
    gray = GrayFrames(sweep)
    assert (gray[0].min(), gray[1].max()) == (0, 255)
    assert gray[0].dtype == np.uint8
    plain = np.arange(40 * 40).reshape(1, 40, 40).astype(np.uint8)
    np.testing.assert_array_equal(GrayFrames(plain)[0], plain[0])
    color = np.zeros((1, 40, 40, 3), np.uint8)
    color[..., 1] = 100
    assert GrayFrames(color, color=True)[0].max() == 59
    with pytest.raises(InputError, match="finite"):
        GrayFrames(np.full((1, 40, 40), np.nan))
    with pytest.raises(InputError, match="at least 32"):
        GrayFrames(np.zeros((1, 20, 40), np.uint8))


def test_frames_are_taken_from_the_middle_of_a_sweep() -> None:
    assert list(middle(10, 4)) == [3, 4, 5, 6]
    assert list(middle(3, 8)) == [0, 1, 2]
