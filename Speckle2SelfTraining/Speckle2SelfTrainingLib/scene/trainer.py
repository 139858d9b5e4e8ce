"""The public door: train on nodes of the scene, blocking or not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from Speckle2SelfLib.bundle.kinds import DESPECKLING, SEGMENTATION
from Speckle2SelfLib.bundle.metadata import MAXIMUM_NAME_LENGTH
from Speckle2SelfLib.bundle.placing import BundlePlace
from Speckle2SelfLib.bundle.trained import trained_models, trained_models_folder
from Speckle2SelfLib.errors import InputError, SettingsError
from Speckle2SelfLib.scene.despeckler import read_sweep
from Speckle2SelfLib.scene.environment import SceneEnvironment
from Speckle2SelfLib.scene.sweep import SceneSweep
from Speckle2SelfLib.settings import DespeckleSettings

from ..training import TrainingSettings, adaptation_settings, published_settings
from ..worker.order import TrainingOrder
from ..worker.task import TrainingTask
from .door import WorkerDoor
from .job import Progress, TrainingJob, TrainingPlan, sweep_file

Nodes = Any
Settings = TrainingSettings | Mapping[str, Any] | None

DEFAULT_NAME = "adapted"


class SceneTrainer(WorkerDoor):
    """Trains models on nodes of a MRML scene, in the worker process.

    Its parameters are those of :class:`~.door.WorkerDoor`.
    """

    def train(
        self,
        inputNodes: Nodes,
        model: str | Path | None = "default",
        output: str | Path | None = None,
        *,
        progressCallback: Progress | None = None,
        **options: Any,
    ) -> Path:
        """Train on nodes and return the path of the new model; blocks until done.

        Parameters
        ----------
        inputNodes : vtkMRMLNode or iterable of them
            What to train on: volumes, sequences, their browsers or proxies. They are never changed.
        model : str, path or None
            Model to start from: a shipped or trained one by name, a bundle folder or zip, or an authors' ``.pth``;
            None trains from scratch, as published.
        output : path or None
            Where the bundle goes: a folder, or a file that ends in ``.zip``; a bundle that is there is replaced. None
            makes a new one among the models that were trained on this computer.
        progressCallback : callable or None
            Called with the last finished step, a ``TrainingProgress`` (None before the first), several times a
            second; False cancels.
        **options
            ``validationNodes`` (what to validate on; by default a part is held out), ``settings`` (TrainingSettings or
            a mapping of its fields, which change the recipe), ``name`` (of the model; by default that of ``output``),
            ``device``, ``frameAxis``, ``keepPreview``.

        Raises
        ------
        Speckle2SelfError
            If something given is not accepted, or the training fails; the scene is as before.
        Cancelled
            If ``progressCallback`` returned False, or an input left the scene meanwhile.
        """
        path: Path = TrainingJob(self._plan(inputNodes, model, output, **options), progressCallback).wait()
        return path

    def start(
        self,
        inputNodes: Nodes,
        model: str | Path | None = "default",
        output: str | Path | None = None,
        *,
        onProgress: Progress | None = None,
        onFinished: Callable[[Any], object] | None = None,
        onError: Callable[[Exception], object] | None = None,
        **options: Any,
    ) -> TrainingJob:
        """Start a training and return at once; the non-blocking twin of :meth:`train`.

        Raises
        ------
        Speckle2SelfError
            If something given is not accepted; what goes wrong later is given to ``onError``.
        """
        plan = self._plan(inputNodes, model, output, **options)
        return TrainingJob(plan, onProgress, onFinished, onError, self._schedule)

    def _plan(
        self,
        nodes: Nodes,
        model: str | Path | None,
        output: str | Path | None,
        *,
        validationNodes: Nodes = None,
        settings: Settings = None,
        name: str | None = None,
        device: str = "auto",
        frameAxis: str | int | None = None,
        keepPreview: bool = False,
    ) -> TrainingPlan:
        environment = self._here()
        sweeps = _read_sweeps(environment, nodes, frameAxis)
        validation = _read_sweeps(environment, validationNodes, frameAxis) if validationNodes is not None else []
        _check_overlap(sweeps, validation)
        path = new_model_path() if output is None else Path(output)
        files = [sweep_file(sweep, number) for number, sweep in enumerate([*sweeps, *validation], 1)]
        order = TrainingOrder(
            settings=_settings(settings, from_scratch=model is None),
            sweeps=files[: len(sweeps)],
            validation=files[len(sweeps) :],
            base=None if model is None else str(model),
            device=DespeckleSettings(device=device).device,
            name=checked_name(name or path.name.removesuffix(".zip")),
            zipped=path.suffix.lower() == ".zip",
        )
        return TrainingPlan(
            environment,
            [*sweeps, *validation],
            list(zip(files, [*sweeps, *validation], strict=True)),
            order,
            TrainingTask,
            BundlePlace(path),
            self._worker(),
            keepPreview,
        )


def new_model_path(name: str = DEFAULT_NAME) -> Path:
    """Return where a new model goes among those that were trained on this computer; the name is numbered if taken."""
    taken, number = trained_models(DESPECKLING, SEGMENTATION), 1
    while f"{name}-{number}" in taken or (trained_models_folder() / f"{name}-{number}").exists():
        number += 1
    return trained_models_folder() / f"{name}-{number}"


def checked_name(name: str) -> str:
    """Return the name of a model, if it can be one."""
    if not name.isprintable() or not 0 < len(name) <= MAXIMUM_NAME_LENGTH:
        raise SettingsError(
            f"The name of a model must be 1 to {MAXIMUM_NAME_LENGTH} printable characters, got {name[:60]!r}."
        )
    return name


def _read_sweeps(environment: SceneEnvironment, nodes: Nodes, axis: str | int | None) -> list[SceneSweep]:
    given = [nodes] if nodes is None or hasattr(nodes, "IsA") or not isinstance(nodes, Iterable) else list(nodes)
    if not given:
        raise InputError("No input was given; choose at least one volume or sequence.")
    sweeps = [read_sweep(environment, node, axis) for node in given]
    watched: dict[str, str] = {}
    for sweep in sweeps:
        key = sweep.watched[0].GetID()
        if key in watched:
            raise InputError(f"{sweep.name!r} and {watched[key]!r} are the same sweep; choose each only once.")
        watched[key] = sweep.name
    return sweeps


def _check_overlap(sweeps: list[SceneSweep], validation: list[SceneSweep]) -> None:
    trained = {sweep.watched[0].GetID() for sweep in sweeps}
    for sweep in validation:
        if sweep.watched[0].GetID() in trained:
            raise InputError(f"{sweep.name!r} is chosen for training and for validation; choose it only once.")


def _settings(settings: Settings, *, from_scratch: bool) -> TrainingSettings:
    if isinstance(settings, TrainingSettings):
        return settings
    if settings is not None and not isinstance(settings, Mapping):
        raise SettingsError(f"settings must be TrainingSettings or map names to values, got {settings!r}.")
    recipe = published_settings if from_scratch else adaptation_settings
    return recipe(**dict(settings or {}))
