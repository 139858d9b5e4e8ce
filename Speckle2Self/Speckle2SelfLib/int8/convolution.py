"""Convolutions of eight-bit features."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - torch's own convention

from .grid import Grid

LARGEST_WEIGHT = 127

# What comes out: features on a grid, or plain numbers of a floating type.
Made = Grid | torch.dtype


class Convolution:
    """A convolution of features on a grid, with weights in eight bits per output channel.

    Parameters
    ----------
    weight : Tensor, float32, shape (outputs, inputs, rows, columns)
    bias : Tensor, float32, shape (outputs,)
    given : Grid
        Of the features that come in.
    made : Grid, torch.bfloat16 or torch.float32
        Of those that go out.
    stride, padding : int
    relu : bool
        Negative values become zero.
    """

    def __init__(
        self,
        weight: Tensor,
        bias: Tensor,
        given: Grid,
        made: Made,
        *,
        stride: int = 1,
        padding: int = 0,
        relu: bool = False,
    ) -> None:
        # A channel without weights needs a scale, too.
        self._scales = weight.abs().amax((1, 2, 3)).clamp_min(1e-12) / LARGEST_WEIGHT
        rounded = (weight / self._scales[:, None, None, None]).round().to(torch.int8)
        self._place = ([stride, stride], [padding, padding], [1, 1])
        self._weight = torch.ops.onednn.qconv_prepack(
            rounded, self._scales, given.scale, given.zero, *self._place, 1, None
        )
        self._zeros = torch.zeros(len(weight), dtype=torch.int64)
        self._bias = bias.clone()
        self._given, self._relu = given, "relu" if relu else "none"
        self._output = (*_scale_and_zero(made), torch.uint8 if isinstance(made, Grid) else made)

    def __call__(self, features: Tensor) -> Tensor:
        """(N, inputs, H, W), uint8, channels last, to (N, outputs, H', W')."""
        result: Tensor = torch.ops.onednn.qconv2d_pointwise(*self._start(features), *self._end(), self._relu, [], "")
        return result

    def onto(self, sum_so_far: Tensor, its: Made, features: Tensor) -> Tensor:
        """Add the result to `sum_so_far`, (N, outputs, H', W'), on a grid or not, as the result; it is overwritten."""
        *start, bias = self._start(features)
        how = (*self._end(), *_scale_and_zero(its), "sum", 1.0, None)
        result: Tensor = torch.ops.onednn.qconv2d_pointwise.binary(*start, sum_so_far, bias, *how, [], "")
        return result

    def _start(self, features: Tensor) -> tuple[object, ...]:
        given = self._given
        return features, given.scale, given.zero, self._weight, self._scales, self._zeros, self._bias

    def _end(self) -> tuple[object, ...]:
        return *self._place, 1, *self._output


class Doubling:
    """A transposed convolution of 3x3 with stride 2: each of the four places of an output cell is a small convolution.

    Parameters
    ----------
    weight : Tensor, float32, shape (inputs, outputs, 3, 3)
        As of ``ConvTranspose2d(inputs, outputs, 3, stride=2, padding=1, output_padding=1)``.
    bias, given, made, relu
        As of :class:`Convolution`.
    """

    def __init__(self, weight: Tensor, bias: Tensor, given: Grid, made: Made, *, relu: bool) -> None:
        self._zero = given.zero
        self._places = [
            [Convolution(taps, bias, given, made, relu=relu) for taps in line] for line in _taps_of_places(weight)
        ]

    def __call__(self, features: Tensor) -> Tensor:
        """(N, inputs, H, W), uint8, channels last, to (N, outputs, 2 H, 2 W)."""
        samples, _, rows, columns = features.shape
        padded = F.pad(features, (0, 1, 0, 1), value=self._zero)
        parts = [
            (down, right, place(padded[..., : rows + down, : columns + right]))
            for down, line in enumerate(self._places)
            for right, place in enumerate(line)
        ]
        result = parts[0][2].new_empty(samples, rows, 2, columns, 2, parts[0][2].shape[1])
        for down, right, part in parts:
            result[:, :, down, :, right] = part.permute(0, 2, 3, 1)
        return result.view(samples, 2 * rows, 2 * columns, -1).permute(0, 3, 1, 2)


class LastDoubling:
    """The same to few channels and without eight bits: one convolution computes all places of an output cell.

    Parameters
    ----------
    weight, bias, relu
        As of :class:`Doubling`.
    dtype : torch.bfloat16 or torch.float32
        Of the features that come in, and of the arithmetic.
    """

    def __init__(self, weight: Tensor, bias: Tensor, dtype: torch.dtype, *, relu: bool = False) -> None:
        self._relu = relu
        places = [
            F.pad(taps, (0, 2 - taps.shape[3], 0, 2 - taps.shape[2]))
            for line in _taps_of_places(weight)
            for taps in line
        ]
        together = torch.stack(places, 1).flatten(0, 1)
        self._weight = together.to(dtype).contiguous(memory_format=torch.channels_last)
        self._bias = bias.repeat_interleave(len(places)).to(dtype)

    def __call__(self, features: Tensor) -> Tensor:
        """(N, inputs, H, W), channels last, to float32 (N, outputs, 2 H, 2 W)."""
        places = F.conv2d(features, self._weight, self._bias, padding=1)[..., 1:, 1:]
        output = F.pixel_shuffle(places.float(), 2)
        return output.relu_() if self._relu else output


def _scale_and_zero(made: Made) -> tuple[float, int]:
    return (made.scale, made.zero) if isinstance(made, Grid) else (1.0, 0)


def _taps_of_places(weight: Tensor) -> list[list[Tensor]]:
    """Return the kernels (outputs, inputs, 1 or 2, 1 or 2) of the four places: even and odd rows, and columns.

    An even place sees the middle tap at its own input, an odd one the outer taps, at its own input and the next.
    """
    plain = weight.transpose(0, 1).flip(2, 3)
    taps = (slice(1, 2), slice(0, 3, 2))
    return [[plain[:, :, rows, columns] for columns in taps] for rows in taps]
