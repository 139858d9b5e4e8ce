"""Real workers that run out of memory, crash, or are given something that they choke on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from Speckle2SelfLib.errors import DependencyError, InputError, WorkerError
from Speckle2SelfLib.worker import client as client_module
from Speckle2SelfLib.worker import exit_status, launch, process, protocol
from Speckle2SelfLib.worker.commands import DEAF, _take_file
from Speckle2SelfLib.worker.live_task import LiveTask
from test_worker_trouble import HELLO, saying
from worker_support import alive, begin, compute, program, settings_of, speckled, wait_until

pytestmark = pytest.mark.skipif(os.name != "posix", reason="uses POSIX signals and /proc")


def worker_whose_job(does: str) -> list[str]:
    """The real worker, but a despeckling job does something else; torch is not imported, to be quick."""
    return program(f"""
import sys, types
sys.modules["torch"] = types.ModuleType("torch")
sys.modules["torch"].__version__ = "0"
from Speckle2SelfLib.worker import jobs, server
server.hello = lambda: {{"type": "hello", "protocol": {HELLO["protocol"]}, "library": {HELLO["library"]!r},
                        "pid": __import__("os").getpid(), "problem": None}}
kind = types.ModuleType("kind")
def run(message, context):
{does}
kind.run, sys.modules["kind"] = run, kind
jobs.KINDS["despeckle"] = "kind"
server.main([])
""")


def fail(client: Any) -> str:
    with pytest.raises(WorkerError) as caught:
        compute(client, speckled((1, 32, 32)), settings_of("default"))
    assert not client.busy
    return str(caught.value)


def test_no_memory_in_the_worker_is_said_so_and_the_worker_lives_on(start_worker: Any) -> None:
    client = start_worker(command=worker_whose_job("    raise MemoryError('Unable to allocate 9 GiB')"))
    assert "ran out of memory (Unable to allocate 9 GiB); close other programs" in fail(client)
    pid = client.pid
    assert "ran out of memory" in fail(client)
    assert client.pid == pid


def test_a_worker_killed_for_its_memory_is_explained(start_worker: Any) -> None:
    client = start_worker(command=worker_whose_job("    import os; os.kill(os.getpid(), 9)"))
    text = fail(client)
    assert "ended with status -9" in text
    assert "killed, as systems do where memory runs out" in text


def test_a_crash_in_c_code_is_told_with_what_python_wrote_of_it(start_worker: Any) -> None:
    client = start_worker(command=worker_whose_job("    import ctypes; ctypes.string_at(0)"))
    text = fail(client)
    assert "it crashed" in text
    assert "Fatal Python error: Segmentation fault" in text


def test_the_frames_are_free_before_the_client_hears_of_an_error(start_worker: Any) -> None:
    """Windows removes no file that is mapped: the error's own traceback must not hold it any more."""
    does = """
    from Speckle2SelfLib.worker.frames_job import FramesJob
    from Speckle2SelfLib.errors import InputError
    frames = FramesJob.from_message(message).source.map()
    circle = [frames]; circle.append(circle)
    plain = server.encode
    def encode(told):
        mapped = any(line.rstrip().endswith("/input") for line in open("/proc/self/maps", encoding="utf-8"))
        return plain({**told, "message": f"still mapped: {mapped}"})
    assert any(line.rstrip().endswith("/input") for line in open("/proc/self/maps", encoding="utf-8"))
    server.encode = encode
    raise InputError("no")
"""
    with pytest.raises(InputError, match="still mapped: False"):
        compute(start_worker(command=worker_whose_job(does)), speckled((1, 32, 32)), settings_of("default"))


def test_a_long_order_does_not_wait_for_a_worker_that_does_not_listen(start_worker: Any) -> None:
    client = start_worker(command=saying(HELLO, "time.sleep(600)"))
    frames = np.zeros((1, 32, 32), np.uint8)
    task = client.begin((20000, 32, 32), frames.dtype, settings_of("default"))
    task.send()  # would never return: the pipe holds 64 kB, this order has more
    assert sum(path.stat().st_size for path in task.folder.parent.glob("message-*")) > 65536
    task.close()


def test_many_orders_wait_for_a_worker_that_starts_in_the_smallest_of_pipes(start_worker: Any) -> None:
    import fcntl
    import termios

    client = start_worker(command=program("import time; time.sleep(600)"))
    for _ in range(8):  # Apply, Cancel, Apply, Cancel, ...
        begin(client, speckled((1, 32, 32)), settings_of("default")).close()
    waiting = fcntl.ioctl(client._process._process.stdin.fileno(), termios.FIONREAD, bytes(4))
    assert 0 < int.from_bytes(waiting, sys.byteorder) < 4096, "Windows may give a pipe no more"


def test_an_order_that_finds_no_space_says_so(start_worker: Any, a_full_disk: None) -> None:
    client = start_worker(command=saying(HELLO, "sys.stdin.read()"))
    client.start()
    with pytest.raises(WorkerError, match="free some disk space"):
        client._process.send({"type": "job", "order": "x" * 400_000})


def test_a_long_order_arrives(start_worker: Any, a_model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "LONGEST_LINE", 10)
    client = start_worker()
    assert compute(client, speckled((1, 32, 32)), settings_of(a_model)).shape == (1, 32, 32)
    assert [path.name for path in next(client.folder.iterdir()).glob("message-*")] == []


def test_a_worker_that_cannot_read_an_order_ends_instead_of_listening_no_more(tmp_path: Path) -> None:
    code = """
import sys
from Speckle2SelfLib.worker.commands import CommandReader
CommandReader(sys.stdin.buffer, at_end=lambda: None).next_job()
"""
    order = protocol.encode({"type": "file", "path": str(tmp_path / "missing")})
    options: dict[str, Any] = {"capture_output": True, "env": launch.environment(), "timeout": 60}
    ended = subprocess.run(program(code), input=order, **options)
    assert ended.returncode == DEAF
    assert b"FileNotFoundError" in ended.stderr


def test_an_order_that_a_virus_scanner_holds_is_read_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> None:
        raise PermissionError(13, "in use")

    monkeypatch.setattr(Path, "unlink", refuse)
    (tmp_path / "message-1").write_bytes(protocol.encode({"type": "job", "job": 7}))
    assert _take_file(tmp_path / "message-1") == {"type": "job", "job": 7}


def test_a_cancelled_job_that_goes_on_does_not_keep_the_next_one_waiting(
    start_worker: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "GIVE_UP_SECONDS", 0.0)
    client = start_worker(command=saying(HELLO, "time.sleep(600)"))
    task = begin(client, speckled((1, 32, 32)), settings_of("default"))
    assert wait_until(lambda: bool(task.poll() or client.hello))
    pid = client.pid
    task.close()
    with begin(client, speckled((1, 32, 32)), settings_of("default")):
        assert client.pid != pid
        assert wait_until(lambda: not alive(pid), 5)


def test_a_slow_start_is_no_refusal_to_give_up_what_was_taken_back_meanwhile(start_worker: Any) -> None:
    client = start_worker(command=saying(HELLO, "time.sleep(600)"))
    client.open(lambda *given: LiveTask(*given, kind="preview")).send()
    with begin(client, speckled((1, 32, 32)), settings_of("default")) as task:
        client._given_up = dict.fromkeys(client._given_up, float("-inf"))  # the start took for ages
        assert wait_until(lambda: bool(task.poll() or client.hello))
        assert task.poll() == []


def test_a_worker_that_is_still_starting_is_not_replaced_for_a_job_that_it_has_not_begun(
    start_worker: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "GIVE_UP_SECONDS", 0.0)
    monkeypatch.setattr(client_module, "LIVE_SECONDS", 0.0)
    client = start_worker(command=program("import time; time.sleep(600)"))
    client.open(lambda *given: LiveTask(*given, kind="preview"), live=True).send()
    pid = client.pid
    begin(client, speckled((1, 32, 32)), settings_of("default")).close()
    begin(client, speckled((1, 32, 32)), settings_of("default")).close()
    assert client.pid == pid


def test_a_torch_that_is_missing_says_how_to_get_it(
    start_worker: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "torch.py").write_text("raise ModuleNotFoundError(\"No module named 'torch'\", name='torch')")
    folders = os.pathsep.join([str(tmp_path), str(launch.LIBRARY_PARENT)])
    monkeypatch.setattr(launch, "environment", lambda: {**os.environ, "PYTHONPATH": folders})
    with pytest.raises(DependencyError, match="install PyTorch first"):
        compute(start_worker(), speckled((1, 32, 32)), settings_of("default"))


def test_a_missing_dll_says_what_to_install(start_worker: Any) -> None:
    problem = "OSError: [WinError 126] The specified module could not be found. Error loading c10.dll"
    client = start_worker(command=saying({**HELLO, "problem": problem}, "sys.stdin.read()"))
    with pytest.raises(DependencyError, match=r"Visual C\+\+ Redistributable"):
        compute(client, speckled((1, 32, 32)), settings_of("default"))


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (-9, "memory"),
        (137, "memory"),
        (-11, "crashed"),
        (-7, "disk"),
        (-10, "disk"),
        (0xC0000135, "DLL"),
        (1, ""),
        (0, ""),
        (75, ""),
    ],
)
def test_an_exit_status_is_put_into_words(status: int, words: str) -> None:
    said = exit_status.meaning(status)
    assert words in said
    assert bool(said) == bool(words)


def test_the_worker_is_started_without_a_window_and_without_the_applications_files(
    start_worker: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, Any] = {}
    real = subprocess.Popen

    def popen(command: list[str], **options: Any) -> Any:
        seen.update(options)
        return real(command, **{**options, "creationflags": 0})

    monkeypatch.setattr(subprocess, "CREATE_NO_WINDOW", 0x08000000, raising=False)
    monkeypatch.setattr(launch.subprocess, "Popen", popen)
    start_worker(command=[sys.executable, "-c", "input()"]).start()
    assert seen["creationflags"] == 0x08000000
    assert seen["close_fds"] is True
