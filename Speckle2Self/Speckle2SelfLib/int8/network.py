"""The network for despeckling in eight bits."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own convention

from ..network import ENCODER_NAMES, MINIMUM_SIZE, ConvUnit, SpeckleNetwork
from .calibration import Calibration
from .convolution import Convolution, Doubling, LastDoubling, Made
from .grid import LEVELS, ChannelGrids, Grid

ENCODER = ENCODER_NAMES[0]
DOWN = tuple(f"{ENCODER}.conv_block_{stage}" for stage in (1, 2, 3, 4))
ENCODER_BLOCKS = tuple(f"{ENCODER}.residual_block_{stage}" for stage in ("1", "2", "3", "end"))
START = "decoder.residual_block_start"
UP = tuple(f"decoder.conv_block_{stage}" for stage in (1, 2, 3))
DECODER_BLOCKS = tuple(f"decoder.residual_block_{stage}" for stage in (1, 2, 3))
LAST = "decoder.conv_block_4"


def _input_of(block: str) -> str:
    return f"{block}.input"


# Of frames unlike ultrasound (grids of lines, noise of black and white) features lie outside their ranges. That is the
# share of those of the finest stage from which the result is no longer that of fp32; of images it is below 2e-5.
LARGEST_SHARE_CUT_OFF = 3e-4
# Counting in every third row is enough, and takes half a millisecond.
ROWS_APART = 3

# The finest features, which are summed up in more than eight bits.
FINE = (DOWN[0], ENCODER_BLOCKS[0], _input_of(DECODER_BLOCKS[2]))


def coarse_names() -> list[str]:
    """Return the names of the other features: layers, blocks, and inputs of the decoder's blocks."""
    blocks = (*ENCODER_BLOCKS, START, *DECODER_BLOCKS)
    inner = (f"{name}.model.0" for name in blocks)
    return [*DOWN[1:], *UP[:2], *blocks[1:-1], *inner, *map(_input_of, DECODER_BLOCKS[:2])]


class Int8Network:
    """Compute what ``SpeckleNetwork.despeckle`` computes, in eight bits but where their steps would show.

    That is where the finest features are summed up, which has next to nothing to compute: the first and the last layer
    and the sums of both blocks between. These are in bf16 or fp32. So are, as a whole, frames whose features lie
    outside the ranges of the calibration.

    Parameters
    ----------
    network : SpeckleNetwork
        On the CPU; one that bears rounding.
    calibration : Calibration
    wide : torch.bfloat16 or torch.float32
        Type of the finest features; bf16 on processors that compute in it.

    Raises
    ------
    KeyError
        If the calibration lacks features of the network.
    RuntimeError, AttributeError
        If this PyTorch lacks what is needed.
    """

    def __init__(self, network: SpeckleNetwork, calibration: Calibration, wide: torch.dtype) -> None:
        self._network, self._wide = network, wide
        self._grids = {name: Grid.covering(*calibration.ranges[name]) for name in coarse_names()}
        fine = [ChannelGrids(calibration.channels[name]) for name in FINE]
        self._first = _FirstLayer(self._unit(DOWN[0]), wide)
        self._fine_encoder = self._fine_block(ENCODER_BLOCKS[0], fine[0])
        self._fine_grids = fine[1]
        given: Grid | ChannelGrids = fine[1]
        self._encoder: list[tuple[Convolution, _Block]] = []
        for name, block in zip(DOWN[1:], ENCODER_BLOCKS[1:], strict=True):
            made = self._grids[name]
            self._encoder.append((self._convolution(name, given, made), self._block(block, made)))
            given = self._grids[block]
        self._start = self._block(START, self._grids[ENCODER_BLOCKS[3]])
        self._decoder = [
            self._up(UP[0], DECODER_BLOCKS[0], self._grids[START], self._grids[ENCODER_BLOCKS[2]]),
            self._up(UP[1], DECODER_BLOCKS[1], self._grids[DECODER_BLOCKS[0]], self._grids[ENCODER_BLOCKS[1]]),
        ]
        self._fine_doubling = self._doubling(UP[2], self._grids[DECODER_BLOCKS[1]], wide)
        self._fine_decoder = self._fine_block(DECODER_BLOCKS[2], fine[2])
        self._last = LastDoubling(*_weights(self._unit(LAST)), wide, relu=_has_relu(self._unit(LAST)))
        # What cannot run is better known now than in the middle of a sweep.
        self.despeckle(torch.zeros(1, 1, MINIMUM_SIZE, MINIMUM_SIZE))

    @torch.inference_mode()
    def despeckle(self, frames: Tensor, strength: float | Tensor = 1.0) -> Tensor:
        """(N, 1, H, W), float32, to the same shape; H and W are multiples of 16. Any number of threads may call it."""
        first = self._first(self._network.with_strength(frames, strength))
        taken = self._fine_encoder.take(first)
        fine = self._fine_encoder(first, taken)
        features, skips = self._fine_grids.take(fine), []
        if _cut_off(taken) or _cut_off(features):
            return self._one_by_one(frames, strength) if len(frames) > 1 else self._in_wide(frames, strength)
        for down, block in self._encoder:
            features = block(down(features))
            skips.append(features)
        features = self._start(features)
        for up, skip in zip(self._decoder, skips[-2::-1], strict=True):
            features = up(features, skip)
        doubled = self._fine_doubling(features)
        doubled = doubled.add_(fine) if self._network.options.skips else doubled
        output = self._last(self._fine_decoder(doubled, self._fine_decoder.take(doubled)))
        return frames + output if self._network.options.residual else output

    def _one_by_one(self, frames: Tensor, strength: float | Tensor) -> Tensor:
        """Give every frame the result that it has alone."""
        strengths = torch.as_tensor(strength).reshape(-1).expand(len(frames))
        return torch.cat([self.despeckle(*each) for each in zip(torch.split(frames, 1), strengths, strict=True)])

    def _in_wide(self, frames: Tensor, strength: float | Tensor) -> Tensor:
        with torch.autocast("cpu", torch.bfloat16, enabled=self._wide == torch.bfloat16):
            return self._network.despeckle(frames, strength).float()

    def _unit(self, name: str) -> ConvUnit:
        return cast(ConvUnit, self._network.get_submodule(name))

    def _convolution(self, name: str, given: Grid | ChannelGrids, made: Made) -> Convolution:
        unit = self._unit(name)
        weight, bias = _weights(unit)
        if isinstance(given, ChannelGrids):
            weight, given = weight * given.steps[:, None, None], given.shared
        stride = int(cast(nn.Conv2d, unit.conv).stride[0])
        return Convolution(weight, bias, given, made, stride=stride, padding=1, relu=_has_relu(unit))

    def _doubling(self, name: str, given: Grid, made: Made) -> Doubling:
        unit = self._unit(name)
        return Doubling(*_weights(unit), given, made, relu=_has_relu(unit))

    def _block(self, name: str, given: Grid) -> _Block:
        middle = self._grids[f"{name}.model.0"]
        inner = self._convolution(f"{name}.model.0", given, middle)
        return _Block(inner, self._convolution(f"{name}.model.1", middle, self._grids[name]), given)

    def _fine_block(self, name: str, given: ChannelGrids) -> _FineBlock:
        middle = self._grids[f"{name}.model.0"]
        inner = self._convolution(f"{name}.model.0", given, middle)
        return _FineBlock(inner, self._convolution(f"{name}.model.1", middle, self._wide), given, self._wide)

    def _up(self, name: str, block: str, given: Grid, skip: Grid) -> _Up:
        doubled, joined = self._grids[name], self._grids[_input_of(block)]
        doubling = self._doubling(name, given, doubled)
        if not self._network.options.skips:
            return _Up(doubling, None, doubled, self._block(block, doubled))
        channels = int(cast(Tensor, self._unit(name).conv.weight).shape[1])
        # Features on other grids are added by a convolution with ones.
        ones = Convolution(torch.eye(channels)[..., None, None], torch.zeros(channels), skip, joined)
        return _Up(doubling, ones, doubled, self._block(block, joined))


class _FirstLayer:
    """The first layer, in fp32: the frame keeps its gray levels."""

    def __init__(self, unit: ConvUnit, made: torch.dtype) -> None:
        weight, self._bias = _weights(unit)
        self._weight, self._made = weight.contiguous(memory_format=torch.channels_last), made

    def __call__(self, frames: Tensor) -> Tensor:
        frames = frames.contiguous(memory_format=torch.channels_last)
        features = F.conv2d(frames, self._weight, self._bias, stride=2, padding=1).relu_()
        # Of one channel PyTorch cannot tell the order, and takes the other.
        return features.to(self._made, memory_format=torch.channels_last)


class _Block:
    """A residual block; its sum is formed where the features that come in lie."""

    def __init__(self, inner: Convolution, outer: Convolution, given: Grid) -> None:
        self._inner, self._outer, self._given = inner, outer, given

    def __call__(self, features: Tensor) -> Tensor:
        return self._outer.onto(features, self._given, self._inner(features))


class _FineBlock:
    """The same with the sum in more than eight bits, beside features that were taken to them."""

    def __init__(self, inner: Convolution, outer: Convolution, given: ChannelGrids, wide: torch.dtype) -> None:
        self._inner, self._outer, self._given, self._wide = inner, outer, given, wide

    def take(self, features: Tensor) -> Tensor:
        return self._given.take(features)

    def __call__(self, features: Tensor, taken: Tensor) -> Tensor:
        return self._outer.onto(features, self._wide, self._inner(taken))


class _Up:
    """A stage of the decoder: twice the size, the encoder's features added, a residual block."""

    def __init__(self, doubling: Doubling, ones: Convolution | None, doubled: Grid, block: _Block) -> None:
        self._doubling, self._ones, self._doubled, self._block = doubling, ones, doubled, block

    def __call__(self, features: Tensor, skip: Tensor) -> Tensor:
        features = self._doubling(features)
        return self._block(features if self._ones is None else self._ones.onto(features, self._doubled, skip))


def _cut_off(taken: Tensor) -> bool:
    rows = taken[:, :, ::ROWS_APART]
    return int(torch.count_nonzero(rows == LEVELS)) > LARGEST_SHARE_CUT_OFF * rows[0].numel()


def _has_relu(unit: ConvUnit) -> bool:
    return isinstance(unit.relu, nn.ReLU)


def _weights(unit: ConvUnit) -> tuple[Tensor, Tensor]:
    return cast(Tensor, unit.conv.weight).detach().float(), cast(Tensor, unit.conv.bias).detach().float()
