"""The network that a training starts with: a new one, or one of a base model."""

from __future__ import annotations

import torch
from Speckle2SelfLib.bundle import Bundle
from Speckle2SelfLib.errors import SettingsError
from Speckle2SelfLib.network import ENCODER_NAMES, NetworkOptions, SpeckleNetwork

from ..pretraining import initialize_without_norm
from .settings import TrainingSettings


def start_network(settings: TrainingSettings, base: Bundle | None) -> tuple[SpeckleNetwork, list[str]]:
    """Return the network before the first step, and what the user should know about it.

    A new network is drawn by the seed. A base keeps its own switches; where it lacks encoders of coarse scales, they
    start as copies of its first one.

    Raises
    ------
    SettingsError
        If nothing is to be minimized.
    """
    if not (settings.self_supervised or settings.supervised_weight or settings.teacher_weight or settings.remix_weight):
        raise SettingsError("All losses have the weight 0: give at least one of them a weight.")
    if base is None:
        torch.manual_seed(settings.seed)
        network = SpeckleNetwork(NetworkOptions.from_dict(settings.network), settings.encoders)
        if not network.options.feature_norm:
            initialize_without_norm(network)
        return network.train(), []
    # Encoders that are not trained stay in the model, so that it can be fine-tuned again.
    encoders = max(settings.encoders, base.encoders)
    network = SpeckleNetwork(base.options, encoders)
    state = dict(base.state)
    for name in ENCODER_NAMES[base.encoders : encoders]:
        first = f"{ENCODER_NAMES[0]}."
        state.update(
            {name + "." + key.removeprefix(first): value for key, value in base.state.items() if key.startswith(first)}
        )
    network.load_state_dict({key: state[key] for key in network.state_dict()})
    notes = []
    if encoders > base.encoders:
        notes.append(f"The model {base.name!r} holds {base.encoders} encoder(s): those of coarser scales are copies.")
    return network.train(), notes
