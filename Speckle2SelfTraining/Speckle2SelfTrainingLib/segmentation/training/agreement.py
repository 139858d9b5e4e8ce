"""How well a model's masks agree with an expert's, frame by frame."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import torch
from numpy.typing import NDArray

from ..labels import IGNORE, LUMEN
from ..segmenter import Segmenter
from .sources import LabelledSource

PERCENTILE = 95

Mask = NDArray[np.uint8]


@dataclass(frozen=True)
class FrameAgreement:
    """One frame.

    Attributes
    ----------
    subject, source : str
    frame : int
        Its number in the source.
    expected, found : bool
        Whether the expert and the model see a lumen.
    dice : float
        0 to 1; NaN where neither sees one.
    hausdorff : float
        95th percentile of the distances between the two borders, pixels of the frame; NaN where not both see one.
    diameter_error : float
        Difference of the equivalent diameters (model minus expert) in percent of the expert's: -100 for a lumen that
        is missed; NaN where none is expected.
    """

    subject: str
    source: str
    frame: int
    expected: bool
    found: bool
    dice: float
    hausdorff: float
    diameter_error: float


def measure_agreement(
    segmenter: Segmenter, source: LabelledSource, progress: Callable[[int], object] | None = None
) -> list[FrameAgreement]:
    """Segment the frames of a source and compare them with its masks; frames without any label are left out.

    Parameters
    ----------
    segmenter : Segmenter
    source : LabelledSource
    progress : callable (int), optional
        Called with the number of frames done.
    """
    rows = []
    for index, found in _segmented(segmenter, source):
        expert = np.asarray(source.masks[index])
        known = expert != IGNORE
        if known.any():
            rows.append(_compared(source, index, (found & known).astype(np.uint8), (expert == LUMEN).astype(np.uint8)))
        if progress is not None:
            progress(index + 1)
    return rows


def _segmented(segmenter: Segmenter, source: LabelledSource) -> Iterator[tuple[int, Mask]]:
    """Yield number and mask of every frame; frames of one size that follow each other are one sweep."""
    kinds = (_kind(np.asarray(source.frames[index])) for index in range(len(source)))
    for _, group in groupby(enumerate(kinds), key=lambda entry: entry[1]):
        indices = [index for index, _ in group]
        for result in segmenter.stream(source.only(indices).frames, spacing=source.spacing):
            yield indices[result.index], result.mask


def _kind(frame: NDArray[np.generic]) -> tuple[tuple[int, ...], str]:
    return frame.shape, frame.dtype.str


def compare_masks(found: Mask, expert: Mask) -> tuple[float, float, float]:
    """Return Dice, Hausdorff distance and diameter error of one frame, as :class:`FrameAgreement` has them.

    Parameters
    ----------
    found, expert : uint8 array (H, W)
        0 and 1.
    """
    expected, seen = bool(expert.any()), bool(found.any())
    return (
        _dice(found, expert) if expected or seen else math.nan,
        _hausdorff(found, expert) if expected and seen else math.nan,
        100 * (math.sqrt(found.sum() / expert.sum()) - 1) if expected else math.nan,
    )


def _compared(source: LabelledSource, index: int, found: Mask, expert: Mask) -> FrameAgreement:
    seen = bool(expert.any()), bool(found.any())
    return FrameAgreement(source.subject, source.name, index, *seen, *compare_masks(found, expert))


def _dice(found: Mask, expert: Mask) -> float:
    from monai.metrics import DiceMetric

    metric = DiceMetric(include_background=True, ignore_empty=False)
    return float(metric(y_pred=_tensor(found), y=_tensor(expert)))


def _hausdorff(found: Mask, expert: Mask) -> float:
    from monai.metrics import HausdorffDistanceMetric

    metric = HausdorffDistanceMetric(include_background=True, percentile=PERCENTILE)
    return float(metric(y_pred=_tensor(found), y=_tensor(expert)))


def _tensor(mask: Mask) -> torch.Tensor:
    return torch.from_numpy(mask)[None, None].float()


def summarize(rows: Sequence[FrameAgreement]) -> dict[str, float | int | None]:
    """Return means over frames: n, dice, hausdorff, diameter_error (of its size), diameter_bias, missed, false alarms.

    What no frame can tell is None.
    """
    expected = [row for row in rows if row.expected]
    return {
        "n": len(expected),
        "dice": _mean([row.dice for row in expected]),
        "hausdorff_px": _mean([row.hausdorff for row in expected]),
        "diameter_error_percent": _mean([abs(row.diameter_error) for row in expected]),
        "diameter_bias_percent": _mean([row.diameter_error for row in expected]),
        "missed": sum(not row.found for row in expected),
        "n_without_lumen": len(rows) - len(expected),
        "false_alarms": sum(row.found for row in rows if not row.expected),
    }


def _mean(values: Sequence[float]) -> float | None:
    known = [value for value in values if not math.isnan(value)]
    return float(np.mean(known)) if known else None
