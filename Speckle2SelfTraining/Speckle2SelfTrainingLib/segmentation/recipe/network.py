"""The network: a U-Net of MONAI, described by plain arguments that a bundle can carry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from Speckle2SelfLib.errors import ModelError
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own convention

DYNUNET = "monai.networks.nets.DynUNet"
DEFAULT_FILTERS = (24, 48, 96, 128, 192)
SIDE_MULTIPLE = 1 << len(DEFAULT_FILTERS)
"""Pixels that the sides of the default network's input are multiples of."""

MINIMUM_LEVELS, MAXIMUM_LEVELS = 3, 7
MAXIMUM_FILTERS = 512

PRIOR_LOGIT = -4.0
"""What an untrained network says of every pixel: lumens are about 2 % of them. From zero, learning that takes long."""


def default_network_def(filters: tuple[int, ...] = DEFAULT_FILTERS) -> dict[str, Any]:
    """Return the definition of a network, as MONAI's ``ConfigParser`` reads it.

    Already its first convolution halves the frame, and its output is half as large as the frame: it costs a quarter of
    a network of the same width at full size, and the boundary between two pixels of the output follows from their
    probabilities.

    Parameters
    ----------
    filters : tuple of int
        Channels of each level; every level halves the frame.
    """
    levels = len(filters)
    return {
        "_target_": DYNUNET,
        "spatial_dims": 2,
        "in_channels": 1,
        "out_channels": 1,
        "kernel_size": [3] * levels,
        "strides": [2] * levels,
        "upsample_kernel_size": [2] * (levels - 1),
        "filters": list(filters),
        "norm_name": "batch",
    }


def make_network(network_def: Mapping[str, Any]) -> nn.Module:
    """Build a network from its definition; nothing of the definition is evaluated or imported.

    Parameters
    ----------
    network_def : mapping
        As :func:`default_network_def` returns it.

    Returns
    -------
    monai.networks.nets.DynUNet
        Takes float (N, 1, H, W) with sides that are multiples of :func:`side_multiple`, and returns one logit for each
        of these pixels, float32.

    Raises
    ------
    ModelError
        If it is any other network than :func:`default_network_def` describes, or larger than any lumen needs.
    """
    filters = _checked_filters(network_def)
    from monai.networks.nets import DynUNet

    definition = default_network_def(filters)
    del definition["_target_"]
    network = DynUNet(**definition)
    last = [module for module in network.output_block.modules() if isinstance(module, nn.Conv2d)][-1]
    assert last.bias is not None
    nn.init.constant_(last.bias, PRIOR_LOGIT)
    network.register_forward_hook(_to_size_of_input)
    built: nn.Module = network
    return built


def side_multiple(network_def: Mapping[str, Any]) -> int:
    """Return what the sides of the network's input must be multiples of, pixels."""
    return 1 << len(network_def["filters"])


def _to_size_of_input(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> Tensor:
    # In single precision: interpolated half-precision logits have steps that show in the boundary.
    return F.interpolate(output.float(), inputs[0].shape[2:], mode="bilinear", align_corners=False)


def _checked_filters(network_def: Mapping[str, Any]) -> tuple[int, ...]:
    filters = network_def.get("filters")
    if not _are_counts(filters) or not MINIMUM_LEVELS <= len(filters or ()) <= MAXIMUM_LEVELS:
        raise ModelError(
            f"The model's network has filters {str(filters)[:80]}; {MINIMUM_LEVELS} to {MAXIMUM_LEVELS} whole numbers "
            f"from 1 to {MAXIMUM_FILTERS} are accepted."
        )
    expected = default_network_def(tuple(filters or ()))
    for name in sorted({*network_def, *expected}):
        if network_def.get(name) != expected.get(name):
            raise ModelError(
                f"The model's network has {name[:40]} {str(network_def.get(name))[:80]!r}; a segmentation model has "
                f"{expected.get(name)!r} there."
            )
    return tuple(filters or ())


def _are_counts(values: Any) -> bool:
    if not isinstance(values, list | tuple):
        return False
    return all(
        isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MAXIMUM_FILTERS for value in values
    )
