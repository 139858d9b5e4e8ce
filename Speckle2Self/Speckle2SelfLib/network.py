"""The Speckle2Self network: one encoder per scale and one shared decoder.

Names and shapes of the parameters equal those of the authors' state dict, so that their checkpoints load by name.
Everything that departs from the published network is a switch in :class:`NetworkOptions`, off by default.

Source: Li, Navab, Jiang, "Speckle2Self", Medical Image Analysis 2025, doi 10.1016/j.media.2025.103755.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own convention

from .errors import ModelError

ENCODER_NAMES = ("encoder_highRes", "encoder_midRes", "encoder_lowRes")
STAGES = 4
PUBLISHED_CHANNELS = 32
LARGEST_CHANNELS = 128
STRIDE: int = 2**STAGES
MINIMUM_SIZE: int = 2 * STRIDE


@dataclass(frozen=True)
class NetworkOptions:
    """Switches of the network; the defaults are the published network.

    Parameters
    ----------
    feature_norm : bool
        Instance norm behind every convolution inside the network. It sees the whole frame, so borders and overlays
        change the result; without it the network is local.
    output_norm : bool
        Instance norm on the one-channel output.
    output_relu : bool
        ReLU on the output; its zero region shows as a hard black hole in dark lumens.
    skips : bool
        Add encoder features to the decoder's at 1/8, 1/4 and 1/2 of the resolution.
    residual : bool
        The network computes what is to be added to the frame instead of the frame.
    conditioned : bool
        A second input channel carries the strength, constant over the frame.
    channels : int
        Channels of the finest stage, a multiple of 8 up to 128; every further stage has twice as many.
    """

    feature_norm: bool = True
    output_norm: bool = True
    output_relu: bool = True
    skips: bool = False
    residual: bool = False
    conditioned: bool = False
    channels: int = PUBLISHED_CHANNELS

    @property
    def stages(self) -> tuple[int, int, int, int]:
        """Channels of the four stages, finest first."""
        one = self.channels
        return one, 2 * one, 4 * one, 8 * one

    @property
    def bears_rounding(self) -> bool:
        """Whether bf16 gives the same picture: a change of the frame is small, and no norm enlarges what it rounds."""
        return self.residual and not self.feature_norm and not self.output_norm

    def to_dict(self) -> dict[str, bool | int]:
        """Return the switches as JSON-ready values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> NetworkOptions:
        """Build switches from a model's metadata.

        Raises
        ------
        ModelError
            If a switch is unknown or has a value that it cannot have.
        """
        known = {field.name for field in fields(cls)}
        for name, value in values.items():
            if name not in known:
                raise ModelError(f"The model asks for the network switch {name!r}, which this version does not know.")
            if name == "channels":
                _check_channels(value)
            elif not isinstance(value, bool):
                raise ModelError(f"The network switch {name!r} must be true or false, got {value!r}.")
        return cls(**values)


def _check_channels(value: Any) -> None:
    # An untrusted bundle must not make this computer build a network that fills its memory.
    if type(value) is not int or value % 8 or not 8 <= value <= LARGEST_CHANNELS:
        raise ModelError(
            f"The channels of a network must be a multiple of 8 from 8 to {LARGEST_CHANNELS}, got {value!r}."
        )


class InstanceNorm(nn.InstanceNorm2d):
    """Instance norm that leaves channels-last features in their order.

    PyTorch copies them to the other order and back, which took longer than the norm itself.
    """

    def forward(self, features: Tensor) -> Tensor:
        """(N, C, H, W) to the same shape, every channel of every sample with mean 0 and variance 1."""
        if features.device.type != "cpu" or features.is_contiguous():
            return super().forward(features)
        # Scales in fp32 make PyTorch keep means and deviations of bf16 features in fp32: rounded, they cost precision.
        ones, zeros = features.new_tensor([[1.0], [0.0]], dtype=torch.float32).expand(2, features.shape[1]).contiguous()
        # The batch norm of one sample is its instance norm.
        samples = features.chunk(len(features))
        return torch.cat([F.batch_norm(one, None, None, ones, zeros, training=True, eps=self.eps) for one in samples])


class ConvUnit(nn.Module):
    """Convolution (plain, strided or transposed), then norm and ReLU where asked for; zero padding.

    Attributes
    ----------
    exact : bool
        Whether the convolution is computed in fp32 even where others are computed in half precision.
    """

    def __init__(
        self, inputs: int, outputs: int, *, stride: int = 1, transposed: bool = False, norm: bool, relu: bool
    ) -> None:
        super().__init__()
        if transposed:
            self.conv: nn.Module = nn.ConvTranspose2d(inputs, outputs, 3, stride=2, padding=1, output_padding=1)
        else:
            self.conv = nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1)
        self.norm: nn.Module = InstanceNorm(outputs) if norm else nn.Identity()
        self.relu: nn.Module = nn.ReLU(inplace=True) if relu else nn.Identity()
        self.exact = False

    def forward(self, features: Tensor) -> Tensor:
        """(N, inputs, H, W) to (N, outputs, H', W')."""
        result: Tensor = self.relu(self.norm(self._convolved(features)))
        return result

    def _convolved(self, features: Tensor) -> Tensor:
        kind = features.device.type
        if not (self.exact and torch.is_autocast_enabled(kind)):
            result: Tensor = self.conv(features)
            return result
        with torch.autocast(kind, enabled=False):
            result = self.conv(features.float())
        # Many channels take twice as long in fp32; the one of the output is the answer itself.
        return result if result.shape[1] == 1 else result.to(torch.get_autocast_dtype(kind))


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions around a ReLU, added to the input, without a ReLU behind the sum."""

    def __init__(self, channels: int, *, norm: bool) -> None:
        super().__init__()
        self.model = nn.Sequential(
            ConvUnit(channels, channels, norm=norm, relu=True),
            ConvUnit(channels, channels, norm=norm, relu=False),
        )

    def forward(self, features: Tensor) -> Tensor:
        """(N, channels, H, W) to the same shape."""
        result: Tensor = features + self.model(features)
        return result


class Encoder(nn.Module):
    """Four stages of stride-2 convolution and residual block: frames to features of 1/2, 1/4, 1/8, 1/16 their size."""

    def __init__(self, options: NetworkOptions) -> None:
        super().__init__()
        inputs, norm = 2 if options.conditioned else 1, options.feature_norm
        one, two, three, four = options.stages
        self.conv_block_1 = ConvUnit(inputs, one, stride=2, norm=norm, relu=True)
        self.residual_block_1 = ResidualBlock(one, norm=norm)
        self.conv_block_2 = ConvUnit(one, two, stride=2, norm=norm, relu=True)
        self.residual_block_2 = ResidualBlock(two, norm=norm)
        self.conv_block_3 = ConvUnit(two, three, stride=2, norm=norm, relu=True)
        self.residual_block_3 = ResidualBlock(three, norm=norm)
        self.conv_block_4 = ConvUnit(three, four, stride=2, norm=norm, relu=True)
        self.residual_block_end = ResidualBlock(four, norm=norm)

    def forward(self, frames: Tensor) -> list[Tensor]:
        """Return the features of all four stages, finest first."""
        first = self.residual_block_1(self.conv_block_1(frames))
        second = self.residual_block_2(self.conv_block_2(first))
        third = self.residual_block_3(self.conv_block_3(second))
        fourth = self.residual_block_end(self.conv_block_4(third))
        return [first, second, third, fourth]


class Decoder(nn.Module):
    """Mirror of the encoder with transposed convolutions: features to (N, 1, H, W)."""

    def __init__(self, options: NetworkOptions) -> None:
        super().__init__()
        one, two, three, four = options.stages
        norm = options.feature_norm
        self.skips = options.skips
        self.residual_block_start = ResidualBlock(four, norm=norm)
        self.conv_block_1 = ConvUnit(four, three, transposed=True, norm=norm, relu=True)
        self.residual_block_1 = ResidualBlock(three, norm=norm)
        self.conv_block_2 = ConvUnit(three, two, transposed=True, norm=norm, relu=True)
        self.residual_block_2 = ResidualBlock(two, norm=norm)
        self.conv_block_3 = ConvUnit(two, one, transposed=True, norm=norm, relu=True)
        self.residual_block_3 = ResidualBlock(one, norm=norm)
        self.conv_block_4 = ConvUnit(one, 1, transposed=True, norm=options.output_norm, relu=options.output_relu)

    def forward(self, stages: list[Tensor]) -> Tensor:
        """Map the encoder's four stages to (N, 1, H, W)."""
        first, second, third, fourth = stages
        features = self.conv_block_1(self.residual_block_start(fourth))
        features = self.conv_block_2(self.residual_block_1(features + third if self.skips else features))
        features = self.conv_block_3(self.residual_block_2(features + second if self.skips else features))
        output: Tensor = self.conv_block_4(self.residual_block_3(features + first if self.skips else features))
        return output


class SpeckleNetwork(nn.Module):
    """Encoders (one per scale) and their shared decoder.

    Parameters
    ----------
    options : NetworkOptions
    encoders : int
        3 for training and fine-tuning (7,821,825 parameters as published); 1 is enough for inference (3,910,785).

    Notes
    -----
    Frames are (N, 1, H, W), float, normalized to about [0, 1]; H and W are multiples of 16 and at least 32.
    """

    def __init__(self, options: NetworkOptions | None = None, encoders: int = 3) -> None:
        super().__init__()
        if not 1 <= encoders <= len(ENCODER_NAMES):
            raise ModelError(f"A model has 1 to {len(ENCODER_NAMES)} encoders, got {encoders}.")
        self.options = options or NetworkOptions()
        self.encoder_names = ENCODER_NAMES[:encoders]
        for name in self.encoder_names:
            self.add_module(name, Encoder(self.options))
        self.decoder = Decoder(self.options)

    def despeckle(self, frames: Tensor, strength: float | Tensor = 1.0, *, encoder: int = 0) -> Tensor:
        """Run one encoder and the decoder, without clamping.

        Parameters
        ----------
        frames : Tensor, float, shape (N, 1, H, W)
        strength : float or Tensor of shape (N,)
            Condition in [0, 1]; ignored by networks without the switch `conditioned`.
        encoder : int
            0 is the full-resolution one, the only one used at inference.
        """
        stages = self.get_submodule(self.encoder_names[encoder])(self.with_strength(frames, strength))
        output: Tensor = self.decoder(stages)
        return frames + output if self.options.residual else output

    def keep_ends_exact(self) -> None:
        """Compute the first and the last convolution in fp32 wherever the others are computed in half precision.

        Rounded to eight bits, the frame itself changes by as much as a training has to learn.
        """
        for name in self.encoder_names:
            self.get_submodule(f"{name}.conv_block_1").exact = True  # type: ignore[assignment]
        self.decoder.conv_block_4.exact = True

    def forward(self, views: list[Tensor], strength: float | Tensor = 1.0) -> list[Tensor]:
        """Map the view of each scale through its own encoder and the shared decoder."""
        return [self.despeckle(view, strength, encoder=index) for index, view in enumerate(views)]

    def with_strength(self, frames: Tensor, strength: float | Tensor) -> Tensor:
        """Return what an encoder takes: the frames and, of a conditioned network, the strength as a channel."""
        if not self.options.conditioned:
            return frames
        condition = torch.as_tensor(strength, dtype=frames.dtype, device=frames.device)
        return torch.cat([frames, condition.reshape(-1, 1, 1, 1).expand_as(frames)], dim=1)
