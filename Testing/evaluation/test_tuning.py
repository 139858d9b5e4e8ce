"""Settings are chosen from the whole grid, results are kept on disk, and what cannot run says why."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from evaluation_samples import a_set, speckled_frame
from Speckle2SelfTrainingLib.evaluation.cache import ResultCache
from Speckle2SelfTrainingLib.evaluation.peers import PEERS
from Speckle2SelfTrainingLib.evaluation.running import MethodRunner, NotMeasuredError
from Speckle2SelfTrainingLib.evaluation.tuning import Tuning, TuningPoint, choose

TV = PEERS["tv"]


def a_point(number: int, **values: float) -> TuningPoint:
    return TuningPoint("set", "peer", {"number": number}, {"homogeneity": 0.5, **values})


def test_with_truth_the_best_psnr_of_the_grid_is_chosen() -> None:
    points = Tuning(a_set(), MethodRunner(ResultCache(None))).grid(TV)
    assert [point.parameters for point in points] == [dict(point) for point in TV.grid]
    chosen = choose(points)
    assert chosen.values["psnr"] == max(point.values["psnr"] for point in points)
    assert chosen.parameters not in (TV.grid[0], TV.grid[-1])


def test_without_truth_the_smoothest_of_those_that_keep_the_edges_is_chosen() -> None:
    keeps = a_point(1, enl=50, edges_3=0.95, edges_1=0.9)
    smoother = a_point(2, enl=70, edges_3=0.94, edges_1=0.83)
    blurs = a_point(3, enl=200, edges_3=0.9, edges_1=0.9)
    assert choose([keeps, blurs, smoother]) == smoother
    assert choose([blurs, a_point(4, enl=300, edges_3=0.5, edges_1=0.9)]) == blurs


def test_tuning_uses_the_frames_it_is_given_and_measures_without_truth_too() -> None:
    points = Tuning(a_set(truth=False), MethodRunner(ResultCache(None))).grid(TV)
    assert "psnr" not in points[0].values
    assert points[0].values["enl"] < points[2].values["enl"]
    assert points[0].values["edges_1"] > points[-1].values["edges_1"]


def test_a_kept_result_is_taken_from_disk_and_equals_the_computed_one(tmp_path: Path) -> None:
    frames = [speckled_frame(), speckled_frame(1)]
    first, _ = MethodRunner(ResultCache(tmp_path)).peer(TV, {"weight": 0.2}, frames)
    broken = dataclasses.replace(TV, apply=lambda frames, **parameters: pytest.fail("computed again"))
    again, seconds = MethodRunner(ResultCache(tmp_path)).peer(broken, {"weight": 0.2}, frames)
    np.testing.assert_array_equal(first, again)
    assert seconds > 0
    assert len(list(tmp_path.glob("*.npz"))) == 2
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_other_settings_and_other_pixels_have_other_keys() -> None:
    cache, frame = ResultCache(None), speckled_frame()
    keys = {
        cache.key(TV, {"weight": 0.2}, [frame]),
        cache.key(TV, {"weight": 0.3}, [frame]),
        cache.key(PEERS["median"], {"weight": 0.2}, [frame]),
        cache.key(TV, {"weight": 0.2}, [frame.T]),
        cache.key(TV, {"weight": 0.2}, [frame, frame]),
    }
    assert len(keys) == 5
    assert cache.key(TV, {"weight": 0.2}, [frame.copy()]) in keys


def test_a_damaged_file_and_a_folder_that_cannot_be_written_only_cost_time(tmp_path: Path) -> None:
    frames = [speckled_frame()]
    cache = ResultCache(tmp_path)
    first, _ = MethodRunner(cache).peer(TV, {"weight": 0.2}, frames)
    (kept,) = tmp_path.glob("*.npz")
    kept.write_bytes(kept.read_bytes()[:40])
    np.testing.assert_array_equal(MethodRunner(cache).peer(TV, {"weight": 0.2}, frames)[0], first)
    (tmp_path / "file").write_text("")
    np.testing.assert_array_equal(
        MethodRunner(ResultCache(tmp_path / "file")).peer(TV, {"weight": 0.2}, frames)[0], first
    )


def test_a_peer_whose_package_is_missing_is_not_measured_but_its_kept_results_are(tmp_path: Path) -> None:
    frames = [speckled_frame()]
    lee = PEERS["lee"]
    missing = dataclasses.replace(lee, package="no-such-package")
    with pytest.raises(NotMeasuredError, match="not measured: the package no-such-package"):
        MethodRunner(ResultCache(tmp_path)).peer(missing, lee.default, frames)
    cache = ResultCache(tmp_path)
    cache.store(cache.key(lee, lee.default, frames), frames, 2.0)
    results, seconds = MethodRunner(cache).peer(missing, lee.default, frames)
    np.testing.assert_array_equal(results, frames)
    assert seconds == 2.0


def test_a_package_that_fails_costs_only_its_own_row() -> None:
    def fail(frames: object, **parameters: object) -> None:
        raise RuntimeError("inside")

    broken = dataclasses.replace(PEERS["dip"], package="", apply=fail)
    with pytest.raises(NotMeasuredError, match="not measured: RuntimeError"):
        MethodRunner(ResultCache(None)).peer(broken, {}, [speckled_frame()])
