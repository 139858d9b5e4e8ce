"""A network where it is trained."""

from __future__ import annotations

from typing import TypeVar

import torch
from Speckle2SelfLib.network import ConvUnit, InstanceNorm, SpeckleNetwork
from torch import nn

Network = TypeVar("Network", bound=nn.Module)


def placed(network: Network, device: str) -> Network:
    """Return the network on its device, its weights in the order of values that is computed fastest."""
    network = network.to(device)
    for weights in network.parameters():
        if weights.ndim == 4:
            weights.data = _channels_last(weights.data)
    return network


def trainable(network: SpeckleNetwork, device: str) -> SpeckleNetwork:
    """Return a despeckling network on its device, ready to be trained or to teach in any precision."""
    network = placed(network, device)
    fix_idle_biases(network)
    network.keep_ends_exact()
    return network


def fix_idle_biases(network: nn.Module) -> None:
    """Fix the biases that an instance norm takes away again.

    The network does the same whatever they are. Their gradient is rounding, which Adam would enlarge to steps of full
    length, and to sum it up takes PyTorch longer than the gradient of the weights.
    """
    for unit in network.modules():
        if isinstance(unit, ConvUnit) and isinstance(unit.norm, InstanceNorm):
            unit.conv.bias.requires_grad_(False)


def _channels_last(weights: torch.Tensor) -> torch.Tensor:
    """Return weights channels-last, and say so even where one channel makes both orders the same values.

    PyTorch takes the order of the features from the strides: a first convolution of one channel would start with the
    other order, and its whole stage would be copied from one to the other.
    """
    ordered = weights.contiguous(memory_format=torch.channels_last)
    _, channels, rows, columns = ordered.shape
    return ordered.as_strided(ordered.shape, (rows * columns * channels, 1, columns * channels, channels))
