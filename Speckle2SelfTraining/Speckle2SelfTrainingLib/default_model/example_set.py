"""All examples of a training: made once, kept in a file."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from Speckle2SelfLib.network import SpeckleNetwork

from ..pairs import Pair, simulate_pair
from .examples import Example, draw_window, real_example, simulated_example
from .real_frames import COLLECTIONS, describe, training_frames
from .student import StudentSettings

# How far real frames are reduced at most: the finest speckle that exports show.
REDUCTIONS = (0.35, 1.0)
Report = Callable[[str, int], None]


def make_examples(
    settings: StudentSettings,
    teacher: SpeckleNetwork,
    strongest: float,
    data: Path | None,
    report: Report | None = None,
) -> tuple[list[Example], list[Example], list[dict[str, Any]]]:
    """Make the simulated and the real examples.

    Parameters
    ----------
    settings : StudentSettings
    teacher : SpeckleNetwork
        An earlier, conditioned model.
    strongest : float
        Its largest condition.
    data : Path or None
        Folder of the real frames (:mod:`.real_frames`); None leaves them out.
    report : callable (what, how many), optional
        Called after every example.

    Returns
    -------
    (simulated examples, real examples, description of every collection of real frames)
    """
    simulated = []
    for index in range(settings.pairs.frames):
        pair = _window(simulate_pair(settings.pairs, index), np.random.default_rng((6, index)), settings.window)
        simulated.append(simulated_example(pair, teacher, strongest, settings.flattenings))
        if report:
            report("simulated", len(simulated))
    real: list[Example] = []
    collections: list[dict[str, Any]] = []
    drawn = 0
    if data is None:
        return simulated, real, collections
    for collection in COLLECTIONS:
        before = len(real)
        for frame in training_frames(data, collection):
            window = draw_window(frame, np.random.default_rng((5, drawn)), settings.window, REDUCTIONS)
            drawn += 1
            if window is not None:
                real.append(real_example(window, teacher, strongest, settings.flattenings))
                if report:
                    report("real", len(real))
        collections.append(describe(data, collection, len(real) - before))
    return simulated, real, collections


def keep_examples(path: Path, simulated: list[Example], real: list[Example], collections: list[dict[str, Any]]) -> None:
    """Write examples to a temporary file and rename it."""
    tensors = [
        [[torch.from_numpy(image) for image in (one.speckled, one.faithful, one.flat, one.flattest)] for one in group]
        for group in (simulated, real)
    ]
    temporary = path.with_suffix(".tmp")
    torch.save({"simulated": tensors[0], "real": tensors[1], "collections": collections}, temporary)
    os.replace(temporary, path)


def kept_examples(path: Path) -> tuple[list[Example], list[Example], list[dict[str, Any]]]:
    """Return what :func:`keep_examples` wrote."""
    kept = torch.load(path, weights_only=True)
    simulated, real = (
        [Example(*(image.numpy() for image in one)) for one in kept[name]] for name in ("simulated", "real")
    )
    return simulated, real, kept["collections"]


def _window(pair: Pair, rng: np.random.Generator, size: int) -> Pair:
    row, column = (int(rng.integers(0, max(1, length - size + 1))) for length in pair[0].shape)
    speckled, clean = (image[row : row + size, column : column + size] for image in pair)
    return speckled, clean
