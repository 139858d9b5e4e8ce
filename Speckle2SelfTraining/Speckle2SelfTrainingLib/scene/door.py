"""What the public doors to jobs on the scene have in common."""

from __future__ import annotations

from Speckle2SelfLib.scene.environment import SceneEnvironment, current_environment
from Speckle2SelfLib.scene.stepped_job import Schedule
from Speckle2SelfLib.worker import WorkerClient, shared_worker


class SceneDoor:
    """Knows the scene, and what drives the jobs.

    Parameters
    ----------
    environment : SceneEnvironment or None
        The scene, by default the desktop's or the one at ``slicer.mrmlScene``.
    schedule : callable or None
        Timer that drives the jobs of ``start``, see :class:`~Speckle2SelfLib.scene.stepped_job.SteppedJob`; without
        one the caller polls them.
    """

    def __init__(self, environment: SceneEnvironment | None = None, schedule: Schedule | None = None) -> None:
        self._environment, self._schedule = environment, schedule

    def _here(self) -> SceneEnvironment:
        return self._environment or current_environment()


class WorkerDoor(SceneDoor):
    """Knows the worker process, too.

    Parameters
    ----------
    environment, schedule
        See :class:`SceneDoor`.
    client : WorkerClient or None
        The worker, by default the one that all modules of this application share.
    """

    def __init__(
        self,
        environment: SceneEnvironment | None = None,
        client: WorkerClient | None = None,
        schedule: Schedule | None = None,
    ) -> None:
        super().__init__(environment, schedule)
        self._client = client

    def _worker(self) -> WorkerClient:
        return self._client or shared_worker()
