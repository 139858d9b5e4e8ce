"""A method in another Python: one that has packages which this one lacks, or a process of its own."""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from .memory import child_environment

Frames = NDArray[Any]


class RemotePeer:
    """A method in a process of another Python, kept warm; frames reach it through a file.

    What is measured includes one line there and one back and the reading of the file, well below a millisecond a frame.

    Parameters
    ----------
    python : str
    name, title : str
    """

    def __init__(self, python: str, name: str, title: str) -> None:
        self._python, self._name, self.title = python, name, title
        self._process: subprocess.Popen[str] | None = None
        self._folder = tempfile.TemporaryDirectory(prefix="speckle2self-benchmark-")
        self._given: Frames | None = None

    def missing(self) -> str:
        """Start the process and return why it cannot run the method, or nothing."""
        command = [self._python, "-m", "Speckle2SelfTrainingLib.benchmark.remote_child", self._name]
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                env=child_environment(ours=False),
            )
        except OSError as error:
            return f"not measured: {Path(self._python).name} cannot be started ({error.strerror})"
        try:
            return str(self._answer().get("missing", ""))
        except RuntimeError as error:
            return f"not measured: {error}"

    def __call__(self, frames: Frames) -> object:
        """Despeckle a frame (H, W) or frames (N, H, W), uint8.

        Raises
        ------
        RuntimeError
            If the method fails there, or its process has ended.
        """
        path = Path(self._folder.name, "frames.npy")
        if frames is not self._given:
            np.save(path, frames)
            self._given = frames
        try:
            _pipe(self._process, "stdin").write(f"{path}\n")
            _pipe(self._process, "stdin").flush()
        except OSError as error:
            raise RuntimeError(f"the other Python ended before {self.title} was done") from error
        answer = self._answer()
        if "failed" in answer:
            raise RuntimeError(answer["failed"])
        return answer

    def _answer(self) -> dict[str, Any]:
        for line in _pipe(self._process, "stdout"):
            if line.startswith("{"):  # packages print what they like
                answer: dict[str, Any] = json.loads(line)
                return answer
        raise RuntimeError(f"the other Python ended before {self.title} was done")

    def __del__(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()


def _pipe(process: subprocess.Popen[str] | None, name: str) -> IO[str]:
    pipe: IO[str] | None = getattr(process, name, None)
    if pipe is None:
        raise RuntimeError("the other Python was not started")
    return pipe
