"""A training in the fastest arithmetic of the processor learns what one in fp32 learns, and goes on in its own."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import torch
from Speckle2SelfLib.bundle import load_bundle
from Speckle2SelfLib.network import SpeckleNetwork
from Speckle2SelfLib.precision import fastest_precision
from Speckle2SelfTrainingLib.training import Training, trainer
from Speckle2SelfTrainingLib.training.placing import placed, trainable
from training_support import a_sweep, a_training, losses_of, quick

STEPS = 20  # of a network that starts anew, whose gradient hangs on every rounding
LEAST_COSINE = 0.9
LARGEST_LOSS_DIFFERENCE = 0.01  # of the loss


def next_step(training: Training, state: dict[str, Any], precision: str) -> tuple[float, torch.Tensor]:
    """Return the loss of the next step and its gradient, which moves Adam's first moment."""
    training.loop.restore({**copy.deepcopy(state), "precision": precision})
    loss = training.loop.advance()["loss"]
    before, after = (first_moment(one) for one in (state, training.loop.state()))
    decay = training.settings.betas[0]
    return loss, (after - decay * before) / (1 - decay)


def first_moment(state: dict[str, Any]) -> torch.Tensor:
    return torch.cat([moments["exp_avg"].flatten() for moments in state["optimizer"]["state"].values()])


def test_bf16_has_the_loss_and_the_gradient_of_fp32(tmp_path: Path) -> None:
    training = a_training(tmp_path, quick(precision="fp32", crop=48, steps=100))
    for _ in range(STEPS):
        training.loop.advance()
    state = copy.deepcopy(training.loop.state())
    exact, reference = next_step(training, state, "fp32")
    rounded, gradient = next_step(training, state, "bf16")
    assert rounded != exact
    assert rounded == pytest.approx(exact, rel=LARGEST_LOSS_DIFFERENCE)
    assert float(torch.cosine_similarity(gradient, reference, dim=0)) > LEAST_COSINE


def test_the_automatic_precision_is_the_fastest_of_the_processor(tmp_path: Path) -> None:
    adaptation = quick(scales=(1,))
    assert a_training(tmp_path / "base", adaptation, base="default").loop.precision == fastest_precision("cpu")
    assert a_training(tmp_path / "new").loop.precision == fastest_precision("cpu")
    assert a_training(tmp_path / "asked", quick(precision="fp32")).loop.precision == "fp32"


def test_a_training_goes_on_exactly_on_a_processor_that_would_start_it_in_another_arithmetic(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = quick(steps=4, save_every=1)
    monkeypatch.setattr(trainer, "fastest_precision", lambda _: "bf16")
    whole = losses_of(a_training(tmp_path / "whole", settings))
    a_training(tmp_path / "parts", settings.replace(steps=2)).run()
    monkeypatch.setattr(trainer, "fastest_precision", lambda _: "fp32")
    resumed = a_training(tmp_path / "parts", settings)
    assert resumed.loop.precision == "bf16"
    assert losses_of(resumed) == whole


def test_all_features_of_a_training_keep_one_order_in_memory() -> None:
    network = placed(SpeckleNetwork(encoders=1), "cpu")
    orders = []
    for part in network.modules():
        if isinstance(part, torch.nn.Conv2d):
            part.register_forward_hook(
                lambda _, __, features: orders.append(features.is_contiguous(memory_format=torch.channels_last))
            )
    network.despeckle(torch.rand(2, 1, 32, 32))
    assert len(orders) == 20
    assert all(orders), "a first convolution of one channel needs its order said"


def gradient_of_adaptation(network: SpeckleNetwork, wanted: torch.Tensor, *, bf16: bool) -> torch.Tensor:
    network.zero_grad()
    with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
        output = network.despeckle(frames_to_adapt_to()).float()
    torch.autograd.backward((output - wanted).abs().mean())
    return torch.cat([weights.grad.flatten() for weights in network.parameters() if weights.grad is not None])


def frames_to_adapt_to() -> torch.Tensor:
    return (torch.from_numpy(a_sweep(2, (64, 96))[:, None]).float() / 255).contiguous(memory_format=torch.channels_last)


def test_what_little_an_adaptation_learns_survives_bf16_because_the_ends_are_exact() -> None:
    rounded = placed(load_bundle("default").network(), "cpu").train()
    exact = trainable(load_bundle("default").network(), "cpu").train()
    with torch.no_grad():
        frames = frames_to_adapt_to()
        wanted = (exact.despeckle(frames) + exact.despeckle(frames.flip(-1)).flip(-1)) / 2
    reference = gradient_of_adaptation(exact, wanted, bf16=False)
    cosines = [
        float(torch.cosine_similarity(gradient_of_adaptation(network, wanted, bf16=True), reference, dim=0))
        for network in (rounded, exact)
    ]
    assert cosines[1] > 0.95 > cosines[0]
