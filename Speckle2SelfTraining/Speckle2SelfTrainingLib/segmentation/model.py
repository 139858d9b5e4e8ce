"""A loaded segmentation model: its network's definition, its weights and its metadata."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from Speckle2SelfLib.errors import ModelError

from .needs import needs_monai

if TYPE_CHECKING:
    from torch import Tensor, nn

COUNTER = "num_batches_tracked"  # of batch norm; inference does not use it and bundles leave it out


@dataclass(frozen=True)
class SegmentationModel:
    """A model in memory.

    Attributes
    ----------
    name, version : str
    sha256 : str
        Of the weights file, in hexadecimal; empty for weights that were never saved.
    metadata : dict
        The content of ``metadata.json``.
    network_def : dict
        As :func:`~.recipe.default_network_def` returns it.
    state : dict of str to Tensor
        Weights by name, float32 on the CPU.
    """

    name: str
    version: str
    sha256: str
    metadata: dict[str, Any]
    network_def: dict[str, Any]
    state: dict[str, Tensor]

    @classmethod
    def unsaved(cls, network: nn.Module, network_def: dict[str, Any], name: str = "unsaved") -> SegmentationModel:
        """Return the model of a network as it is, such as one in training; later training does not change it."""
        state = {key: value.detach().cpu().float().clone() for key, value in network.state_dict().items()}
        return cls(name, "unsaved", "", {}, dict(network_def), state)

    @property
    def side_multiple(self) -> int:
        """What the sides of the network's input must be multiples of, pixels."""
        from .recipe.network import side_multiple

        return side_multiple(self.network_def)

    def network(self) -> nn.Module:
        """Build the network in evaluation mode.

        Raises
        ------
        ModelError
            If the definition is none of an accepted network, or the weights do not fit it.
        DependencyError
            If MONAI is missing.
        """
        from .recipe import make_network

        with needs_monai():
            network = make_network(self.network_def)
        network.load_state_dict(fitting_state(self.state, network, self.name))
        return network.eval()


def fitting_state(state: dict[str, Tensor], network: nn.Module, name: str) -> dict[str, Tensor]:
    """Return the entries that the network needs, or say in one sentence what does not fit."""
    wanted = network.state_dict()
    fitting = {}
    for key, value in wanted.items():
        given = state.get(key)
        if given is None and key.endswith(COUNTER):
            fitting[key] = value
            continue
        if given is None:
            raise ModelError(f"The model {name!r} lacks the weights {key!r} that its network needs.")
        if given.shape != value.shape:
            raise ModelError(
                f"The model {name!r} does not fit its network: the weights {key!r} have shape {tuple(given.shape)}, "
                f"expected {tuple(value.shape)}."
            )
        if not bool(given.isfinite().all()):
            raise ModelError(f"The model {name!r} is damaged: its weights {key!r} are not all finite numbers.")
        fitting[key] = given
    return fitting
