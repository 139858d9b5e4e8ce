"""Batches that are made while a GPU computes are those that a CPU makes when it needs them."""

from __future__ import annotations

from pathlib import Path

import torch
from training_support import a_training, losses_of, quick


def test_batches_made_ahead_are_those_of_their_steps(tmp_path: Path) -> None:
    training = a_training(tmp_path / "ahead")
    assert not training.loop.ahead
    training.loop.ahead = True
    assert losses_of(training) == losses_of(a_training(tmp_path / "in time"))


def test_a_step_takes_the_batch_that_was_made_for_it_and_no_other(tmp_path: Path) -> None:
    training = a_training(tmp_path / "one")
    training.loop.ahead = True
    state = {name: torch.clone(value) for name, value in training.loop.network.state_dict().items()}
    begun = training.loop.state()
    first = training.loop.advance()["loss"]
    training.loop.restore({**begun, "network": state, "step": 0})
    assert training.loop.advance()["loss"] == first


def test_a_batch_without_pairs_brings_no_second_copy_of_its_frames(tmp_path: Path) -> None:
    training = a_training(tmp_path, quick())
    batch = training.loop._batches.make(0)
    assert not bool(batch.paired.any())
    assert batch.truth is batch.frames
