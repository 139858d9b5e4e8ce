"""Workers that are killed at any moment of a job: one clear error, the scene as before, and the next job works."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scene_support import pixels_of, scene_text, speckled
from Speckle2SelfLib import Despeckler
from Speckle2SelfLib.errors import WorkerError
from Speckle2SelfLib.scene import SceneDespeckler
from Speckle2SelfLib.scene.runners import WorkerRunner
from Speckle2SelfLib.settings import DespeckleSettings
from Speckle2SelfLib.worker import WorkerClient

pytestmark = pytest.mark.skipif(os.name != "posix", reason="uses POSIX signals")

FRAMES = 8
# hello, started and one message a frame; the last kill comes when all but the last word has been said
MOMENTS = sorted(random.Random(20261122).sample(range(FRAMES + 1), 3))


@pytest.fixture
def a_client(tmp_path: Path) -> Iterator[WorkerClient]:
    client = WorkerClient(folder=tmp_path)
    yield client
    client.close()


def kill_after(client: WorkerClient, count: int) -> None:
    """Kill the worker as soon as so many messages have come; counted where they are read."""
    process = client._process
    assert process is not None
    receive, seen = process.receive, 0

    def counting() -> Any:
        nonlocal seen
        messages = []
        for message in receive():
            if seen > count:
                break  # what it said after it was killed was never said
            seen += 1
            messages.append(message)
            if seen > count:
                hello = client.hello or message  # the first message is hello itself
                os.kill(int(hello["pid"]), signal.SIGKILL)
        return messages

    process.receive = counting  # type: ignore[method-assign]


def test_a_worker_killed_at_any_moment_leaves_the_scene_as_it_was_and_the_next_job_works(
    a_client: WorkerClient, add_volume: Any, a_scene: Any, a_model: str
) -> None:
    settings = DespeckleSettings(model=a_model, device="cpu")
    despeckler = SceneDespeckler(runner=WorkerRunner(a_client))
    pixels = speckled((FRAMES, 32, 32))
    volume = add_volume(pixels)
    before = scene_text(a_scene)
    for moment in MOMENTS:
        a_client.start()
        kill_after(a_client, moment)
        with pytest.raises(WorkerError, match="ended with status -9"):
            despeckler.process(volume, settings=settings)
        assert scene_text(a_scene) == before, f"killed after {moment} messages"
        assert not a_client.busy
        assert a_client.folder is not None
        assert list(a_client.folder.iterdir()) == []
    result = despeckler.process(volume, settings=settings)
    np.testing.assert_array_equal(pixels_of(result), Despeckler(settings=settings)(pixels))
