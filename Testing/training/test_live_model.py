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
from Speckle2SelfTrainingLib.conditions import draw_conditions
from Speckle2SelfTrainingLib.default_model.example_set import keep_examples
from Speckle2SelfTrainingLib.default_model.examples import MIRRORS, Example
from Speckle2SelfTrainingLib.evaluation.truth_measures import gmsd
from Speckle2SelfTrainingLib.live_model import train
from Speckle2SelfTrainingLib.live_model.answered_crops import FRESH_STEPS, AnsweredCrops
from Speckle2SelfTrainingLib.live_model.distillation import Distillation
from Speckle2SelfTrainingLib.live_model.loss import gradient_dissimilarity, gradient_similarity, square_error
from Speckle2SelfTrainingLib.live_model.settings import FIRST_COURSE, DistillationSettings

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


@pytest.mark.parametrize(("courses", "version"), [(1, "0.1.0"), (2, "0.2.0")])
def test_the_written_bundle_despeckles_and_says_whose_student_it_is(
    examples: list[Example], tmp_path: Path, courses: int, version: str
) -> None:
    runs, output = tmp_path / "runs", tmp_path / "live"
    runs.mkdir()
    keep_examples(runs / "examples.pt", examples, [], [])
    settings = tmp_path / "settings.json"
    settings.write_text('{"steps": 2, "channels": 8, "batch_size": 2, "crop": 48}')
    train.main(["--runs", str(runs), "--output", str(output), "--settings", str(settings), "--courses", str(courses)])
    bundle = load_bundle(output)
    default = load_bundle("default")
    assert (bundle.encoders, bundle.options.channels, bundle.grain_range) == (1, 8, default.grain_range)
    training = bundle.metadata["speckle2self"]["training"]
    assert (training["teacher_sha256"], training["trained_steps"]) == (default.sha256, 2 * courses)
    assert [course["mirrored"] for course in training["courses"]] == [False, True][:courses]
    assert (bundle.version, bundle.metadata["changelog"]["0.1.0"]) == (
        version,
        "Student of speckle2self-default 0.2.0.",
    )
    assert "int8" in bundle.metadata["speckle2self"]
    frame = (examples[0].speckled * 200).clip(0, 255).astype(np.uint8)
    assert Despeckler(output, device="cpu")(frame).shape == frame.shape


def test_the_second_course_goes_on_from_the_weights_of_the_first(examples: list[Example], tmp_path: Path) -> None:
    course = replace(FIRST_COURSE, steps=2, channels=8, batch_size=2, crop=48)
    first = distillation(examples, tmp_path / "1", course).run()
    teacher = load_bundle("default")
    second = Distillation(TINY, teacher.network(), 1.8, examples, tmp_path / "2", start=first)
    for name, value in first.state_dict().items():
        assert torch.equal(second.network.state_dict()[name], value)


def test_conditions_are_drawn_at_both_ends_and_between() -> None:
    torch.manual_seed(3)
    drawn = draw_conditions(2000, 1.8, 0.3, 0.1)
    assert drawn.min() == 1.0
    assert drawn.max() == pytest.approx(1.8)
    assert float((drawn == drawn.min()).float().mean()) == pytest.approx(0.3, abs=0.03)
    assert float((drawn == drawn.max()).float().mean()) == pytest.approx(0.1, abs=0.03)


def test_the_answer_for_a_mirrored_crop_is_the_mirrored_answer(examples: list[Example]) -> None:
    teacher = load_bundle("default")
    crops = AnsweredCrops(examples, teacher.network(), 1.8, TINY, seed=5)
    speckled, conditions, answer = (part[:1] for part in crops.batch(2))
    for axes in MIRRORS:
        mirrored = crops.ask_teacher(torch.flip(speckled, axes), conditions)
        assert float((mirrored - torch.flip(answer, axes)).abs().max()) < 0.02


def test_earlier_crops_serve_again_with_their_answers(examples: list[Example]) -> None:
    teacher = load_bundle("default")
    settings = replace(TINY, reuse=4, kept=6, mirrored=False)
    crops = AnsweredCrops(examples, teacher.network(), 1.8, settings, seed=5)
    fresh = [crops.batch(1) for _ in range(FRESH_STEPS + 1)][-7:]
    speckled, conditions, answer = crops.batch(1)
    same = [index for index, one in enumerate(fresh) if torch.equal(one[0].half().float(), speckled)]
    assert len(same) == 1
    assert same[0] > 0  # the oldest one is forgotten
    assert torch.equal(fresh[same[0]][1], conditions)
    assert torch.equal(fresh[same[0]][2].half().float(), answer)


def test_gradients_are_compared_as_the_measure_does() -> None:
    rng = np.random.default_rng(4)
    smooth = torch.from_numpy(rng.random((2, 1, 24, 24), dtype=np.float32))
    frames = torch.nn.functional.interpolate(smooth, scale_factor=8, mode="bilinear").mul(255).round()
    measured = gmsd(frames[0, 0].numpy(), frames[1, 0].numpy(), 255)
    similarity = gradient_similarity(frames[:1] / 255, frames[1:] / 255)
    assert float(similarity.std()) == pytest.approx(measured, rel=0.03)  # which also looks at the border
    spread = (1 - similarity).square().mean().sqrt()
    assert float(gradient_dissimilarity(frames[:1] / 255, frames[1:] / 255)) == pytest.approx(float(spread), rel=1e-3)
    assert float(gradient_dissimilarity(frames, frames)) < 1e-3


def test_squares_are_compared_by_their_brightness() -> None:
    fine = torch.ones(1, 1, 32, 32)
    fine[..., ::2] = -1
    assert float(square_error(fine)) == 0
    assert float(square_error(torch.full((1, 1, 32, 32), 0.1))) == pytest.approx(0.2, rel=1e-5)


def test_a_setting_that_does_not_exist_is_refused() -> None:
    with pytest.raises(SettingsError, match="Unknown settings: depth"):
        DistillationSettings.from_dict({"depth": 3})


def test_a_bundle_of_one_encoder_says_so_to_monai(tmp_path: Path) -> None:
    torch.manual_seed(0)
    options = load_bundle("default").options
    metadata = load_bundle("default").metadata
    save_bundle(tmp_path / "one", SpeckleNetwork(options, 1), metadata)
    assert '"encoders": 1' in (tmp_path / "one" / "configs" / "inference.json").read_text()
