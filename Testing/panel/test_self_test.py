"""The module's own self test, as a Slicer desktop runs it, on stand-ins for the desktop."""

from __future__ import annotations

import unittest
from typing import Any

import pytest

SELF_TESTS = [
    "test_a_volume_keeps_geometry_and_type",
    "test_strength_0_gives_the_input_back",
    "test_a_sequence_keeps_its_index_values",
    "test_cancel_leaves_the_scene_as_it_was",
    "test_wrong_input_is_refused_with_a_sentence",
    "test_the_panel_despeckles_what_is_chosen",
]


@pytest.mark.parametrize("name", SELF_TESTS)
def test_the_self_test_passes(module: Any, scene: Any, settings_file: Any, name: str) -> None:
    result = unittest.TestResult()
    module.Speckle2SelfTest(name).run(result)
    problems = [text for _test, text in result.errors + result.failures]
    assert problems == []
    assert result.skipped == []


def test_every_self_test_is_run_here(module: Any) -> None:
    names = unittest.TestLoader().getTestCaseNames(module.Speckle2SelfTest)
    assert sorted(names) == sorted(SELF_TESTS)
