"""The public door to segmentation: segment a node of the scene, blocking or not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from Speckle2SelfLib.errors import SettingsError
from Speckle2SelfLib.scene.despeckler import Frames, read_sweep
from Speckle2SelfLib.scene.environment import SceneEnvironment
from Speckle2SelfLib.scene.job import Job, JobPlan, Progress
from Speckle2SelfLib.scene.results import Result
from Speckle2SelfLib.scene.runners import Runner, default_runner
from Speckle2SelfLib.scene.selection import Selection, select
from Speckle2SelfLib.scene.sequences import SequenceSweep
from Speckle2SelfLib.scene.stepped_job import Schedule
from Speckle2SelfLib.scene.sweep import SceneSweep
from Speckle2SelfLib.settings import DespeckleSettings

from ..segmentation import SegmentSettings
from ..worker.segment_order import SegmentOrder
from .door import SceneDoor
from .pixel_places import pixel_spacing
from .segmentation_outputs import check_segmentation_output
from .segmentation_result import SegmentationResult
from .segmentation_sequence_result import SegmentationSequenceResult
from .segmenting_runners import InProcessSegmenting, WorkerSegmenting

Settings = SegmentSettings | Mapping[str, Any] | None

DEFAULT_MODEL = "carotid"


class SegmentingJob(Job):
    """Segments frames of a node; see :class:`~Speckle2SelfLib.scene.job.Job`."""

    activity = "The segmentation"


class SceneSegmenter(SceneDoor):
    """Segments nodes of a MRML scene.

    Parameters
    ----------
    environment : SceneEnvironment or None
        The scene, by default the desktop's or the one at ``slicer.mrmlScene``.
    runner : Runner or None
        What computes, by default the worker process in the desktop and this process elsewhere.
    schedule : callable or None
        Timer that drives the jobs of :meth:`start`, see :class:`~Speckle2SelfLib.scene.stepped_job.SteppedJob`;
        without one the caller polls them.
    """

    def __init__(
        self,
        environment: SceneEnvironment | None = None,
        runner: Runner | None = None,
        schedule: Schedule | None = None,
    ) -> None:
        super().__init__(environment, schedule)
        self._runner = runner

    def segment(
        self,
        inputNode: Any,
        outputSegmentation: Any = None,
        model: str | Path = DEFAULT_MODEL,
        *,
        progressCallback: Progress | None = None,
        **options: Any,
    ) -> Any:
        """Segment a node and return the result's node; blocks until done.

        Parameters
        ----------
        inputNode : vtkMRMLNode
            A scalar volume (2D or 3D), an RGB or RGBA vector volume, a sequence of such images, its browser, or the
            proxy volume that shows it. It is never changed.
        outputSegmentation : vtkMRMLNode or None
            Segmentation that gets the lumen, whose other segments stay (for sequences: a sequence of segmentations,
            the proxy of one, or an empty segmentation that becomes the proxy; replaced as a whole). None creates one,
            named "<input> segmentation".
        model : str or path
            "carotid", another known model by name, or a bundle (folder or zip).
        progressCallback : callable or None
            Called with (done, total) after every frame and several times a second; False cancels.
        **options
            ``settings`` (SegmentSettings or a mapping of its fields), ``frames`` (None for all, "current", or (first,
            last), both included and counted from 0), ``frameAxis`` (of a volume: I, J or K), ``device``,
            ``closedSurface`` (whether a volume's lumen gets a surface for 3D views).

        Returns
        -------
        vtkMRMLNode
            ``outputSegmentation`` if given; otherwise a segmentation for a volume or a proxy (which shows the
            resulting sequence), and a sequence for a sequence or a browser.

        Raises
        ------
        Speckle2SelfError
            If something given is not accepted, or the computation fails; the scene is as before.
        Cancelled
            If ``progressCallback`` returned False, or input or output left the scene meanwhile.
        """
        return SegmentingJob(self._plan(inputNode, outputSegmentation, model, **options), progressCallback).wait()

    def start(
        self,
        inputNode: Any,
        outputSegmentation: Any = None,
        model: str | Path = DEFAULT_MODEL,
        *,
        onProgress: Progress | None = None,
        onFinished: Callable[[Any], object] | None = None,
        onError: Callable[[Exception], object] | None = None,
        **options: Any,
    ) -> SegmentingJob:
        """Start segmenting a node and return at once; the non-blocking twin of :meth:`segment`.

        Raises
        ------
        Speckle2SelfError
            If something given is not accepted; what goes wrong later is given to ``onError``.
        """
        plan = self._plan(inputNode, outputSegmentation, model, **options)
        return SegmentingJob(plan, onProgress, onFinished, onError, self._schedule)

    def _plan(
        self,
        node: Any,
        output: Any,
        model: str | Path,
        *,
        settings: Settings = None,
        frames: Frames = None,
        frameAxis: str | int | None = None,
        device: str = "auto",
        closedSurface: bool = False,
        runner: Runner | None = None,
    ) -> JobPlan:
        environment = self._here()
        checked, device = _settings(settings), DespeckleSettings(device=device).device
        sweep = read_sweep(environment, node, frameAxis)
        order = SegmentOrder(_model_name(model), device, checked, pixel_spacing(sweep))
        selection = select(frames, sweep, environment)
        as_sequence = isinstance(sweep, SequenceSweep) and not selection.preview
        nodes = check_segmentation_output(environment, output, as_sequence)
        name = _result_name(sweep, selection)
        result: Result
        if as_sequence:
            assert isinstance(sweep, SequenceSweep)
            result = SegmentationSequenceResult(sweep, selection.indices, name, nodes)
        else:
            result = SegmentationResult(sweep, selection.indices, name, nodes.volume, closedSurface)
        if runner is None:
            self._runner = runner = self._runner or default_runner(environment, WorkerSegmenting, InProcessSegmenting)
        return JobPlan(environment, sweep, selection, order, result, nodes.existing, runner)


def _settings(settings: Settings) -> SegmentSettings:
    if isinstance(settings, SegmentSettings):
        return settings
    if settings is not None and not isinstance(settings, Mapping):
        raise SettingsError(f"settings must be SegmentSettings or map names to values, got {settings!r}.")
    return SegmentSettings.from_dict(dict(settings or {}))


def _model_name(model: str | Path) -> str:
    if not isinstance(model, (str, Path)) or not str(model):
        raise SettingsError(f"model must be the name of a model or the path of a bundle, got {model!r}.")
    return str(model)


def _result_name(sweep: SceneSweep, selection: Selection) -> str:
    name = f"{sweep.name} segmentation"
    return f"{name} frame {selection.indices[0] + 1}" if selection.preview else name
