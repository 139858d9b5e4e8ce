"""The network: a residual U-Net of MONAI, described by plain arguments that a bundle can carry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from Speckle2SelfLib.errors import ModelError
from torch import nn

UNET = "monai.networks.nets.UNet"
SIDE_MULTIPLE = 32
"""Pixels: the default network halves a frame five times."""

MAXIMUM_LEVELS = 7
MAXIMUM_CHANNELS = 512
MAXIMUM_UNITS = 4
NORMS = ("BATCH", "INSTANCE")
ARGUMENTS = frozenset(
    ("_target_", "spatial_dims", "in_channels", "out_channels", "channels", "strides", "num_res_units", "norm")
)


def default_network_def() -> dict[str, Any]:
    """Return the definition of the default network, as MONAI's ``ConfigParser`` reads it.

    Its first convolution already halves the frame, so that a frame of 256 x 256 costs little over 1 GFLOP; skip
    connections and a residual unit at full size bring the boundary back.
    """
    return {
        "_target_": UNET,
        "spatial_dims": 2,
        "in_channels": 1,
        "out_channels": 1,
        "channels": [24, 48, 96, 128, 192, 192],
        "strides": [2, 2, 2, 2, 2],
        "num_res_units": 2,
        "norm": "BATCH",
    }


def make_network(network_def: Mapping[str, Any]) -> nn.Module:
    """Build a network from its definition; nothing of the definition is evaluated or imported.

    Parameters
    ----------
    network_def : mapping
        As :func:`default_network_def` returns it.

    Returns
    -------
    monai.networks.nets.UNet
        Takes float (N, 1, H, W) with sides that are multiples of :func:`side_multiple`, returns one logit a pixel.

    Raises
    ------
    ModelError
        If it is another network than a U-Net with one input and one output, or larger than any lumen needs.
    """
    _check(network_def)
    from monai.networks.nets import UNet

    network: nn.Module = UNet(
        spatial_dims=2,
        in_channels=1,
        out_channels=1,
        channels=[int(count) for count in network_def["channels"]],
        strides=[2] * (len(network_def["channels"]) - 1),
        num_res_units=int(network_def["num_res_units"]),
        norm=network_def["norm"],
    )
    return network


def side_multiple(network_def: Mapping[str, Any]) -> int:
    """Return what the sides of the network's input must be multiples of, pixels."""
    halvings = len(network_def["channels"]) - 1
    return 1 << halvings


def _check(network_def: Mapping[str, Any]) -> None:
    unknown = sorted(set(network_def) - ARGUMENTS)
    if unknown or network_def.get("_target_") != UNET:
        what = f"an unknown argument {unknown[0]!r}" if unknown else f"the network {network_def.get('_target_')!r}"
        raise ModelError(f"The model names {what}; segmentation models are built from {UNET} with plain arguments.")
    fixed = {"spatial_dims": 2, "in_channels": 1, "out_channels": 1}
    for name, value in fixed.items():
        if network_def.get(name) != value:
            raise ModelError(f"The model's network has {name} {network_def.get(name)!r}; {value} is accepted.")
    channels = network_def.get("channels")
    if not _are_counts(channels, MAXIMUM_CHANNELS) or not 2 <= len(channels or ()) <= MAXIMUM_LEVELS:
        raise ModelError(
            f"The model's network has channels {channels!r}; 2 to {MAXIMUM_LEVELS} whole numbers from 1 to "
            f"{MAXIMUM_CHANNELS} are accepted."
        )
    strides = network_def.get("strides")
    if strides is None or list(strides) != [2] * (len(channels or ()) - 1):
        raise ModelError(f"The model's network has strides {strides!r}; 2 between every two levels is accepted.")
    units = network_def.get("num_res_units")
    if not _are_counts([units], MAXIMUM_UNITS):
        raise ModelError(f"The model's network has num_res_units {units!r}; 1 to {MAXIMUM_UNITS} is accepted.")
    if network_def.get("norm") not in NORMS:
        raise ModelError(
            f"The model's network has the norm {network_def.get('norm')!r}; {' or '.join(NORMS)} is accepted."
        )


def _are_counts(values: Any, largest: int) -> bool:
    if not isinstance(values, list | tuple):
        return False
    return all(isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= largest for value in values)
