"""The public door to measuring: lumens of a segmentation, frame by frame, blocking or not."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from Speckle2SelfLib.errors import InputError
from Speckle2SelfLib.scene.despeckler import read_sweep
from Speckle2SelfLib.scene.environment import SceneEnvironment
from Speckle2SelfLib.scene.job import Progress
from Speckle2SelfLib.scene.sequences import SequenceSweep, find_sequence
from Speckle2SelfLib.scene.stepped_job import Schedule
from Speckle2SelfLib.scene.sweep import SceneSweep

from ..measurement import LumenMeasures, SweepMeasures, measure_mask, positions_along
from ..measurement.sweep import sweep_of
from ..segmentation.files.frame_list import frames_text
from .door import SceneDoor
from .lumen_segment import referred_volume
from .measurement_table import chart_of, place_measures
from .pixel_places import frame_centers, frame_times, pixel_spacing
from .scene_labels import SceneLabels, read_scene_labels
from .table_job import TableJob
from .tables import check_table


@dataclass(frozen=True)
class MeasuringPlan:
    """All that measuring needs, checked.

    Parameters
    ----------
    environment : SceneEnvironment
        The scene.
    segmentation : vtkMRMLNode
        What the user gave.
    labels : SceneLabels
        Its masks.
    table : vtkMRMLTableNode or None
        Table to fill anew.
    along : str
        What the profile runs along, see :func:`~Speckle2SelfTrainingLib.measurement.measure_sweep`.
    plot : bool
        Whether to make a chart.
    """

    environment: SceneEnvironment
    segmentation: Any
    labels: SceneLabels
    table: Any
    along: str
    plot: bool


class MeasuringJob(TableJob):
    """Measures a segmentation of the scene, a frame at each step; nothing heavy, so it runs in this process.

    Parameters
    ----------
    plan : MeasuringPlan
        What to do.
    onProgress : callable or None
        Called with (done, total) after every frame; False cancels.
    onFinished : callable or None
        Called with the table.
    onError, schedule
        See :class:`~Speckle2SelfLib.scene.stepped_job.SteppedJob`.

    Attributes
    ----------
    done, total : int
        Frames measured and to measure.
    measures : SweepMeasures or None
        What was measured, once finished.
    table : vtkMRMLTableNode or None
        The table, once finished.
    """

    activity = "Measuring"

    def __init__(
        self,
        plan: MeasuringPlan,
        onProgress: Progress | None = None,
        onFinished: Callable[[Any], object] | None = None,
        onError: Callable[[Exception], object] | None = None,
        schedule: Schedule | None = None,
    ) -> None:
        self.total = len(plan.labels)
        self._measured = 0
        self.measures: SweepMeasures | None = None
        self._plan = plan
        watched = [*plan.labels.watched, *plan.labels.sweep.watched]
        super().__init__(plan, watched, onProgress, onFinished, onError, schedule)

    @property
    def done(self) -> int:
        """Frames measured."""
        return self._measured

    @property
    def chart(self) -> Any:
        """The chart of the diameter profile, or None."""
        return None if self.table is None else chart_of(self._environment, self.table)

    def _state(self) -> int:
        return self.done

    def _run(self) -> Generator[bool, None, None]:
        plan, labels = self._plan, self._plan.labels
        spacing = pixel_spacing(labels.sweep)
        lumens: list[LumenMeasures] = []
        for index in range(len(labels)):
            lumens.append(measure_mask(labels[index], spacing, labels.confidence(index)))
            self._measured += 1
            yield True
        positions, notes = _positions(labels.sweep)
        self.measures = sweep_of(
            lumens, spacing, times=frame_times(labels.sweep), positions=positions, along=plan.along
        )
        self._check_nodes()
        notes = notes if self.measures.axis == "position" else []
        self.notes = [*_unsegmented(labels), *self.measures.notices, *notes, *labels.notes]
        self.table = place_measures(plan.environment, self.measures, plan.segmentation, plan.table, plan.plot)


class SceneMeasurer(SceneDoor):
    """Measures segmentations of a MRML scene.

    Its parameters are those of :class:`~.door.SceneDoor`.
    """

    def measure(
        self,
        segmentationNode: Any,
        volumeNode: Any = None,
        *,
        progressCallback: Progress | None = None,
        **options: Any,
    ) -> Any:
        """Measure the lumen on every frame and return the table; blocks until done.

        Parameters
        ----------
        segmentationNode : vtkMRMLNode
            A segmentation of a volume, a sequence of segmentations, or the proxy that shows one.
        volumeNode : vtkMRMLNode or None
            What was segmented: the volume, or the sequence of images, its proxy or browser. None takes the volume that
            the segmentation refers to.
        progressCallback : callable or None
            Called with (done, total); False cancels.
        **options
            ``segment`` (identifier or name of the lumen's segment), ``outputTable`` (table to fill anew), ``frameAxis``
            (of a volume: I, J or K), ``along`` ("auto", "position", "time" or "frame"), ``plot`` (whether to make a
            chart of the diameter profile).

        Raises
        ------
        Speckle2SelfError
            If something given is not accepted; the scene is as before.
        Cancelled
            If ``progressCallback`` returned False.
        """
        return MeasuringJob(self._plan(segmentationNode, volumeNode, **options), progressCallback).wait()

    def start(
        self,
        segmentationNode: Any,
        volumeNode: Any = None,
        *,
        onProgress: Progress | None = None,
        onFinished: Callable[[Any], object] | None = None,
        onError: Callable[[Exception], object] | None = None,
        **options: Any,
    ) -> MeasuringJob:
        """Start measuring and return at once; the non-blocking twin of :meth:`measure`.

        Raises
        ------
        Speckle2SelfError
            If something given is not accepted; what goes wrong later is given to ``onError``.
        """
        plan = self._plan(segmentationNode, volumeNode, **options)
        return MeasuringJob(plan, onProgress, onFinished, onError, self._schedule)

    def _plan(
        self,
        segmentation: Any,
        volume: Any,
        *,
        segment: str | None = None,
        outputTable: Any = None,
        frameAxis: str | int | None = None,
        along: str = "auto",
        plot: bool = True,
    ) -> MeasuringPlan:
        environment = self._here()
        check_table(environment, outputTable)
        sweep = read_sweep(environment, volume or segmented_node(environment, segmentation), frameAxis)
        labels = read_scene_labels(environment, segmentation, sweep, segment)
        return MeasuringPlan(environment, segmentation, labels, outputTable, along, plot)


def segmented_node(environment: SceneEnvironment, segmentation: Any) -> Any:
    """Return the volume or the sequence that a segmentation belongs to.

    Raises
    ------
    InputError
        If it does not say so.
    """
    if segmentation is None or not hasattr(segmentation, "IsA"):
        raise InputError("No segmentation was given; choose one.")
    found = find_sequence(environment, segmentation)
    if found is not None:
        shown = found[1].GetProxyNode(found[0]) if found[1] is not None else None
        volume = referred_volume(shown) if shown is not None else None
    else:
        volume = referred_volume(segmentation) if segmentation.IsA("vtkMRMLSegmentationNode") else None
    if volume is None:
        raise InputError(
            f"Segmentation {segmentation.GetName()!r} does not say which volume it belongs to; choose the volume."
        )
    return volume


def write_csv(measures: SweepMeasures, path: Path) -> None:
    """Write the measures as a CSV file, complete or not at all.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    from .exports import write_file

    write_file(path, measures.to_csv().encode())


def _positions(sweep: SceneSweep) -> tuple[list[float] | None, list[str]]:
    centers = frame_centers(sweep)
    if centers is None:
        return None, []
    places = positions_along(centers)
    if isinstance(sweep, SequenceSweep):
        return places.positions, list(places.notes)
    return places.positions, ["Positions hold if the frames of the volume are evenly spaced."]


def _unsegmented(labels: SceneLabels) -> list[str]:
    missing = sorted(set(range(len(labels))) - set(labels.segmented))
    return [f"Not segmented: {frames_text(missing)}."] if missing else []
