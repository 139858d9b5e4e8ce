"""What values the features of a network take: its calibration."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from ..network import ConvUnit, ResidualBlock, SpeckleNetwork
from .calibration import Calibration
from .network import FINE, coarse_names

# Features that are zero everywhere need a range, too.
SMALLEST_HIGH = 1e-3
# Channels that hardly speak in simulated frames do in some real ones.
SMALLEST_SHARE = 0.25

Extremes = tuple[Tensor, Tensor]


def calibrate(network: SpeckleNetwork, inputs: Iterable[tuple[Tensor, float]]) -> Calibration | None:
    """Return the calibration of a network; None for one whose norms would enlarge the rounding.

    Parameters
    ----------
    network : SpeckleNetwork
        On the CPU, in evaluation mode.
    inputs : iterable of (frames, strength)
        float32, (N, 1, H, W), normalized, with the condition of the network: all that it will see should be among them.
    """
    if not network.options.bears_rounding:
        return None
    seen: dict[str, Extremes] = {}
    with _watching(network, seen), torch.inference_mode():
        for frames, strength in inputs:
            network.despeckle(frames, strength)
    ranges = {name: (float(seen[name][0].min()), float(seen[name][1].max())) for name in coarse_names()}
    return Calibration(ranges, {name: _of_channels(*seen[name]) for name in FINE})


def _of_channels(lows: Tensor, highs: Tensor) -> list[tuple[float, float]]:
    """Return the range of every channel, at least a share of the widest of all."""
    lows = torch.minimum(lows, SMALLEST_SHARE * lows.min())
    highs = torch.maximum(highs, SMALLEST_SHARE * highs.max())
    return list(zip(lows.tolist(), highs.tolist(), strict=True))


@contextmanager
def _watching(network: SpeckleNetwork, seen: dict[str, Extremes]) -> Iterator[None]:
    """Note the smallest and the largest value of every channel of all features."""
    handles = []

    def note(name: str, features: Tensor) -> None:
        low, high = seen.get(name, (torch.zeros(1), torch.full((1,), SMALLEST_HIGH)))
        lows, highs = features.amin((0, 2, 3)), features.amax((0, 2, 3))
        seen[name] = (torch.minimum(low, lows), torch.maximum(high, highs))

    for name, module in network.named_modules():
        if isinstance(module, ConvUnit | ResidualBlock):
            handles.append(module.register_forward_hook(lambda _m, _i, made, name=name: note(name, made)))
        if isinstance(module, ResidualBlock):
            handles.append(
                module.register_forward_pre_hook(lambda _m, given, name=name: note(f"{name}.input", given[0]))
            )
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
