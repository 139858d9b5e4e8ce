"""How the shipped model is made: flattening, examples, student."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from Speckle2SelfLib import Despeckler
from Speckle2SelfLib.bundle import load_bundle
from Speckle2SelfLib.errors import InputError
from Speckle2SelfLib.network import SpeckleNetwork
from Speckle2SelfTrainingLib.default_model import train
from Speckle2SelfTrainingLib.default_model.example_crops import ExampleCrops
from Speckle2SelfTrainingLib.default_model.examples import (
    Example,
    Flattenings,
    despeckle_all_ways,
    draw_window,
    real_example,
    simulated_example,
)
from Speckle2SelfTrainingLib.default_model.real_frames import COLLECTIONS, training_frames
from Speckle2SelfTrainingLib.default_model.student import Student, StudentSettings, blend
from Speckle2SelfTrainingLib.flattening import Flattening, flatten
from Speckle2SelfTrainingLib.pairs import PairRecipe
from Speckle2SelfTrainingLib.pretraining import IMPROVED, initialize_without_norm

SMALL = Flattening(reach=6, stride=2, passes=1)
TINY = StudentSettings(
    steps=12,
    batch_size=2,
    crop=48,
    coarse_every=4,
    average=0.8,
    pairs=PairRecipe(frames=2, size=192),
    flattenings=Flattenings(SMALL, SMALL),
)


@pytest.fixture
def teacher() -> SpeckleNetwork:
    torch.manual_seed(0)
    network = SpeckleNetwork(IMPROVED)
    initialize_without_norm(network)
    return network.eval()


def two_tissues(noise: float) -> torch.Tensor:
    rng = np.random.default_rng(0)
    frame = np.full((64, 80), 0.6, np.float32)
    frame[:, 40:] = 0.2
    return torch.from_numpy(frame + rng.normal(0, noise, frame.shape).astype(np.float32))[None, None]


def test_flattening_evens_tissue_out_and_keeps_the_step_between_two() -> None:
    flat = flatten(two_tissues(0.03), Flattening(reach=12, stride=2))
    for part in (np.s_[..., :36], np.s_[..., 44:]):
        assert flat[part].std().item() < 0.25 * 0.03
    step = flat[..., 39].mean() - flat[..., 40].mean()
    assert step.item() == pytest.approx(0.4, abs=0.03)


def test_flattening_follows_shading_instead_of_making_stairs() -> None:
    shaded = torch.linspace(0.2, 0.8, 120)[None, None, :, None].repeat(1, 1, 1, 64)
    noisy = shaded + 0.01 * torch.randn(shaded.shape, generator=torch.Generator().manual_seed(0))
    slopes = [
        flatten(noisy, replace(SMALL, reach=12, similarity=0.1, ridge=ridge))[..., 20:100, 32].diff()
        for ridge in (0.001, 1e6)
    ]
    assert slopes[0].std() < slopes[1].std()
    assert slopes[0].mean().item() == pytest.approx(0.6 / 119, rel=0.1)


def test_an_example_holds_the_truth_and_two_flattened_targets(
    teacher: SpeckleNetwork,
) -> None:
    rng = np.random.default_rng(1)
    clean = np.full((70, 90), 100, np.uint8)
    clean[:, 45:] = 40
    speckled = np.clip(clean * rng.rayleigh(0.8, clean.shape), 0, 255).astype(np.uint8)
    example = simulated_example((speckled, clean), teacher, 1.4, Flattenings(SMALL, SMALL))
    white = np.percentile(speckled, 99.8)
    np.testing.assert_allclose(example.faithful, clean / white, atol=1e-3)
    np.testing.assert_allclose(example.speckled, speckled / white, atol=1e-3)
    np.testing.assert_allclose(example.flat[:, :35], 100 / white, atol=1e-3)
    assert example.flattest[:, :40].std() < example.speckled[:, :40].std()


def test_a_real_example_has_the_teacher_for_its_truth(teacher: SpeckleNetwork) -> None:
    frame = np.random.default_rng(2).integers(20, 200, (50, 61)).astype(np.uint8)
    example = real_example(frame, teacher, 1.4, Flattenings(SMALL, SMALL))
    speckled = torch.from_numpy(example.speckled.astype(np.float32))[None, None]
    expected = despeckle_all_ways(teacher, speckled, 1.0)[0, 0].numpy()
    np.testing.assert_allclose(example.faithful, expected, atol=5e-3)


def test_the_teacher_answers_a_mirrored_frame_with_the_mirrored_answer(teacher: SpeckleNetwork) -> None:
    frame = torch.rand(1, 1, 64, 48, generator=torch.Generator().manual_seed(3))
    straight, mirrored = (despeckle_all_ways(teacher, one, 1.2) for one in (frame, frame.flip(-1)))
    torch.testing.assert_close(straight, mirrored.flip(-1), atol=1e-5, rtol=1e-4)


def test_windows_hold_tissue_and_black_frames_give_none() -> None:
    rng = np.random.default_rng(4)
    frame = np.zeros((400, 500), np.uint8)
    assert draw_window(frame, rng, 100, (0.5, 1.0)) is None
    frame[:, 250:] = 90
    window = draw_window(frame, rng, 100, (0.5, 1.0))
    assert window is not None
    assert (window > 8).mean() > 0.5
    assert max(window.shape) <= 100


def test_crops_of_an_example_stay_together() -> None:
    image = np.random.default_rng(5).random((80, 90)).astype(np.float16)
    crops = ExampleCrops([Example(image, image, image, image)], 48, seed=0)
    for _ in range(4):
        speckled, targets = crops.batch(3)
        assert speckled.shape == (3, 1, 48, 48)
        torch.testing.assert_close(targets, speckled.expand(3, 3, 48, 48))


def test_the_condition_runs_from_faithful_over_flat_to_flattest() -> None:
    targets = torch.tensor([1.0, 2.0, 4.0]).reshape(1, 3, 1, 1).expand(5, 3, 2, 2)
    blended = blend(targets, torch.tensor([0.0, 0.25, 0.5, 0.75, 1.0]))
    assert blended[:, 0, 0, 0].tolist() == [1.0, 1.5, 2.0, 3.0, 4.0]


def test_a_student_starts_from_its_teacher_stops_and_goes_on(teacher: SpeckleNetwork, tmp_path: Path) -> None:
    image = np.random.default_rng(6).random((80, 90)).astype(np.float16)
    smooth = np.full_like(image, 0.5)
    examples = [Example(image, smooth, smooth, smooth)]
    student = Student(TINY, teacher, examples, tmp_path)
    assert all(value.equal(teacher.state_dict()[name]) for name, value in student.network.state_dict().items())
    student.run(save_every=5)
    resumed = Student(replace(TINY, steps=14), teacher, examples, tmp_path)
    assert resumed.step == 12
    losses: list[float] = []
    resumed.run(lambda _step, loss: losses.append(loss))
    assert resumed.step == 14
    assert StudentSettings.from_dict(TINY.to_dict()) == TINY


def test_one_command_makes_a_bundle_that_despeckles(tmp_path: Path) -> None:
    settings = replace(TINY, steps=2, window=64)
    (tmp_path / "settings.json").write_text(json.dumps(settings.to_dict()))
    command = ["--runs", str(tmp_path / "runs"), "--output", str(tmp_path / "bundle"), "--teacher", "default"]
    assert train.main([*command, "--settings", str(tmp_path / "settings.json")]) == 0
    training = load_bundle(tmp_path / "bundle").metadata["speckle2self"]["training"]
    assert (training["trained_steps"], training["simulated_frames"]) == (2, 2)
    frame = np.random.default_rng(7).integers(0, 200, (64, 64)).astype(np.uint8)
    assert Despeckler(tmp_path / "bundle")(frame).shape == frame.shape


def test_a_data_folder_without_the_collections_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no file"):
        list(training_frames(tmp_path, COLLECTIONS[0]))


def test_every_collection_is_read_as_gray_frames(shared: Path) -> None:
    for collection in COLLECTIONS:
        frame = next(training_frames(shared / "data", collection))
        assert frame.dtype == np.uint8
        assert frame.ndim == 2
        assert frame.std() > 5


def test_a_flattening_teacher_flattens_with_the_condition() -> None:
    from Speckle2SelfTrainingLib.training import adaptation_settings
    from Speckle2SelfTrainingLib.training.objective import SelfSupervision

    answer = two_tissues(0.02)
    objective = SelfSupervision(adaptation_settings(teacher_flattening=0.05), strongest=1.8)
    faithful, middle, strongest = (objective._flattened(answer, torch.tensor([level])) for level in (1.0, 1.4, 1.8))
    assert torch.equal(faithful, answer)
    torch.testing.assert_close(middle, 0.5 * (faithful + strongest))
    assert strongest[..., :36].std() < 0.5 * answer[..., :36].std()
    unchanged = SelfSupervision(adaptation_settings(teacher_flattening=0.0), strongest=1.8)
    assert unchanged._flattened(answer, torch.tensor([1.8])) is answer
