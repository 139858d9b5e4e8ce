"""Workers that die, hang, lie or cannot start: one clear error, and the next job works."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from Speckle2SelfLib import __version__
from Speckle2SelfLib.errors import DependencyError, InputError, WorkerError
from Speckle2SelfLib.worker import launch
from Speckle2SelfLib.worker.client import LIVE_SECONDS
from Speckle2SelfLib.worker.frame_files import ABANDONED_AFTER_SECONDS, FOLDER_PREFIX, FrameFile, new_session_folder
from Speckle2SelfLib.worker.live_task import LiveTask
from Speckle2SelfLib.worker.protocol import PROTOCOL_VERSION
from worker_support import alive, begin, compute, program, settings_of, speckled, wait_until

pytestmark = pytest.mark.skipif(os.name != "posix", reason="uses POSIX signals and /proc")

HELLO = {
    "type": "hello",
    "protocol": PROTOCOL_VERSION,
    "library": __version__,
    "pid": 0,
    "torch": "2.13",
    "device": "cpu",
    "reason": "",
    "problem": None,
}


def saying(message: dict[str, Any], then: str) -> list[str]:
    """A stand-in for the worker: says hello with its own pid, then does something."""
    words = f"import os, sys, time, json; m = json.loads({json.dumps(json.dumps(message))}); m['pid'] = os.getpid()\n"
    return program(words + "print(json.dumps(m), flush=True)\n" + then)


def try_job(client: Any, **options: Any) -> None:
    compute(client, speckled((1, 32, 32)), settings_of("default"), **options)


def test_a_worker_killed_in_mid_job_or_while_idle_gives_one_clear_error_and_the_next_job_a_fresh_one(
    start_worker: Any, a_model: str
) -> None:
    client = start_worker()
    frames = speckled((300, 96, 96))
    task = begin(client, frames, settings_of(a_model))
    ready: list[Any] = []
    assert wait_until(lambda: bool(ready.extend(task.poll()) or ready))
    pid = client.pid
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(WorkerError, match="ended with status -9"), task:
        task.wait()
    assert not client.busy
    assert list(client.folder.iterdir()) == []
    client.start()
    second = client.pid
    os.kill(second, signal.SIGKILL)
    assert wait_until(lambda: client._process.exit_status is not None)
    compute(client, frames[:1], settings_of(a_model))
    assert len({pid, second, client.pid}) == 3


def test_the_last_line_of_a_crash_at_start_is_in_the_error(start_worker: Any) -> None:
    client = start_worker(command=program("raise ImportError('libtorch.so: file too short')"))
    with pytest.raises(WorkerError, match=r"status 1 .*ImportError: libtorch\.so: file too short"):
        try_job(client)


def test_a_broken_torch_is_named(start_worker: Any) -> None:
    hello = {**HELLO, "torch": None, "problem": "ImportError: DLL load failed"}
    client = start_worker(command=saying(hello, "sys.stdin.read()"))
    with pytest.raises(DependencyError, match="DLL load failed"):
        try_job(client)


def test_the_real_worker_reports_a_broken_torch(
    start_worker: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "torch.py").write_text("raise OSError('c10.dll is missing')")
    monkeypatch.setattr(launch, "environment", lambda: {**os.environ, "PYTHONPATH": _path(tmp_path)})
    with pytest.raises(DependencyError, match=r"c10\.dll is missing"):
        try_job(start_worker())


def _path(first: Path) -> str:
    return os.pathsep.join([str(first), str(launch.LIBRARY_PARENT)])


@pytest.mark.parametrize("change", [{"protocol": 99}, {"library": "0.0.0"}])
def test_a_worker_of_another_version_is_refused(start_worker: Any, change: dict[str, Any]) -> None:
    client = start_worker(command=saying({**HELLO, **change}, "sys.stdin.read()"))
    with pytest.raises(WorkerError, match="restart the application"):
        try_job(client)


def test_a_worker_that_never_says_hello_is_given_up(start_worker: Any) -> None:
    client = start_worker(command=program("import time; time.sleep(600)"), start_seconds=0.3)
    with pytest.raises(WorkerError, match=r"did not start within 0\.3 seconds"):
        try_job(client)


def test_a_worker_that_hangs_is_killed_even_behind_a_launcher(start_worker: Any, tmp_path: Path) -> None:
    inner = tmp_path / "inner.py"
    inner.write_text(saying(HELLO, "time.sleep(600)")[2])
    launcher = program(f"import subprocess, sys; subprocess.run([sys.executable, {str(inner)!r}])")
    client = start_worker(command=launcher, silence_seconds=0.5)
    task = begin(client, speckled((1, 32, 32)), settings_of("default"))
    assert wait_until(lambda: bool(task.poll() or client.hello))
    pid = client.pid
    with pytest.raises(WorkerError, match=r"did not answer for 0\.5 seconds"), task:
        task.wait()
    assert wait_until(lambda: not alive(pid), 5)


def test_a_worker_that_does_not_give_up_a_cancelled_job_is_replaced(start_worker: Any) -> None:
    client = start_worker(command=saying(HELLO, "time.sleep(600)"), cancel_seconds=0.2)
    task = begin(client, speckled((1, 32, 32)), settings_of("default"))
    assert wait_until(lambda: bool(task.poll() or client.hello))
    pid = client.pid
    task.close()
    with pytest.raises(WorkerError, match="did not give up"):
        try_job(client)
    assert wait_until(lambda: not alive(pid), 5)


def test_a_job_does_not_wait_for_a_live_frame_that_nobody_wants_any_more(start_worker: Any) -> None:
    """The live frames themselves wait for each other: else a slow one would cost a worker each time."""
    client = start_worker(command=saying(HELLO, "time.sleep(600)"))

    def open_live() -> Any:
        return client.open(lambda *given: LiveTask(*given, kind="preview"), live=True)

    live = open_live()
    assert wait_until(lambda: bool(client.receive(live.job) or client.hello))
    live.send()
    live.sent_at -= LIVE_SECONDS
    live.close()
    pid = client.pid
    open_live().close()
    assert client.pid == pid
    with begin(client, speckled((1, 32, 32)), settings_of("default")):
        assert client.pid != pid
    assert wait_until(lambda: not alive(pid), 5)


def test_an_error_of_an_earlier_job_is_not_taken_for_the_last_words(start_worker: Any, a_model: str) -> None:
    client = start_worker()
    with pytest.raises(InputError, match="scale them"):
        compute(client, np.full((1, 32, 32), 1e300), settings_of(a_model))
    task = begin(client, speckled((300, 96, 96)), settings_of(a_model))
    os.kill(client.pid, signal.SIGKILL)
    with pytest.raises(WorkerError, match="ended with status -9") as raised, task:
        task.wait()
    assert "scale them" not in str(raised.value)
    assert "scale them" not in "".join(raised.value.__notes__)


def test_a_program_that_does_not_exist_is_reported(start_worker: Any) -> None:
    client = start_worker(command=["/no/such/PythonSlicer"])
    with pytest.raises(WorkerError, match="cannot be started"):
        try_job(client)
    assert list(client.folder.iterdir()) == []


def test_what_launchers_print_is_not_taken_for_a_message(start_worker: Any) -> None:
    banner = "print('{\"type\": 3}'); print('[1, 2]'); print('banner of a launcher, Ü'); "
    client = start_worker(command=program(banner + saying(HELLO, "sys.stdin.read()")[2]))
    client.start()
    assert wait_until(lambda: bool(client.receive(1) or client.hello))
    assert client.hello["torch"] == HELLO["torch"]


def test_standard_output_is_kept_for_the_protocol(tmp_path: Path) -> None:
    """A print of a library, and one of C code, both end on standard error."""
    code = (
        "import os, sys, Speckle2SelfLib.worker.server as server\n"
        "output = server._take_standard_output()\n"
        "print('from Python', flush=True); os.write(1, b'from C')\n"
        "output.write(b'protocol'); output.flush()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env=launch.environment())
    assert done.stdout == b"protocol"
    assert done.stderr == b"from Python\nfrom C"


def vanish(folder: Path, how: str, before: str = "client.start()") -> int:
    """Run an application that uses a worker and then ends in some way; return the worker's pid."""
    code = f"""
import os, signal, sys, time
from pathlib import Path
from worker_support import begin, settings_of, speckled
from Speckle2SelfLib.worker import WorkerClient
client = WorkerClient(folder=Path({str(folder)!r}))
{before}
print(client.pid, flush=True)
{how}
"""
    values = launch.environment()
    values["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parent), values["PYTHONPATH"]])
    done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, env=values, timeout=60)
    return int(done.stdout)


@pytest.mark.parametrize("how", ["os.kill(os.getpid(), signal.SIGKILL)", "os._exit(3)", "sys.exit(0)", "os.abort()"])
def test_the_worker_ends_with_the_application_however_that_ends(tmp_path: Path, how: str) -> None:
    pid = vanish(tmp_path, how)
    assert wait_until(lambda: not alive(pid), 5)
    assert wait_until(lambda: list(tmp_path.iterdir()) == [], 2)


def test_the_worker_ends_in_mid_job_and_leaves_no_frames(tmp_path: Path, a_model: str) -> None:
    job = f"""
task = begin(client, speckled((300, 96, 96)), settings_of({a_model!r}))
while not task.poll():
    time.sleep(0.01)
"""
    pid = vanish(tmp_path, "os.kill(os.getpid(), signal.SIGKILL)", job)
    assert wait_until(lambda: not alive(pid), 5)
    assert wait_until(lambda: list(tmp_path.iterdir()) == [], 2)


def test_closing_the_client_ends_the_worker_and_removes_its_files(start_worker: Any) -> None:
    client = start_worker()
    client.start()
    pid = client.pid
    client.close()
    assert not alive(pid)
    assert list(client.folder.iterdir()) == []


def test_a_forgotten_client_takes_its_worker_along(tmp_path: Path) -> None:
    """Slicer's Reload button drops the modules without closing anything."""
    import gc

    from Speckle2SelfLib.worker import WorkerClient

    client = WorkerClient(folder=tmp_path)
    client.start()
    pid = client.pid
    assert alive(pid)
    del client
    gc.collect()
    assert wait_until(lambda: not alive(pid), 5)


def test_a_full_disk_is_an_error_and_not_a_crash(start_worker: Any, a_full_disk: None) -> None:
    client = start_worker(command=saying(HELLO, "sys.stdin.read()"))
    with pytest.raises(WorkerError, match="free some disk space"):
        compute(client, speckled((4, 512, 512)), settings_of("default"))
    assert not client.busy


def test_no_space_for_the_result_is_an_error_and_not_a_crash(tmp_path: Path, a_full_disk: None) -> None:
    with pytest.raises(WorkerError, match="free some disk space"):
        FrameFile(tmp_path / "output", (4, 512, 512), "|u1").allocate()


def test_a_temporary_folder_that_does_not_exist_is_reported(start_worker: Any, tmp_path: Path) -> None:
    with pytest.raises(WorkerError, match="temporary folder"):
        try_job(start_worker(folder=tmp_path / "missing"))


def test_what_a_power_cut_left_behind_is_removed_a_day_later(tmp_path: Path) -> None:
    old, young, other = (tmp_path / name for name in (FOLDER_PREFIX + "old", FOLDER_PREFIX + "young", "photos"))
    past = time.time() - ABANDONED_AFTER_SECONDS - 60
    for folder in (old, young, other):
        (folder / "job-1").mkdir(parents=True)
        (folder / "job-1" / "input").write_bytes(b"frames")
    for path in (old / "job-1" / "input", old / "job-1", old, other / "job-1" / "input", other / "job-1", other):
        os.utime(path, (past, past))
    session = new_session_folder(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted([young, other, session])


def test_inside_slicer_the_worker_runs_in_pythonslicer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import types

    assert launch.python_executable() == sys.executable
    desktop = types.ModuleType("slicer")
    desktop.app = object()  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "slicer", desktop)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(WorkerError, match="PythonSlicer was not found"):
        launch.python_executable()
    launcher = tmp_path / "PythonSlicer"
    launcher.write_text("#!/bin/sh\n")
    launcher.chmod(0o755)
    assert launch.python_executable() == str(launcher)
