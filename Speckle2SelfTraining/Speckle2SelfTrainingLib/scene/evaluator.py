"""The public door to comparing: despeckling and other filters on frames of a node of the scene, blocking or not."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from Speckle2SelfLib.errors import InputError, SettingsError
from Speckle2SelfLib.frame_path.sampling import sample_indices
from Speckle2SelfLib.scene.despeckler import read_sweep
from Speckle2SelfLib.scene.job import Progress
from Speckle2SelfLib.settings import DEFAULT_STRENGTH, DespeckleSettings

from ..evaluation.boxes import LUMEN_SIDE, TISSUE_SIDE, Boxes
from ..evaluation.comparing import QUICK_PEERS
from ..evaluation.peers import PEERS
from ..worker.evaluation_order import EvaluationOrder
from .door import WorkerDoor
from .evaluating_job import EvaluatingJob, EvaluatingPlan
from .region_boxes import region_boxes
from .tables import check_table

DEFAULT_FRAMES = 3
MOST_STRENGTHS = 4


class SceneEvaluator(WorkerDoor):
    """Compares despeckling with other filters on nodes of a MRML scene, in the worker process.

    Its parameters are those of :class:`~.door.WorkerDoor`.
    """

    def evaluate(self, inputNode: Any, *, progressCallback: Progress | None = None, **options: Any) -> Any:
        """Compare methods on a few frames and return the table; blocks until done.

        Parameters
        ----------
        inputNode : vtkMRMLNode
            A volume (gray or color), a sequence of images, its browser, or the proxy that shows it. It is never
            changed.
        progressCallback : callable or None
            Called with (done, total) pictures, several times a second; False cancels.
        **options
            ``model`` (a despeckling model by name, or a bundle), ``strengths`` (numbers from 0 to 1, at most four),
            ``filters`` (names of :data:`~Speckle2SelfTrainingLib.evaluation.PEERS`), ``frames`` (how many, spread over
            the sweep, or a list of numbers counted from 0), ``tissue`` and ``lumen`` (a markups ROI or a segmentation;
            None chooses boxes in every frame), ``outputTable`` (table to fill anew), ``keepImages`` (whether the
            pictures become volumes, in a folder), ``device``, ``frameAxis``.

        Raises
        ------
        Speckle2SelfError
            If something given is not accepted, or the job fails; the scene is as before.
        Cancelled
            If ``progressCallback`` returned False, or the input left the scene meanwhile.
        """
        return EvaluatingJob(self._plan(inputNode, **options), progressCallback).wait()

    def start(
        self,
        inputNode: Any,
        *,
        onProgress: Progress | None = None,
        onFinished: Callable[[Any], object] | None = None,
        onError: Callable[[Exception], object] | None = None,
        **options: Any,
    ) -> EvaluatingJob:
        """Start a comparison and return at once; the non-blocking twin of :meth:`evaluate`.

        Raises
        ------
        Speckle2SelfError
            If something given is not accepted; what goes wrong later is given to ``onError``.
        """
        return EvaluatingJob(self._plan(inputNode, **options), onProgress, onFinished, onError, self._schedule)

    def _plan(
        self,
        node: Any,
        *,
        model: str | Path = "default",
        strengths: Iterable[float] = (DEFAULT_STRENGTH,),
        filters: Iterable[str] | None = None,
        frames: int | Iterable[int] = DEFAULT_FRAMES,
        tissue: Any = None,
        lumen: Any = None,
        outputTable: Any = None,
        keepImages: bool = False,
        device: str = "auto",
        frameAxis: str | int | None = None,
    ) -> EvaluatingPlan:
        environment = self._here()
        check_table(environment, outputTable)
        settings = DespeckleSettings(model=str(model), device=device)
        sweep = read_sweep(environment, node, frameAxis)
        chosen = compared_frames(frames, len(sweep))
        sent = sorted({*chosen, *sample_indices(len(sweep))})
        regions = [
            region_boxes(environment, region, sweep, chosen, what, size)
            for region, what, size in ((tissue, "tissue", TISSUE_SIDE), (lumen, "lumen", LUMEN_SIDE))
        ]
        order = EvaluationOrder(
            model=settings.model,
            device=settings.device,
            strengths=_checked_strengths(strengths),
            filters=_checked_filters(filters),
            frames=tuple(sent.index(index) for index in chosen),
            sources=tuple(f"frame {index + 1}" for index in chosen),
            boxes=tuple(Boxes(*both) for both in zip(*regions, strict=True)),
        )
        given = [region for region in (tissue, lumen) if region is not None]
        client = self._worker()
        return EvaluatingPlan(
            environment, sweep, chosen, sent, order, outputTable, keepImages, _where(tissue, lumen), given, client
        )


def compared_frames(frames: int | Iterable[int], count: int) -> list[int]:
    """Return the numbers of frames to compare.

    Parameters
    ----------
    frames : int or iterable of int
        How many (each from the middle of an equal part of the sweep, all if there are no more), or which.
    count : int
        Frames of the sweep.

    Raises
    ------
    SettingsError
        If it is neither a number from 1 nor a list of numbers.
    InputError
        If a frame is not in the sweep.
    """
    if isinstance(frames, int) and not isinstance(frames, bool) and frames >= 1:
        taken = min(frames, count)
        return [(2 * part + 1) * count // (2 * taken) for part in range(taken)]
    numbers = list(frames) if isinstance(frames, Iterable) and not isinstance(frames, str) else []
    if not numbers or not all(isinstance(number, int) and not isinstance(number, bool) for number in numbers):
        raise SettingsError(
            f"frames must be how many to compare (1 or more) or a list of frame numbers, got {frames!r}."
        )
    if outside := [number for number in numbers if not 0 <= number < count]:
        raise InputError(f"Frame {outside[0]} is not in this sweep, which has frames 0 to {count - 1}.")
    return sorted(set(numbers))


def _checked_strengths(strengths: Iterable[float]) -> tuple[float, ...]:
    numbers = list(strengths) if isinstance(strengths, Iterable) and not isinstance(strengths, str) else []
    right = all(isinstance(one, (int, float)) and not isinstance(one, bool) and 0 <= one <= 1 for one in numbers)
    if not 1 <= len(set(numbers)) <= MOST_STRENGTHS or not right:
        raise SettingsError(
            f"strengths must be 1 to {MOST_STRENGTHS} different numbers from 0 to 1, got {strengths!r}."
        )
    return tuple(sorted({float(one) for one in numbers}))


def _checked_filters(filters: Iterable[str] | None) -> tuple[str, ...]:
    if filters is None:
        return tuple(QUICK_PEERS.split(","))
    names = list(filters) if isinstance(filters, Iterable) and not isinstance(filters, str) else [filters]
    unknown = [name for name in names if name not in PEERS]
    if unknown or not names:
        got = repr(unknown[0]) if unknown else "none"
        raise SettingsError(f"filters must be one or more of {', '.join(PEERS)}, got {got}.")
    return tuple(name for name in PEERS if name in names)


def _where(tissue: Any, lumen: Any) -> str:
    found = {"tissue": "the flattest tissue", "lumen": "the darkest lumen-like place"}
    parts = []
    for what, region in (("tissue", tissue), ("lumen", lumen)):
        parts.append(
            f"the {what} that {region.GetName()} marks" if region is not None else f"{found[what]} of each frame"
        )
    chosen = " (chosen automatically)" if tissue is None and lumen is None else ""
    return f"Measured in {parts[0]} and in {parts[1]}{chosen}."
