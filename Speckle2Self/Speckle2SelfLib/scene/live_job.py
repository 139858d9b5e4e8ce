"""Something that goes on beside the user's work until it is stopped: a preview, or a stream that is followed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from ..settings import DespeckleSettings
from ..worker.client import WorkerClient, shared_worker
from ..worker.live_task import LiveAnswer, LiveTask
from .environment import SceneEnvironment
from .watching import Observers

ANSWER_MILLISECONDS = 4
PAUSED_MILLISECONDS = 100


class LiveJob(ABC):
    """Watches the scene and asks the worker for one frame at a time, always for the newest.

    Nothing is queued: while the worker computes a frame, changes are only noted, and what is asked next is what counts
    then. Any other job of the worker comes first; the live one pauses meanwhile and goes on by itself.

    Parameters
    ----------
    environment : SceneEnvironment
        The scene.
    settings : DespeckleSettings
        What to compute.
    client : WorkerClient or None
        The worker to use, the shared one of this application by default.
    onResult : callable or None
        Called without arguments after each result.
    onStopped : callable or None
        Called once with the exception that ended it, or with None where :meth:`stop` did.

    Attributes
    ----------
    running : bool
        Whether it goes on.
    paused : bool
        Whether it waits because another job has the worker.
    error : Exception or None
        What ended it.
    wake : callable
        Called without arguments when there is something to do; whoever drives this with :meth:`poll` sets it.
    """

    def __init__(
        self,
        environment: SceneEnvironment,
        settings: DespeckleSettings,
        client: WorkerClient | None = None,
        onResult: Callable[[], object] | None = None,
        onStopped: Callable[[Exception | None], object] | None = None,
    ) -> None:
        self.running, self.paused = True, False
        self.error: Exception | None = None
        self.wake: Callable[[], object] = _nothing
        self._environment, self._settings = environment, settings
        self._client = client or shared_worker()
        self._on_result, self._on_stopped = onResult, onStopped
        self._task: LiveTask | None = None
        self._observers = Observers()
        scene = environment.scene
        self._observers.add(scene, (scene.StartCloseEvent,), self._on_scene_close)
        self._observers.add(scene, (scene.NodeRemovedEvent,), self._on_node_removed)

    @property
    def settings(self) -> DespeckleSettings:
        """What is computed; may be set at any time."""
        return self._settings

    @settings.setter
    def settings(self, settings: DespeckleSettings) -> None:
        if settings != self._settings:
            self._settings = settings
            self._on_change()

    @property
    def starting(self) -> bool:
        """Whether the worker process is not up yet."""
        return self._task is not None and not self._task.worker_is_up

    def poll(self) -> int | None:
        """Go on for some milliseconds, without waiting for anything.

        Returns
        -------
        int or None
            After how many milliseconds to call again; None where nothing has to be done until :attr:`wake`.
        """
        if not self.running:
            return None
        try:
            return self._go_on()
        except Exception as error:  # whatever it is, the user must hear of it, and nothing may stay half done
            self.stop(error)
            return None

    def stop(self, error: Exception | None = None) -> None:
        """End it and leave nothing behind; does nothing once it has ended."""
        if not self.running:
            return
        self.running, self.error = False, error
        self._observers.clear()
        self._close_task()
        self._clean_up()
        if self._on_stopped is not None:
            self._on_stopped(error)

    @abstractmethod
    def _check_nodes(self) -> None:
        """Raise Cancelled where a node is gone without which this cannot go on."""

    @abstractmethod
    def _begin(self) -> bool:
        """Open the task of what counts now, and say whether there was anything to do."""

    @abstractmethod
    def _send_more(self) -> bool:
        """Send some of what the open task needs, for some milliseconds, and say whether all of it is sent."""

    @abstractmethod
    def _take(self, answer: LiveAnswer) -> None:
        """Put a result into the scene."""

    @abstractmethod
    def _clean_up(self) -> None:
        """Leave the scene as if this had never been."""

    def _go_on(self) -> int | None:
        self._check_nodes()
        if self._task is not None and self._task.closed:  # it gave way to another job
            self._close_task()
        if self._task is None:
            self.paused = self._client.busy
            if self.paused:
                return PAUSED_MILLISECONDS
            if not self._begin():
                return None
        assert self._task is not None
        if not self._task.sent:
            return ANSWER_MILLISECONDS if self._send_more() else 0
        answer = self._task.poll()
        if answer is None:
            return ANSWER_MILLISECONDS
        self._task = None
        self._take(answer)
        if self._on_result is not None:
            self._on_result()
        return 0  # something newer may have come meanwhile

    def _open(self, kind: str) -> LiveTask:
        self._task = task = self._client.open(
            lambda client, process, job: LiveTask(client, process, job, kind), live=True
        )
        return task

    def _close_task(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.close()

    def _on_change(self, caller: Any = None, event: Any = None) -> None:
        if self.running:
            self.wake()

    def _on_node_removed(self, caller: Any, event: Any) -> None:
        self._on_change()

    def _on_scene_close(self, caller: Any, event: Any) -> None:
        self.stop()


def _nothing() -> None:
    """Stand for a driver that polls anyway."""
