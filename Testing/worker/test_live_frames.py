"""Single frames for somebody who watches: sent once, measured once, out of the way of other jobs."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from Speckle2SelfLib import Despeckler
from Speckle2SelfLib.live import LiveDespeckler
from Speckle2SelfLib.settings import DespeckleSettings
from Speckle2SelfLib.worker.jobs import JobContext
from Speckle2SelfLib.worker.live_sweep import LiveSweep
from Speckle2SelfLib.worker.live_task import LiveTask
from Speckle2SelfLib.worker.previewing import PreviewedSweep
from worker_support import compute, settings_of, speckled


class Frames(list[np.ndarray]):
    """A sweep that notes which frames were read."""

    color = False

    def __init__(self, frames: np.ndarray) -> None:
        super().__init__(frames)
        self.dtype, self.frame_shape, self.read = frames.dtype, frames.shape[1:], []

    def __getitem__(self, index: Any) -> Any:
        self.read.append(index)
        return super().__getitem__(index)


def ask(client: Any, sweep: LiveSweep, index: int, settings: DespeckleSettings) -> np.ndarray:
    task = client.open(lambda *given: LiveTask(*given, kind="preview"))
    for _ in sweep.send(task, index, settings.to_dict()):
        pass
    while (answer := task.poll()) is None:
        time.sleep(0.002)
    return answer.frame


def test_frames_are_sent_once_and_equal_those_of_the_whole_sweep(a_warm_worker: Any, a_model: str) -> None:
    frames = speckled((40, 32, 40))
    source, settings = Frames(frames), settings_of(a_model)
    sweep = LiveSweep(source)
    whole = Despeckler(settings=settings)(frames)
    for index in (7, 3, 7):
        np.testing.assert_array_equal(ask(a_warm_worker, sweep, index, settings), whole[index])
    assert len(source.read) == len(set(source.read)) <= 34
    sweep.close()


def test_another_worker_process_gets_the_frames_anew(start_worker: Any, a_model: str) -> None:
    client, settings = start_worker(), settings_of(a_model)
    sweep = LiveSweep(Frames(speckled((2, 32, 32))))
    first = ask(client, sweep, 1, settings)
    client.close()
    np.testing.assert_array_equal(ask(client, sweep, 1, settings), first)


def test_frames_that_windows_keeps_while_they_are_read_go_with_the_next_sweep(
    a_warm_worker: Any, a_model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (LiveSweep(Frames(speckled((2, 32, 32)))) for _ in range(2))
    ask(a_warm_worker, first, 0, settings_of(a_model))
    session = a_warm_worker._process.folder

    def refuse(path: Path, missing_ok: bool = False) -> None:
        raise PermissionError(13, "in use")

    with monkeypatch.context() as windows:
        windows.setattr(Path, "unlink", refuse)
        first.close()
    assert len(list(session.glob("live-*"))) == 1
    ask(a_warm_worker, second, 0, settings_of(a_model))
    assert len(list(session.glob("live-*"))) == 1
    second.close()
    assert list(session.glob("live-*")) == []


def test_statistics_are_measured_once_for_the_settings_that_they_depend_on(a_model: str) -> None:
    frames, measured = speckled((3, 32, 32)), []
    despeckler = Despeckler(settings=settings_of(a_model))
    sweep = PreviewedSweep("file")
    for changes in ({}, {"strength": 0.3}, {"gamma": 2.0}, {"mask": False}, {"strength": 0.0}, {"mask": False}):
        twin = despeckler.with_settings(settings_of(a_model, **changes))
        analyze = twin.analyze
        twin.analyze = lambda *given, analyze=analyze, **more: measured.append(1) or analyze(*given, **more)  # type: ignore[method-assign]
        statistics = sweep.statistics(twin, frames, color=False)
        assert (statistics is None) == (changes.get("strength") == 0.0)
    assert len(measured) == 2


def test_any_other_job_takes_the_place_of_a_live_frame(a_warm_worker: Any, a_model: str) -> None:
    frames, settings = speckled((2, 32, 32)), settings_of(a_model)
    task = a_warm_worker.open(lambda *given: LiveTask(*given, kind="preview"))
    sweep = LiveSweep(Frames(frames))
    for _ in sweep.send(task, 0, settings.to_dict()):
        pass
    result = compute(a_warm_worker, frames, settings)
    assert task.closed
    np.testing.assert_array_equal(result, Despeckler(settings=settings)(frames))
    sweep.close()


def test_a_stream_goes_on_with_other_settings_without_measuring_anew(a_model: str) -> None:
    frame = speckled((32, 32))
    despeckler = Despeckler(settings=settings_of(a_model))
    live = LiveDespeckler(despeckler)
    live(frame)
    known = live._statistics
    live.use(despeckler.with_settings(settings_of(a_model, strength=0.0)))
    np.testing.assert_array_equal(live(frame), frame)
    assert live._statistics is known
    live.use(despeckler.with_settings(settings_of(a_model, mask=False)))
    assert live._statistics is None


def test_live_jobs_are_known_to_the_worker() -> None:
    from Speckle2SelfLib.worker.jobs import module_of

    for kind in ("preview", "follow"):
        assert module_of({"kind": kind}).run.__annotations__["context"] == JobContext.__name__
