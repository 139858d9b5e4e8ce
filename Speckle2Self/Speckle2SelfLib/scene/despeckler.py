"""The public door: despeckle a node of the scene, blocking or not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from ..settings import DespeckleSettings
from .display import keeps_range
from .environment import SceneEnvironment, current_environment
from .job import Job, JobPlan, Progress
from .names import result_name
from .outputs import OutputNodes, check_output
from .results import Result
from .runners import Runner, default_runner
from .selection import Selection, select
from .sequence_result import SequenceResult
from .sequences import SequenceSweep, find_sequence
from .stepped_job import Schedule
from .sweep import SceneSweep, VolumeSweep
from .volume_result import VolumeResult

if TYPE_CHECKING:
    from .live_preview import LivePreview
    from .live_stream import LiveStream

Settings = DespeckleSettings | Mapping[str, Any] | None
Frames = str | tuple[int, int] | None


class SceneDespeckler:
    """Despeckles nodes of a MRML scene.

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
        self._environment, self._runner, self._schedule = environment, runner, schedule

    def process(
        self,
        inputNode: Any,
        outputNode: Any = None,
        *,
        settings: Settings = None,
        frames: Frames = None,
        frameAxis: str | int | None = None,
        progressCallback: Callable[[int, int], object] | None = None,
        runner: Runner | None = None,
    ) -> Any:
        """Despeckle a node and return the result's node; blocks until done.

        Parameters
        ----------
        inputNode : vtkMRMLNode
            A scalar volume (2D or 3D), an RGB or RGBA vector volume, a sequence of such images, its browser, or the
            proxy volume that shows it. It is never changed.
        outputNode : vtkMRMLNode or None
            Node that gets the result, of the input's class (for sequences: a sequence, the proxy of one, or an empty
            volume that becomes the proxy); None creates one, named "<input> despeckled (research use)".
        settings : DespeckleSettings or mapping or None
            What to compute.
        frames : None, "current" or (first, last)
            All frames; the one that the user sees, as a volume; or a range, both included and counted from 0, which
            gives a volume of these slices at their place or a sequence of these frames with their index values.
        frameAxis : {"I", "J", "K"} or 0 to 2 or None
            Axis of a volume along which its frames lie, K by default.
        progressCallback : callable or None
            Called with (done, total) after every frame and several times a second; False cancels.
        runner : Runner or None
            What computes.

        Returns
        -------
        vtkMRMLNode
            ``outputNode`` if given; otherwise a volume for a volume (also for a proxy, whose result is a sequence
            shown by that volume) and a sequence for a sequence or a browser.

        Raises
        ------
        Speckle2SelfError
            If input, output or settings are not accepted, or the computation fails; the scene is as before.
        Cancelled
            If ``progressCallback`` returned False, or input or output left the scene meanwhile.
        """
        plan = self._plan(inputNode, outputNode, settings, frames, frameAxis, runner)
        return Job(plan, progressCallback).wait()

    def start(
        self,
        inputNode: Any,
        outputNode: Any = None,
        *,
        settings: Settings = None,
        frames: Frames = None,
        frameAxis: str | int | None = None,
        onProgress: Progress | None = None,
        onFinished: Callable[[Any], object] | None = None,
        onError: Callable[[Exception], object] | None = None,
        runner: Runner | None = None,
    ) -> Job:
        """Start despeckling a node and return at once; the non-blocking twin of :meth:`process`.

        Returns
        -------
        Job
            Has ``running``, ``done``, ``total``, ``cancel()`` and, without a timer, ``poll()``.

        Raises
        ------
        Speckle2SelfError
            If input, output or settings are not accepted; what goes wrong later is given to ``onError``.
        """
        plan = self._plan(inputNode, outputNode, settings, frames, frameAxis, runner)
        return Job(plan, onProgress, onFinished, onError, self._schedule)

    def preview(self, inputNode: Any, *, settings: Settings = None, **options: Any) -> LivePreview:
        """Despeckle the frame that the user sees, again and again, until stopped.

        Parameters
        ----------
        inputNode : vtkMRMLNode
            As :meth:`process` takes it.
        settings : DespeckleSettings or mapping or None
            What to compute; may be changed later.
        **options
            ``frameAxis``, ``opacity``, ``onResult``, ``onStopped`` of
            :class:`~Speckle2SelfLib.scene.live_preview.LivePreview`.

        Returns
        -------
        LivePreview
            Has ``poll()``, ``settings``, ``index``, ``milliseconds`` and ``stop()``.

        Raises
        ------
        Speckle2SelfError
            If input or settings are not accepted; what goes wrong later is given to ``onStopped``.
        """
        from .live_preview import LivePreview

        return LivePreview(self._environment or current_environment(), inputNode, _settings(settings), **options)

    def follow(
        self, inputNode: Any, outputNode: Any = None, *, settings: Settings = None, **options: Any
    ) -> LiveStream:
        """Despeckle a volume whenever its image changes, until stopped: newest frame first, others dropped.

        Parameters
        ----------
        inputNode : vtkMRMLVolumeNode
            The volume that a live stream changes.
        outputNode : vtkMRMLVolumeNode or None
            Where the results go; None reuses the volume that followed this one before, or creates one.
        settings : DespeckleSettings or mapping or None
            What to compute; may be changed later.
        **options
            ``onResult``, ``onStopped`` of :class:`~Speckle2SelfLib.scene.live_stream.LiveStream`.

        Returns
        -------
        LiveStream
            Has ``poll()``, ``settings``, ``output``, ``rates`` and ``stop()``.

        Raises
        ------
        Speckle2SelfError
            If input, output or settings are not accepted; what goes wrong later is given to ``onStopped``.
        """
        from .live_stream import LiveStream

        environment = self._environment or current_environment()
        return LiveStream(environment, inputNode, outputNode, settings=_settings(settings), **options)

    def _plan(
        self,
        node: Any,
        output: Any,
        settings: Settings,
        frames: Frames,
        axis: str | int | None,
        runner: Runner | None,
    ) -> JobPlan:
        environment = self._environment or current_environment()
        checked = _settings(settings)
        sweep = read_sweep(environment, node, axis)
        selection = select(frames, sweep, environment)
        as_sequence = isinstance(sweep, SequenceSweep) and not selection.preview
        nodes = check_output(environment, output, sweep, as_sequence)
        if runner is None:
            self._runner = runner = self._runner or default_runner(environment)
        result = _result(sweep, selection, nodes, keeps_range(checked), as_sequence)
        return JobPlan(environment, sweep, selection, checked, result, nodes.existing, runner)


def read_sweep(environment: SceneEnvironment, node: Any, frameAxis: str | int | None = None) -> SceneSweep:
    """Return the frames of an input node.

    Raises
    ------
    InputError
        If the node is not in the scene or holds nothing that can be despeckled.
    """
    if node is None:
        raise InputError("No input was given; choose a volume or a sequence.")
    if not hasattr(node, "IsA") or not environment.holds(node):
        raise InputError(f"The input must be a node of this scene, got {node!r}.")
    found = find_sequence(environment, node)
    if found is not None:
        return SequenceSweep(node, *found)
    if not node.IsA("vtkMRMLVolumeNode"):
        raise InputError(
            f"{node.GetName()!r} is a {node.GetNodeTagName()} node; give a volume, or a sequence of volumes."
        )
    return VolumeSweep(node, frameAxis)


def _settings(settings: Settings) -> DespeckleSettings:
    if isinstance(settings, DespeckleSettings):
        return settings
    return DespeckleSettings.from_dict(dict(settings or {}))


def _result(sweep: SceneSweep, selection: Selection, nodes: OutputNodes, same_range: bool, as_sequence: bool) -> Result:
    name = result_name(sweep.name, selection.indices[0] if selection.preview else None)
    if as_sequence and isinstance(sweep, SequenceSweep):
        return SequenceResult(sweep, selection.indices, name, nodes, same_range)
    return VolumeResult(sweep, selection.indices, name, nodes, same_range)
