"""Batches, augmentation and objective against their definitions."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from Speckle2SelfLib.network import SpeckleNetwork
from Speckle2SelfLib.perturbation import perturb
from Speckle2SelfTrainingLib.losses import (
    consistency_loss,
    distance_per_frame,
    edge_emphasis,
    gradient_consistency_per_frame,
    reconstruction_loss,
    reconstruction_per_frame,
)
from Speckle2SelfTrainingLib.training import Augmentation, FrameSource, TrainingSettings
from Speckle2SelfTrainingLib.training.augmentation import draw_matrices, transform
from Speckle2SelfTrainingLib.training.batches import Batch, CropBatches
from Speckle2SelfTrainingLib.training.objective import SelfSupervision
from Speckle2SelfTrainingLib.training.settings import NO_AUGMENTATION
from Speckle2SelfTrainingLib.training.store import FrameStore, load_frames
from Speckle2SelfTrainingLib.training.teacher import Teacher
from Speckle2SelfTrainingLib.training.views import down_and_up, make_views
from training_support import a_sweep, quick


def a_store(settings: TrainingSettings, size: tuple[int, int] = (64, 80)) -> FrameStore:
    return load_frames([FrameSource.from_array("sweep", a_sweep(5, size))], settings, None, 100)


def a_batch(settings: TrainingSettings, step: int = 0) -> Batch:
    return CropBatches(a_store(settings), settings, "cpu").make(step)


def test_a_step_has_the_same_batch_whenever_it_is_made_and_another_step_another() -> None:
    settings = quick(batch_size=3, fit="crop")
    batches = CropBatches(a_store(settings), settings, "cpu")
    first = batches.make(7)
    batches.make(8)
    assert first.frames.equal(batches.make(7).frames)
    assert first.matrices.equal(batches.make(7).matrices)
    assert not first.frames.equal(batches.make(8).frames)


def test_the_shares_of_two_processes_are_the_batch() -> None:
    settings = quick(batch_size=4, fit="crop", shifted=True, scale_jitter=0.2, neighbors=1)
    batches = CropBatches(a_store(settings), settings, "cpu")
    whole, shares = batches.make(3), [batches.make(3, rank, 2) for rank in (0, 1)]
    for name in ("frames", "strengths", "matrices", "phases", "factors", "neighbors"):
        assert torch.cat([getattr(share, name) for share in shares]).equal(getattr(whole, name))


def test_the_views_are_those_of_the_paper_where_nothing_is_added() -> None:
    settings = quick(augmentation=NO_AUGMENTATION)
    batch = a_batch(settings)
    views = make_views(batch, settings, 3).scales
    for view, published in zip(views, perturb(batch.frames), strict=True):
        torch.testing.assert_close(view, published)


def test_all_views_of_a_frame_are_transformed_by_one_draw_and_frames_by_their_own() -> None:
    settings = quick(batch_size=4, augmentation=Augmentation(affine=1.0))
    batch = a_batch(settings)
    plain = make_views(batch, settings.replace(augmentation=NO_AUGMENTATION), 3)
    views = make_views(batch, settings, 3).scales
    untouched = Batch(**{**batch.__dict__, "matrices": torch.eye(2, 3).repeat(4, 1, 1)})
    plain = make_views(untouched, settings, 3)
    for view, before in zip(views, plain.scales, strict=True):
        torch.testing.assert_close(view, transform(before, batch.matrices))
    assert len({tuple(matrix.flatten().tolist()) for matrix in batch.matrices}) == 4


def test_flips_and_quarter_turns_are_exact() -> None:
    frames = torch.rand(1, 2, 32, 32)
    columns = torch.tensor([[[-1.0, 0, 0], [0, 1, 0]]])
    torch.testing.assert_close(transform(frames, columns), frames.flip(-1), atol=1e-5, rtol=0)
    turn = torch.tensor([[[0.0, -1, 0], [1, 0, 0]]])
    torch.testing.assert_close(transform(frames, turn), frames.rot90(1, (-2, -1)), atol=1e-5, rtol=0)


def test_the_augmentation_is_drawn_as_often_and_as_wide_as_stated() -> None:
    matrices = draw_matrices(np.random.default_rng(0), Augmentation(), 20000)
    determinants = np.linalg.det(matrices[:, :, :2])
    moved = np.abs(matrices[:, :, 2]).max(axis=1) > 0
    assert moved.mean() == pytest.approx(0.3, abs=0.015)
    assert (determinants[~moved] < 0).mean() == pytest.approx(2 * 0.3 * 0.7, abs=0.015)
    assert np.abs(matrices[:, :, 2]).max() == pytest.approx(0.2, abs=0.005)
    zoom = np.sqrt(np.abs(determinants[moved]))
    assert (zoom.min(), zoom.max()) == (pytest.approx(1 / 1.2, abs=0.01), pytest.approx(1 / 0.8, abs=0.01))
    angles = np.degrees(np.arcsin(np.abs(matrices[moved, 0, 1]) / zoom))
    assert angles.max() == pytest.approx(30, abs=0.5)


def test_the_published_objective_is_the_sum_of_the_two_published_losses() -> None:
    settings = quick(batch_size=2)
    batch, network = a_batch(settings), SpeckleNetwork()
    losses = SelfSupervision(settings, None)(network, batch)
    views = make_views(batch, settings, 3).scales
    outputs = network(views)
    expected = reconstruction_loss(outputs, views) + consistency_loss(outputs)
    torch.testing.assert_close(losses["loss"].mean(), expected)


def test_weights_and_distances_of_the_losses_are_settings() -> None:
    outputs, views = ([torch.rand(2, 1, 8, 8) for _ in range(3)] for _ in range(2))
    weighted = reconstruction_per_frame(outputs, views, (2.0, 0.0, 0.5), "l1")
    expected = 2 * (outputs[0] - views[0]).abs().mean((1, 2, 3)) + 0.5 * (outputs[2] - views[2]).abs().mean((1, 2, 3))
    torch.testing.assert_close(weighted, expected)
    squared = consistency_loss(outputs, (0.0, 0.0, 3.0), "mse")
    torch.testing.assert_close(squared, 3 * ((outputs[1] - outputs[2]) ** 2).mean())


def test_the_loss_of_a_batch_is_the_mean_of_its_parts() -> None:
    settings = quick(batch_size=3, antialias=True, shifted=True, gradient_weight=0.5, edge_weight=3.0)
    batch, network = a_batch(settings), SpeckleNetwork()
    objective = SelfSupervision(settings, None)
    whole = objective(network, batch)["loss"]
    parts = torch.cat([objective(network, batch.part(index, index + 1))["loss"] for index in range(3)])
    torch.testing.assert_close(whole, parts, atol=1e-4, rtol=1e-4)


def test_terms_beyond_the_paper_are_zero_where_there_is_nothing_to_say() -> None:
    frames = torch.rand(2, 1, 32, 32)
    assert float(gradient_consistency_per_frame([frames, frames + 0.3]).max()) < 1e-6
    assert float(distance_per_frame(frames, frames).max()) == 0
    flat = torch.full((1, 1, 32, 32), 0.5)
    torch.testing.assert_close(edge_emphasis(flat, 4.0), torch.ones_like(flat))
    step = flat.clone()
    step[..., 16:] = 0.9
    emphasis = edge_emphasis(step, 4.0)
    assert float(emphasis[0, 0, 16, 16]) > 2 * float(emphasis[0, 0, 16, 2])
    assert float(emphasis.mean()) == pytest.approx(1)


def test_a_low_pass_before_down_sampling_takes_fine_grain_away() -> None:
    grain = torch.from_numpy(np.random.default_rng(0).normal(size=(1, 1, 64, 64)).astype(np.float32))
    assert down_and_up(grain, 0.25, antialias=True).std() < 0.6 * down_and_up(grain, 0.25, antialias=False).std()


def test_a_shifted_perturbation_keeps_the_anatomy_in_its_place() -> None:
    settings = quick(shifted=True, augmentation=NO_AUGMENTATION, normalize="sweep")
    ramp = torch.linspace(0, 1, 64).reshape(1, 1, 1, 64).expand(1, 1, 64, 64)
    batch = a_batch(settings.replace(batch_size=1))
    for phase in ([0, 3], [2, 1]):
        images = {"frames": ramp.clone(), "truth": ramp.clone(), "neighbors": ramp[:, :0]}
        shifted = Batch(**{**batch.__dict__, **images})
        shifted.phases[0, 2] = torch.tensor(phase)
        view = make_views(shifted, settings, 3).scales[2]
        torch.testing.assert_close(view[..., 8:-8, 8:-8], ramp[..., 8:-8, 8:-8], atol=0.002, rtol=0)


def test_black_borders_change_views_of_the_paper_but_not_the_range_of_the_sweep() -> None:
    frames = a_sweep(10, (64, 64)) // 2 + 60
    bordered = np.zeros((10, 96, 96), np.uint8)
    bordered[:, 16:80, 16:80] = frames
    settings = quick(normalize="sweep", fit="crop", crop=64)
    plain, inside = (
        load_frames([FrameSource.from_array("sweep", sweep)], settings, None, 100).frames[0].image
        for sweep in (frames, bordered)
    )
    np.testing.assert_allclose(inside[24:72, 24:72], plain[8:56, 8:56], atol=0.02)


def test_the_teacher_averages_answers_that_differ_and_leaves_equivariant_ones_as_they_are() -> None:
    class Negative(torch.nn.Module):
        def despeckle(self, frames: torch.Tensor, strength: torch.Tensor) -> torch.Tensor:
            return -frames

    frames = torch.rand(2, 1, 48, 32)
    answer = Teacher(Negative(), 8)(frames, torch.ones(2))  # type: ignore[arg-type]
    torch.testing.assert_close(answer, -frames)
    torch.manual_seed(0)
    network = SpeckleNetwork(encoders=1)
    answers = Teacher(network, 4)(frames, torch.ones(2))
    assert not torch.allclose(answers, Teacher(network, 1)(frames, torch.ones(2)), atol=1e-3)
