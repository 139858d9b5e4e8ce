"""The training module's own self test, as a Slicer desktop runs it, on stand-ins for the desktop."""

from __future__ import annotations

import unittest
from typing import Any

import pytest

SELF_TESTS = [
    "test_a_model_is_trained_on_a_sequence_and_despeckles",
    "test_the_samples_are_a_sequence_and_a_volume",
    "test_cancel_leaves_the_scene_as_it_was",
    "test_wrong_input_is_refused_with_a_sentence",
    "test_the_panel_trains_on_what_is_chosen",
    "test_a_sequence_is_segmented_and_measured",
    "test_a_volume_gets_a_segmentation_in_its_geometry",
    "test_despeckling_is_compared_with_other_filters",
    "test_cancelling_a_segmentation_leaves_the_scene_as_it_was",
]


@pytest.mark.parametrize("name", SELF_TESTS)
def test_the_self_test_passes(training_module: Any, scene: Any, settings_file: Any, name: str) -> None:
    result = unittest.TestResult()
    training_module.Speckle2SelfTrainingTest(name).run(result)
    problems = [text for _test, text in result.errors + result.failures]
    assert problems == []
    without_model = [reason for _test, reason in result.skipped if "without a model for the carotid" in reason]
    assert len(result.skipped) == len(without_model)
    if without_model:
        pytest.skip(without_model[0])


def test_every_self_test_is_run_here(training_module: Any) -> None:
    names = unittest.TestLoader().getTestCaseNames(training_module.Speckle2SelfTrainingTest)
    assert sorted(names) == sorted(SELF_TESTS)
