"""Other methods as the benchmark runs them: here, or in a Python of their own beside this one."""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import os
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from ..evaluation.frames import to_unit
from ..evaluation.peers import PEERS
from ..evaluation.running import settings_text
from .memory import child_environment

Frame = NDArray[Any]
BM3D_SIGMA = 0.1
TIMEOUT = 300.0


@dataclass(frozen=True)
class KnownPeer:
    """A method of :mod:`..evaluation.peers`, BM3D, or zea's network without its weights.

    Parameters
    ----------
    title, package, settings : str
    load : callable
        Returns a function of one frame, float32 (H, W) in [0, 1].
    """

    title: str
    package: str
    settings: str
    load: Callable[[], Callable[[NDArray[np.float32]], object]]

    def missing(self) -> str:
        """Return why it cannot run here, or nothing."""
        try:
            if self.package:
                importlib.metadata.version(self.package)
        except importlib.metadata.PackageNotFoundError:
            return f"not measured: the package {self.package} is not installed"
        return ""

    def __call__(self, frame: Frame) -> object:
        """Despeckle one frame (H, W), uint8."""
        return self._loaded()(to_unit(frame))

    def _loaded(self) -> Callable[[NDArray[np.float32]], object]:
        if self.title not in _LOADED:
            _LOADED[self.title] = self.load()
        return _LOADED[self.title]


_LOADED: dict[str, Callable[[NDArray[np.float32]], object]] = {}


def known_peer(name: str) -> KnownPeer:
    """Return a method by its name."""
    if name == "bm3d":
        return KnownPeer("BM3D", "bm3d", f"sigma {BM3D_SIGMA}", _load_bm3d)
    if name == "zea":
        return KnownPeer("zea network", "zea", "512x512 inside, random weights", _load_zea)
    peer = PEERS[name]
    return KnownPeer(
        peer.title,
        peer.package,
        settings_text(peer.default),
        lambda: lambda frame: peer.apply([frame], **peer.default),
    )


def _load_zea() -> Callable[[NDArray[np.float32]], object]:
    """Load the Keras port of the published network; its weights are fetched by nobody and do not change the time."""
    os.environ.setdefault("KERAS_BACKEND", "torch")
    os.environ["HF_HUB_OFFLINE"] = "1"
    import torch
    from zea.models.speckle2self import Speckle2Self

    model: Any = Speckle2Self()

    @torch.no_grad()
    def run(frame: NDArray[np.float32]) -> object:
        return model(torch.from_numpy(frame)[None, ..., None]).cpu().numpy()

    return run


def _load_bm3d() -> Callable[[NDArray[np.float32]], object]:
    bm3d: Any = importlib.import_module("bm3d")
    return lambda frame: bm3d.bm3d(frame, BM3D_SIGMA)


class RemotePeer:
    """A method in a process of another Python, kept warm; frames reach it through a file.

    What is measured includes one line there and one back and the reading of the file, well below a millisecond.

    Parameters
    ----------
    python : str
    name, title : str
    """

    def __init__(self, python: str, name: str, title: str) -> None:
        self._python, self._name, self.title = python, name, title
        self._process: subprocess.Popen[str] | None = None
        self._folder = tempfile.TemporaryDirectory(prefix="speckle2self-benchmark-")
        self._given: Frame | None = None

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
                env=child_environment(),
            )
        except OSError as error:
            return f"not measured: {Path(self._python).name} cannot be started ({error.strerror})"
        return str(self._answer().get("missing", ""))

    def __call__(self, frame: Frame) -> object:
        """Despeckle one frame (H, W), uint8."""
        path = Path(self._folder.name, "frame.npy")
        if frame is not self._given:
            np.save(path, frame)
            self._given = frame
        _pipe(self._process, "stdin").write(f"{path}\n")
        _pipe(self._process, "stdin").flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        for line in _pipe(self._process, "stdout"):
            if line.startswith("{"):  # packages print what they like
                answer: dict[str, Any] = json.loads(line)
                return answer
        return {"missing": f"not measured: the other Python ended before {self.title} could be measured"}

    def __del__(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()


def _pipe(process: subprocess.Popen[str] | None, name: str) -> IO[str]:
    pipe: IO[str] | None = getattr(process, name, None)
    if pipe is None:
        raise RuntimeError("the other Python was not started")
    return pipe
