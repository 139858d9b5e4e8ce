"""Biases that an instance norm takes away again stay as they are, and nothing that is learned depends on them."""

from __future__ import annotations

from pathlib import Path

import torch
from Speckle2SelfLib.network import ConvUnit, InstanceNorm, NetworkOptions, SpeckleNetwork
from Speckle2SelfTrainingLib.training.placing import fix_idle_biases, placed
from training_support import a_training, quick

VIEWS = [torch.rand(2, 1, 64, 64, generator=torch.Generator().manual_seed(place)) for place in range(2)]


def gradients(network: SpeckleNetwork) -> dict[str, torch.Tensor]:
    outputs = network([view.contiguous(memory_format=torch.channels_last) for view in VIEWS])
    losses = [(output - view).pow(2).mean() for output, view in zip(outputs, VIEWS, strict=True)]
    torch.autograd.backward(torch.stack(losses).sum())
    return {name: weights.grad for name, weights in network.named_parameters() if weights.grad is not None}


def test_the_gradient_of_everything_else_is_the_same_and_that_of_idle_biases_was_rounding() -> None:
    torch.manual_seed(0)
    network = placed(SpeckleNetwork(encoders=2), "cpu")
    whole = gradients(network)
    network.zero_grad()
    fix_idle_biases(network)
    without = gradients(network)
    largest = max(float(gradient.abs().max()) for gradient in without.values())
    assert set(whole) - set(without) == {name for name in whole if name.endswith("conv.bias")}
    for name, gradient in whole.items():
        if name in without:
            torch.testing.assert_close(without[name], gradient, rtol=0, atol=1e-5 * largest)
        else:
            assert float(gradient.abs().max()) < 1e-4 * largest


def test_biases_without_a_norm_behind_them_are_trained() -> None:
    network = SpeckleNetwork(NetworkOptions(output_norm=False), 1)
    fix_idle_biases(network)
    trained = {name for name, weights in network.named_parameters() if weights.requires_grad}
    assert "decoder.conv_block_4.conv.bias" in trained
    idle = {
        f"{name}.conv.bias"
        for name, unit in network.named_modules()
        if isinstance(unit, ConvUnit) and isinstance(unit.norm, InstanceNorm)
    }
    assert {name for name, _ in network.named_parameters()} - trained == idle
    assert idle


def test_a_step_leaves_idle_biases_and_changes_all_weights(tmp_path: Path) -> None:
    training = a_training(tmp_path, quick(crop=48))
    before = {name: weights.detach().clone() for name, weights in training.loop.network.named_parameters()}
    training.loop.advance()
    for name, weights in training.loop.network.named_parameters():
        assert torch.equal(weights, before[name]) == name.endswith("conv.bias"), name
