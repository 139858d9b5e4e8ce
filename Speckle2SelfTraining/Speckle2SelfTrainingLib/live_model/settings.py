"""The two courses of the training of the model for live use."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any

from Speckle2SelfLib.errors import SettingsError


@dataclass(frozen=True)
class DistillationSettings:
    """Settings of one course of a distillation; the defaults are those of the second course.

    Parameters
    ----------
    steps : int
        Optimizer steps.
    channels : int
        Width of the student, see :class:`~Speckle2SelfLib.network.NetworkOptions`.
    batch_size, crop : int
        Crops per step and their size in pixels.
    learning_rate, average : float
        See :class:`~..averaged_run.Schedule`.
    edge_weight, gradient_weight : float
        See :func:`~..pretraining.pair_loss`.
    similarity_weight, coarse_weight : float
        Of the similarity of gradients and of the means over squares, see :mod:`.loss`.
    end_share : float
        Share of crops with the smallest and with the largest condition, each; the rest lies between.
    mirrored : bool
        The teacher answers for a crop and its three mirror images, whose mean is learned.
    reuse : int
        A new batch is drawn every so many steps; the others take earlier crops with their answers.
    kept : int
        Crops that are kept for this, at most.
    real_repeats : int
        How often a real example stands among the simulated ones.
    seed : int
    """

    steps: int = 10000
    channels: int = 16
    batch_size: int = 6
    crop: int = 144
    learning_rate: float = 1e-3
    average: float = 0.998
    edge_weight: float = 2.0
    gradient_weight: float = 0.5
    similarity_weight: float = 0.1
    coarse_weight: float = 1.0
    end_share: float = 0.2
    mirrored: bool = True
    reuse: int = 8
    kept: int = 3000
    real_repeats: int = 2
    seed: int = 778

    def to_dict(self) -> dict[str, Any]:
        """Return the settings as JSON-ready values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> DistillationSettings:
        """Build settings from :meth:`to_dict`'s output.

        Raises
        ------
        SettingsError
            If a field is unknown.
        """
        known = {entry.name for entry in fields(cls)}
        if unknown := set(values) - known:
            raise SettingsError(
                f"Unknown settings: {', '.join(sorted(unknown))}; known are {', '.join(sorted(known))}."
            )
        return cls(**values)


# What made version 0.1.0 of the shipped model.
FIRST_COURSE = DistillationSettings(
    steps=16000, learning_rate=1.5e-3, similarity_weight=0.0, coarse_weight=0.0, mirrored=False, reuse=1, seed=777
)
# Moves the student toward the gradients and the flat tissue of its teacher; no shipped model has taken all of it yet.
SECOND_COURSE = DistillationSettings()
COURSES = (FIRST_COURSE, SECOND_COURSE)
