"""What the worker computes, and that it stays warm."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from Speckle2SelfLib.errors import Cancelled, InputError, ModelError, WorkerError
from Speckle2SelfLib.worker import WorkerTask
from Speckle2SelfLib.worker.priority import STEPS_BACK
from worker_support import begin, compute, settings_of, speckled, wait_until


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float32])
def test_the_worker_gives_the_same_pixels_as_this_process(a_warm_worker: Any, a_model: str, dtype: Any) -> None:
    from Speckle2SelfLib import Despeckler

    frames, settings = speckled((3, 48, 40), dtype), settings_of(a_model)
    result = compute(a_warm_worker, frames, settings)
    assert result.dtype == dtype
    np.testing.assert_array_equal(result, Despeckler(settings=settings)(frames))


def test_color_frames_and_single_frames_out_of_a_sweep(a_warm_worker: Any, a_model: str) -> None:
    from Speckle2SelfLib import Despeckler

    frames, settings = speckled((4, 32, 32, 3)), settings_of(a_model)
    expected = dict(Despeckler(settings=settings).stream(frames, color=True))
    result = compute(a_warm_worker, frames, settings, color=True, indices=[1, 3])
    np.testing.assert_array_equal(result, np.stack([expected[1], expected[3]]))


def test_the_published_preset_comes_back_as_float(a_warm_worker: Any, a_model: str) -> None:
    result = compute(a_warm_worker, speckled((2, 32, 32)), settings_of(a_model, preset="published"))
    assert result.dtype == np.float32


def test_other_settings_take_effect_in_a_warm_worker(a_warm_worker: Any, a_model: str) -> None:
    from Speckle2SelfLib import Despeckler

    frames = speckled((2, 32, 32))
    for changes in ({"strength": 0.0}, {"strength": 0.4}, {"tone": False}, {"normalize": "frame"}, {}):
        settings = settings_of(a_model, **changes)
        np.testing.assert_array_equal(
            compute(a_warm_worker, frames, settings), Despeckler(settings=settings)(frames), err_msg=str(changes)
        )


def test_the_worker_stays_the_same_process(a_warm_worker: Any, a_model: str) -> None:
    compute(a_warm_worker, speckled((1, 32, 32)), settings_of(a_model))
    pid = a_warm_worker.pid
    compute(a_warm_worker, speckled((1, 32, 32)), settings_of(a_model))
    assert a_warm_worker.pid == pid != os.getpid()


def test_a_model_that_changed_on_disk_is_loaded_anew(a_warm_worker: Any, a_model: str, tmp_path: Path) -> None:
    import torch

    frames, model = speckled((1, 32, 32)), tmp_path / "trained.pth"
    state = torch.load(a_model, weights_only=True)
    torch.save(state, model)
    first = compute(a_warm_worker, frames, settings_of(str(model)))
    torch.save({name: value * 1.5 for name, value in state.items()}, model)
    os.utime(model, (1, 1))
    assert not np.array_equal(compute(a_warm_worker, frames, settings_of(str(model))), first)


def test_hello_says_who_answers_and_where_it_runs(a_warm_worker: Any, a_model: str) -> None:
    import Speckle2SelfLib
    import torch

    compute(a_warm_worker, speckled((1, 32, 32)), settings_of(a_model))
    hello = a_warm_worker.hello
    assert hello["library"] == Speckle2SelfLib.__version__
    assert hello["torch"] == str(torch.__version__)
    assert hello["device"]
    assert hello["reason"]
    assert hello["problem"] is None


def test_the_result_says_what_ran(a_warm_worker: Any, a_model: str) -> None:
    from Speckle2SelfLib import Despeckler

    with begin(a_warm_worker, speckled((1, 32, 32)), settings_of(a_model)) as task:
        task.wait()
        assert task.provenance == Despeckler(settings=settings_of(a_model)).provenance()


def test_nothing_stays_in_the_temporary_folder_after_a_job(a_warm_worker: Any, a_model: str) -> None:
    compute(a_warm_worker, speckled((2, 32, 32)), settings_of(a_model))
    (session,) = a_warm_worker.folder.iterdir()
    assert sorted(path.name for path in session.iterdir()) == ["stderr", "stdout"]


def test_an_error_of_a_job_comes_back_as_it_is_and_the_worker_lives_on(a_warm_worker: Any, a_model: str) -> None:
    frames = speckled((2, 32, 32))
    compute(a_warm_worker, frames, settings_of(a_model))
    pid = a_warm_worker.pid
    with pytest.raises(ModelError, match="no model"):
        compute(a_warm_worker, frames, settings_of("nonsense"))
    with pytest.raises(InputError):
        compute(a_warm_worker, speckled((2, 8, 32)), settings_of(a_model))
    compute(a_warm_worker, frames, settings_of(a_model))
    assert a_warm_worker.pid == pid


def test_polling_never_blocks(a_warm_worker: Any, a_model: str) -> None:
    import time

    longest, frames = 0.0, speckled((6, 96, 96))
    with begin(a_warm_worker, frames, settings_of(a_model)) as task:
        while not task.done:
            start = time.monotonic()
            task.poll()
            longest = max(longest, time.monotonic() - start)
            time.sleep(0.005)
    assert longest < 0.1


def test_a_cancelled_job_is_over_at_once_and_the_worker_stays_warm(a_warm_worker: Any, a_model: str) -> None:
    import time

    compute(a_warm_worker, speckled((1, 32, 32)), settings_of(a_model))
    pid = a_warm_worker.pid
    task = begin(a_warm_worker, speckled((400, 128, 128)), settings_of(a_model))
    frames: list[Any] = []
    assert wait_until(lambda: bool(frames.extend(task.poll()) or frames))
    start = time.monotonic()
    task.close()
    assert time.monotonic() - start < 0.1
    result = compute(a_warm_worker, speckled((1, 32, 32)), settings_of(a_model))
    assert time.monotonic() - start < 3.0  # the rest of the 400 frames would take longer
    assert result.shape == (1, 32, 32)
    assert a_warm_worker.pid == pid


def test_the_worker_confirms_a_cancel(a_warm_worker: Any, a_model: str) -> None:
    task = begin(a_warm_worker, speckled((200, 64, 64)), settings_of(a_model))
    task._process.send({"type": "cancel", "job": task.job})
    with pytest.raises(Cancelled), task:
        task.wait()


def test_a_second_job_at_the_same_time_is_refused(a_warm_worker: Any, a_model: str) -> None:
    frames = speckled((1, 32, 32))
    with begin(a_warm_worker, frames, settings_of(a_model)), pytest.raises(WorkerError, match="Another job is running"):
        a_warm_worker.begin(frames.shape, frames.dtype, settings_of(a_model))
    compute(a_warm_worker, frames, settings_of(a_model))


class UnknownTask(WorkerTask):
    """A job of a kind that no worker knows."""

    kind = "nonsense"

    def run(self) -> None:
        self._send()
        while not self.done:
            self._receive()


def test_an_unknown_kind_of_job_is_refused_and_the_worker_lives_on(a_warm_worker: Any, a_model: str) -> None:
    compute(a_warm_worker, speckled((1, 32, 32)), settings_of(a_model))
    pid = a_warm_worker.pid
    with a_warm_worker.open(UnknownTask) as task, pytest.raises(WorkerError, match="no job of the kind 'nonsense'"):
        task.run()
    compute(a_warm_worker, speckled((1, 32, 32)), settings_of(a_model))
    assert a_warm_worker.pid == pid


def test_the_folders_of_all_kinds_of_jobs_are_known_without_importing_them() -> None:
    code = (
        "import sys; from Speckle2SelfLib.worker.jobs import package_folders; "
        "print(len(package_folders()), 'Speckle2SelfTrainingLib' in sys.modules, 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["2", "False", "False"]


@pytest.mark.skipif(os.name != "posix", reason="Windows has priority classes instead, which launch.py chooses")
def test_the_worker_gives_way_to_the_application(a_warm_worker: Any, a_model: str) -> None:
    compute(a_warm_worker, speckled((1, 32, 32)), settings_of(a_model))
    own = os.getpriority(os.PRIO_PROCESS, 0)
    assert os.getpriority(os.PRIO_PROCESS, a_warm_worker.hello["pid"]) == min(19, own + STEPS_BACK)
