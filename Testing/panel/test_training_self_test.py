"""The training module's own self test, as a Slicer desktop runs it, on stand-ins for the desktop."""

from __future__ import annotations

import unittest
from typing import Any

import pytest

SELF_TESTS = [
    "test_a_model_is_trained_on_a_sequence_and_despeckles",
    "test_cancel_leaves_the_scene_as_it_was",
    "test_wrong_input_is_refused_with_a_sentence",
    "test_the_panel_trains_on_what_is_chosen",
]


@pytest.mark.parametrize("name", SELF_TESTS)
def test_the_self_test_passes(training_module: Any, scene: Any, settings_file: Any, name: str) -> None:
    result = unittest.TestResult()
    training_module.Speckle2SelfTrainingTest(name).run(result)
    problems = [text for _test, text in result.errors + result.failures]
    assert problems == []
    assert result.skipped == []


def test_every_self_test_is_run_here(training_module: Any) -> None:
    names = unittest.TestLoader().getTestCaseNames(training_module.Speckle2SelfTrainingTest)
    assert sorted(names) == sorted(SELF_TESTS)
