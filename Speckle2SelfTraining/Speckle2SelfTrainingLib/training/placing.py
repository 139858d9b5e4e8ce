"""A network where it is trained."""

from __future__ import annotations

from typing import TypeVar

import torch
from torch import nn

Network = TypeVar("Network", bound=nn.Module)


def placed(network: Network, device: str) -> Network:
    """Return the network on its device, its weights in the order of values that is computed fastest."""
    network = network.to(device)
    for weights in network.parameters():
        if weights.ndim == 4:
            weights.data = weights.data.contiguous(memory_format=torch.channels_last)
    return network
