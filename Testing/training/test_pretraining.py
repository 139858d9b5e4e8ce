"""Training on simulated pairs: it learns, stops, resumes, and its loss counts what it should."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from Speckle2SelfTrainingLib.pairs import PairCrops, PairRecipe, simulate_pair
from Speckle2SelfTrainingLib.pretraining import Pretraining, PretrainingSettings, pair_loss

TINY = PretrainingSettings(
    steps=24, batch_size=3, crop=48, average=0.8, pairs=PairRecipe(frames=2, size=192, resize=(0.8, 1.0))
)


def test_training_lowers_the_loss_and_all_three_encoders_learn(tmp_path: Path) -> None:
    losses: list[float] = []
    training = Pretraining(TINY, tmp_path)
    start = {name: value.clone() for name, value in training.network.state_dict().items()}
    network = training.run(lambda step, loss: losses.append(loss))
    assert losses
    moved = {name.partition(".")[0] for name, value in network.state_dict().items() if not value.equal(start[name])}
    assert moved == {"encoder_highRes", "encoder_midRes", "encoder_lowRes", "decoder"}


def test_a_stopped_training_goes_on_where_it_was(tmp_path: Path) -> None:
    class StopError(Exception):
        pass

    def stop(step: int, loss: float) -> None:
        raise StopError

    with pytest.raises(StopError):
        Pretraining(TINY, tmp_path).run(stop, save_every=10)
    resumed = Pretraining(TINY, tmp_path)
    assert resumed.step == 10
    resumed.run()
    assert resumed.step == TINY.steps
    assert (tmp_path / "settings.json").is_file()
    assert not list(tmp_path.glob("*.tmp"))


def test_the_settings_survive_json() -> None:
    assert PretrainingSettings.from_dict(TINY.to_dict()) == TINY


def test_the_loss_is_zero_for_the_truth_and_weighs_boundaries() -> None:
    clean = torch.zeros(1, 1, 32, 32)
    clean[..., 16:] = 1
    assert pair_loss(clean, clean, 3.0, 0.5).item() == 0
    flat_error, edge_error = clean.clone(), clean.clone()
    flat_error[..., 4:8, 4:6] += 0.2
    edge_error[..., 4:8, 15:17] += 0.2
    assert pair_loss(edge_error, clean, 3.0, 0.5) > pair_loss(flat_error, clean, 3.0, 0.5)


def test_pairs_are_reproducible_and_crops_are_normalized() -> None:
    recipe = PairRecipe(size=192)
    one, again = simulate_pair(recipe, 3), simulate_pair(recipe, 3)
    np.testing.assert_array_equal(one[0], again[0])
    np.testing.assert_array_equal(one[1], again[1])
    speckled, clean = PairCrops([one], 64, 0).batch(5)
    assert speckled.shape == clean.shape == (5, 1, 64, 64)
    assert float(speckled.min()) >= 0
    assert float(speckled.max()) < 2.5
