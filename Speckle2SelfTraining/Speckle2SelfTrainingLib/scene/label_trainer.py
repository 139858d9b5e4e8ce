"""The public door to learning from segmentations of the scene: a new model from corrected frames, blocking or not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from Speckle2SelfLib.bundle.placing import BundlePlace
from Speckle2SelfLib.errors import InputError, SettingsError
from Speckle2SelfLib.scene.despeckler import read_sweep
from Speckle2SelfLib.scene.environment import SceneEnvironment
from Speckle2SelfLib.scene.sweep import SceneSweep
from Speckle2SelfLib.settings import DespeckleSettings

from ..segmentation.training import SegmentationTrainingSettings, adaptation_settings
from ..worker.order import SweepFile
from ..worker.segmentation_order import LabelledFiles, SegmentationTrainingOrder
from ..worker.task import SegmentationTrainingTask
from .corrections import AUTO, MOST_UNLABELLED, Corrections, FrameChoice, choose_frames
from .door import WorkerDoor
from .job import Progress, TrainingJob, TrainingPlan, sweep_file
from .measurer import segmented_node
from .pixel_places import pixel_spacing
from .scene_labels import read_scene_labels
from .segmenter import DEFAULT_MODEL
from .trainer import checked_name, new_model_path

Nodes = Any
Settings = SegmentationTrainingSettings | Mapping[str, Any] | None

DEFAULT_NAME = "corrected"


class SceneLabelTrainer(WorkerDoor):
    """Trains segmentation models on segmentations of a MRML scene, in the worker process.

    Its parameters are those of :class:`~.door.WorkerDoor`.
    """

    def learn(
        self,
        segmentationNodes: Nodes,
        volumeNodes: Nodes = None,
        model: str | Path | None = DEFAULT_MODEL,
        output: str | Path | None = None,
        *,
        progressCallback: Progress | None = None,
        **options: Any,
    ) -> Path:
        """Learn from segmentations and return the path of the new model; blocks until done.

        Parameters
        ----------
        segmentationNodes : vtkMRMLNode or list of them
            Corrected or drawn segmentations: of volumes, sequences of segmentations, or proxies that show one.
        volumeNodes : vtkMRMLNode or list of them or None
            What was segmented, in the same order; None takes what the segmentations refer to.
        model : str, path or None
            Model to continue from; None trains from scratch.
        output : str, path or None
            Where the bundle goes: a folder, or a file that ends in ``.zip``; a bundle that is there is replaced. None
            makes a new one among the models that were trained on this computer.
        progressCallback : callable or None
            Called with the last finished step, a ``SegmentationProgress`` (None before the first), several times a
            second; False cancels.
        **options
            ``frames`` ("auto", "corrected", "all", or numbers counted from 0, see
            :func:`~.corrections.choose_frames`), ``segment`` (identifier or name of the lumen's segment), ``subjects``
            (names that tell which segmentations show the same person; else the subjects of the subject hierarchy),
            ``settings`` (SegmentationTrainingSettings or a mapping of its fields, which change the recipe), ``name``
            (of the model; by default that of ``output``), ``device``, ``frameAxis``, ``keepPreview``.

        Raises
        ------
        Speckle2SelfError
            If something given is not accepted, or the training fails; the scene is as before.
        Cancelled
            If ``progressCallback`` returned False, or an input left the scene meanwhile.
        """
        plan = self._plan(segmentationNodes, volumeNodes, model, output, **options)
        path: Path = TrainingJob(plan, progressCallback).wait()
        return path

    def start(
        self,
        segmentationNodes: Nodes,
        volumeNodes: Nodes = None,
        model: str | Path | None = DEFAULT_MODEL,
        output: str | Path | None = None,
        *,
        onProgress: Progress | None = None,
        onFinished: Callable[[Any], object] | None = None,
        onError: Callable[[Exception], object] | None = None,
        **options: Any,
    ) -> TrainingJob:
        """Start what :meth:`learn` does without waiting.

        Raises
        ------
        Speckle2SelfError
            If something given is not accepted; what goes wrong later is given to ``onError``.
        """
        plan = self._plan(segmentationNodes, volumeNodes, model, output, **options)
        return TrainingJob(plan, onProgress, onFinished, onError, self._schedule)

    def _plan(
        self,
        segmentations: Nodes,
        volumes: Nodes,
        model: str | Path | None,
        output: str | Path | None,
        *,
        frames: FrameChoice = AUTO,
        segment: str | None = None,
        subjects: Sequence[str] | None = None,
        settings: Settings = None,
        name: str | None = None,
        device: str = "auto",
        frameAxis: str | int | None = None,
        keepPreview: bool = False,
    ) -> TrainingPlan:
        environment = self._here()
        recipe = _settings(settings, from_scratch=model is None)
        found = _read(environment, segmentations, volumes, frames, segment, frameAxis, recipe)
        sweeps = [corrections.sweep for corrections in found]
        people = _subjects(environment, sweeps, subjects)
        sources = [
            _files(one, number, person) for number, (one, person) in enumerate(zip(found, people, strict=True), 1)
        ]
        path = new_model_path(DEFAULT_NAME) if output is None else Path(output)
        order = SegmentationTrainingOrder(
            settings=recipe,
            sources=sources,
            base=None if model is None else str(model),
            device=DespeckleSettings(device=device).device,
            name=checked_name(name or path.name.removesuffix(".zip")),
            zipped=path.suffix.lower() == ".zip",
        )
        sent = [part for corrections in found for part in (corrections.frames, corrections.masks)]
        return TrainingPlan(
            environment,
            sweeps,
            list(zip(order.files, sent, strict=True)),
            order,
            SegmentationTrainingTask,
            BundlePlace(path),
            self._worker(),
            keepPreview,
            watched=[node for corrections in found for node in corrections.labels.watched],
            notes=[note for corrections in found for note in corrections.notes],
            pictures=recipe.validation_share > 0,
        )


def _read(
    environment: SceneEnvironment,
    segmentations: Nodes,
    volumes: Nodes,
    frames: FrameChoice,
    segment: str | None,
    axis: str | int | None,
    recipe: SegmentationTrainingSettings,
) -> list[Corrections]:
    given = _list(segmentations)
    if not given:
        raise InputError("No segmentation was given; choose at least one.")
    images = _list(volumes) or [segmented_node(environment, segmentation) for segmentation in given]
    if len(images) != len(given):
        raise InputError(f"{len(given)} segmentations need as many volumes or sequences, got {len(images)}.")
    if len({id(node) for node in given}) < len(given):
        raise InputError("A segmentation is chosen twice; choose each only once.")
    unlabelled = MOST_UNLABELLED if recipe.base_weight > 0 else 0
    found = []
    for segmentation, volume in zip(given, images, strict=True):
        labels = read_scene_labels(environment, segmentation, read_sweep(environment, volume, axis), segment)
        found.append(Corrections(labels, choose_frames(labels, frames), unlabelled))
    return found


def _files(corrections: Corrections, number: int, subject: str) -> LabelledFiles:
    frames = sweep_file(corrections.sweep, number, len(corrections.frames))
    masks = SweepFile(frames.name, f"masks-{number}", (frames.shape[0], *frames.shape[1:3]), "|u1", color=False)
    return LabelledFiles(frames, masks, subject, pixel_spacing(corrections.sweep))


def _subjects(environment: SceneEnvironment, sweeps: list[SceneSweep], given: Sequence[str] | None) -> list[str]:
    """Return whose frames these are, as "subject 1" and so on: names of patients stay here."""
    if given is not None and len(given) != len(sweeps):
        raise SettingsError(f"subjects must name one for each of the {len(sweeps)} segmentations, got {len(given)}.")
    people = [str(name) for name in given] if given is not None else [_subject(environment, one) for one in sweeps]
    numbers = {person: number for number, person in enumerate(dict.fromkeys(people), 1)}
    return [f"subject {numbers[person]}" for person in people]


def _subject(environment: SceneEnvironment, sweep: SceneSweep) -> str:
    """Return what tells the subject from others: its item in the subject hierarchy, else the sweep itself."""
    from slicer import vtkMRMLSubjectHierarchyConstants

    hierarchy, node = environment.subject_hierarchy(), sweep.shown or sweep.node
    level = vtkMRMLSubjectHierarchyConstants.GetDICOMLevelPatient()
    item = hierarchy.GetItemByDataNode(node) if hierarchy is not None else 0
    patient = hierarchy.GetItemAncestorAtLevel(item, level) if item else 0
    return f"item {patient}" if patient else f"node {node.GetID()}"


def _list(nodes: Nodes) -> list[Any]:
    if nodes is None:
        return []
    return [nodes] if hasattr(nodes, "IsA") or not isinstance(nodes, Iterable) else list(nodes)


def _settings(settings: Settings, *, from_scratch: bool) -> SegmentationTrainingSettings:
    if isinstance(settings, SegmentationTrainingSettings):
        return settings
    if settings is not None and not isinstance(settings, Mapping):
        raise SettingsError(f"settings must be SegmentationTrainingSettings or map names to values, got {settings!r}.")
    changes = dict(settings or {})
    return SegmentationTrainingSettings().replace(**changes) if from_scratch else adaptation_settings(**changes)
