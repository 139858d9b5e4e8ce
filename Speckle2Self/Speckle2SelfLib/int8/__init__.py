"""The network in whole numbers of eight bits, for processors that multiply them faster than anything else.

Activations are unsigned, weights signed, each on a :class:`.grid.Grid` of its own; the grids of the activations come
from a calibration that a model brings along, so that a frame's result does not depend on other frames.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..errors import DeviceError, ModelError

if TYPE_CHECKING:
    from torch import Tensor, nn

    from .calibration import Calibration


def network_in_int8(network: nn.Module, calibration: Calibration | None, device: str) -> Callable[..., Tensor]:
    """Return what computes in int8 what a network's ``despeckle`` computes.

    Parameters
    ----------
    network : SpeckleNetwork
    calibration : Calibration or None
        Of the network.
    device : str
        Where it is to run.

    Raises
    ------
    DeviceError
        If the device, its processor or this PyTorch cannot compute in int8.
    ModelError
        If there is no calibration, or not one of this network.
    """
    import torch

    from ..network import SpeckleNetwork
    from ..precision import computes_bf16
    from .network import Int8Network
    from .support import int8_problem

    if device != "cpu":
        raise DeviceError(f"int8 runs on the CPU only, not on {device!r}: choose the device cpu or another precision.")
    if problem := int8_problem():
        raise DeviceError(f"int8 cannot be used: {problem}; choose the precision auto.")
    if not isinstance(network, SpeckleNetwork) or not network.options.bears_rounding:
        raise ModelError("int8 cannot be used: norms of this network enlarge rounding; choose the precision auto.")
    if calibration is None:
        raise ModelError("int8 cannot be used: this model has no calibration for it; choose the precision auto.")
    try:
        return Int8Network(network, calibration, torch.bfloat16 if computes_bf16() else torch.float32).despeckle
    except KeyError as error:
        raise ModelError(f"int8 cannot be used: the model's calibration lacks the layer {error}.") from error
    except Exception as error:  # another PyTorch may want other arguments
        raise DeviceError(f"int8 cannot be used: PyTorch refused it ({type(error).__name__}).") from error
