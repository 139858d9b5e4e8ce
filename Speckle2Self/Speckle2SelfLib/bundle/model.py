"""A loaded model: its weights and its metadata."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import ModelError
from ..network import ENCODER_NAMES, NetworkOptions, SpeckleNetwork

if TYPE_CHECKING:
    from torch import Tensor

    from ..frame_path.familiarity import TrainedOn
    from ..int8.calibration import Calibration

GrainRange = tuple[tuple[float, float], tuple[float, float]]


@dataclass(frozen=True)
class Bundle:
    """A model in memory.

    Attributes
    ----------
    name, version : str
    sha256 : str
        Of the weights file, in hexadecimal.
    metadata : dict
        The content of ``metadata.json``; of the authors' checkpoints what is known about them.
    state : dict of str to Tensor
        Weights by name, float32 on the CPU.
    options : NetworkOptions
    encoders : int
        How many encoders the weights hold: 3 can be fine-tuned.
    """

    name: str
    version: str
    sha256: str
    metadata: dict[str, Any]
    state: dict[str, Tensor]
    options: NetworkOptions
    encoders: int

    @property
    def grain_range(self) -> GrainRange | None:
        """Speckle grain (rows, columns; smallest and largest, pixels) that the model knows, where it says so."""
        grain = self.metadata.get("speckle2self", {}).get("grain")
        if not grain:
            return None
        (row_low, row_high), (column_low, column_high) = grain["rows"], grain["columns"]
        return ((float(row_low), float(row_high)), (float(column_low), float(column_high)))

    @property
    def trained_on(self) -> TrainedOn:
        """What the model was trained on, as far as its metadata says."""
        from ..frame_path.familiarity import TrainedOn

        levels = self.metadata.get("speckle2self", {}).get("levels")
        if not levels:
            return TrainedOn(self.grain_range)
        (darkest_mean, brightest_mean), (dimmest, brightest) = levels["mean"], levels["brightest"]
        return TrainedOn(
            self.grain_range, (float(darkest_mean), float(brightest_mean)), (float(dimmest), float(brightest))
        )

    @property
    def strongest(self) -> float | None:
        """Condition that the network takes at strength 1; None where it has no condition."""
        if not self.options.conditioned:
            return None
        return float(self.metadata.get("speckle2self", {}).get("strongest", 1.0))

    @property
    def calibration(self) -> Calibration | None:
        """What the network needs to run in int8, where the model has it and gives the same picture in it.

        One that was made for other weights is none.
        """
        from ..int8.calibration import Calibration

        found = Calibration.from_dict(self.metadata.get("speckle2self", {}).get("int8"))
        fits = found is not None and found.weights == self.sha256 and self.options.bears_rounding
        return found if fits else None

    def network(self, encoders: int = 1) -> SpeckleNetwork:
        """Build the network in evaluation mode; one encoder is enough for inference.

        Raises
        ------
        ModelError
            If the weights do not fit the network, or hold fewer encoders than asked for.
        """
        if encoders > self.encoders:
            raise ModelError(f"The model {self.name!r} holds {self.encoders} encoder(s), but {encoders} are needed.")
        network = SpeckleNetwork(self.options, encoders)
        network.load_state_dict(fitting_state(self.state, network, self.name))
        return network.eval()


def fitting_state(state: dict[str, Tensor], network: SpeckleNetwork, name: str) -> dict[str, Tensor]:
    """Return the entries that the network needs, or say in one sentence what does not fit."""
    wanted = network.state_dict()
    for key, value in wanted.items():
        if key not in state:
            raise ModelError(f"{name!r} is not a Speckle2Self model: it lacks the weights {key!r}.")
        if state[key].shape != value.shape:
            given, expected = tuple(state[key].shape), tuple(value.shape)
            raise ModelError(
                f"{name!r} does not fit the network: its weights {key!r} have shape {given}, expected {expected}."
            )
        if not bool(state[key].isfinite().all()):
            raise ModelError(f"{name!r} is damaged: its weights {key!r} hold values that are not finite numbers.")
    return {key: state[key] for key in wanted}


def count_encoders(state: dict[str, Tensor]) -> int:
    """Return how many encoders the weights hold, from the finest scale on."""
    count = 0
    for encoder in ENCODER_NAMES:
        if not any(key.startswith(f"{encoder}.") for key in state):
            break
        count += 1
    return count
