"""How the model for live use is made: a narrow network that learns to answer as a wide one does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from Speckle2SelfLib import Despeckler
from Speckle2SelfLib.bundle import load_bundle, save_bundle
from Speckle2SelfLib.errors import SettingsError
from Speckle2SelfLib.network import SpeckleNetwork
from Speckle2SelfTrainingLib.default_model.example_set import keep_examples
from Speckle2SelfTrainingLib.default_model.examples import Example
from Speckle2SelfTrainingLib.live_model import train
from Speckle2SelfTrainingLib.live_model.distillation import Distillation, DistillationSettings

TINY = DistillationSettings(steps=120, channels=8, batch_size=2, crop=48, learning_rate=1e-2, average=0.8)


@pytest.fixture
def examples() -> list[Example]:
    rng = np.random.default_rng(11)
    frames = [rng.rayleigh(0.25, (64, 72)).astype(np.float16) for _ in range(3)]
    return [Example(frame, frame, frame, frame) for frame in frames]


def distillation(examples: list[Example], folder: Path, settings: DistillationSettings = TINY) -> Distillation:
    teacher = load_bundle("default")
    return Distillation(settings, teacher.network(), teacher.strongest or 1.0, examples, folder)


def test_the_narrow_network_comes_closer_to_its_teacher(examples: list[Example], tmp_path: Path) -> None:
    training = distillation(examples, tmp_path)
    network = training.run()
    assert network.options.channels == 8
    losses = [loss for _step, loss in training.curve()]
    assert losses[-1] < 0.85 * losses[0]


def test_a_stopped_distillation_goes_on_where_it_was(examples: list[Example], tmp_path: Path) -> None:
    distillation(examples, tmp_path, replace(TINY, steps=4)).run(save_every=2)
    resumed = distillation(examples, tmp_path, replace(TINY, steps=6))
    assert resumed.step == 4
    resumed.run()
    assert resumed.step == 6


def test_the_written_bundle_despeckles_and_says_whose_student_it_is(
    examples: list[Example], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs, output = tmp_path / "runs", tmp_path / "live"
    runs.mkdir()
    keep_examples(runs / "examples.pt", examples, [], [])
    settings = tmp_path / "settings.json"
    settings.write_text('{"steps": 2, "channels": 8, "batch_size": 2, "crop": 48}')
    train.main(["--runs", str(runs), "--output", str(output), "--settings", str(settings)])
    bundle = load_bundle(output)
    default = load_bundle("default")
    assert (bundle.encoders, bundle.options.channels, bundle.grain_range) == (1, 8, default.grain_range)
    assert bundle.metadata["speckle2self"]["training"]["teacher_sha256"] == default.sha256
    frame = (examples[0].speckled * 200).clip(0, 255).astype(np.uint8)
    assert Despeckler(output, device="cpu")(frame).shape == frame.shape


def test_a_setting_that_does_not_exist_is_refused() -> None:
    with pytest.raises(SettingsError, match="Unknown settings: depth"):
        DistillationSettings.from_dict({"depth": 3})


def test_a_bundle_of_one_encoder_says_so_to_monai(tmp_path: Path) -> None:
    torch.manual_seed(0)
    options = load_bundle("default").options
    metadata = load_bundle("default").metadata
    save_bundle(tmp_path / "one", SpeckleNetwork(options, 1), metadata)
    assert '"encoders": 1' in (tmp_path / "one" / "configs" / "inference.json").read_text()
