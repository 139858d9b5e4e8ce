"""The search of the scale where the size of pixels is unknown."""

from __future__ import annotations

import pytest
from Speckle2SelfTrainingLib.segmentation.working_scale import SCALES, sample_numbers, search_scale


def test_the_scale_at_which_the_network_is_surest_is_taken() -> None:
    assert search_scale(lambda scale: [0.95, 0.93] if scale == 0.6 else [0.5, 0.4]) == 0.6


def test_no_other_scale_is_tried_where_the_usual_one_is_sure() -> None:
    tried = []

    def confidences(scale: float) -> list[float]:
        tried.append(scale)
        return [0.96]

    assert search_scale(confidences) == 1
    assert tried == [1.0]


@pytest.mark.parametrize("elsewhere", [[0.0, 0.0], [0.76, 0.0], [0.91, 0.91]])
def test_the_usual_scale_stays_where_no_other_convinces(elsewhere: list[float]) -> None:
    usual = [0.9, 0.9] if elsewhere[0] > 0.9 else [0.0, 0.0]
    assert search_scale(lambda scale: usual if scale == 1 else elsewhere) == 1


def test_a_sweep_that_shows_the_vessel_in_part_is_seen_at_the_scale_of_that_part() -> None:
    assert search_scale(lambda scale: [0.0, 0.0, 0.0, 0.95] if scale == max(SCALES) else [0.0] * 4) == max(SCALES)


@pytest.mark.parametrize(
    ("count", "expected"), [(1, [0]), (2, [0, 1]), (8, list(range(8))), (80, list(range(5, 80, 10)))]
)
def test_samples_are_spread_over_the_sweep(count: int, expected: list[int]) -> None:
    assert sample_numbers(count) == expected
