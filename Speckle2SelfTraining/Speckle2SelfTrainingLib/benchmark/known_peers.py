"""Other methods as the benchmark runs them."""

from __future__ import annotations

import importlib
import importlib.metadata
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..evaluation.frames import to_unit
from ..evaluation.peers import PEERS, Peer
from ..evaluation.running import settings_text
from .ways import AuthorsWay, PlainWay

Frames = NDArray[Any]
Compute = Callable[[NDArray[np.float32]], object]

BM3D_SIGMA = 0.1
ZEA_BATCH = 8  # with PyTorch a frame takes a tenth less in a batch; compiled by JAX it takes more


@dataclass(frozen=True)
class KnownPeer:
    """A method of :mod:`..evaluation.peers`, BM3D, or zea's network without its weights.

    Parameters
    ----------
    title : str
    packages : tuple of str
        Distributions that it needs.
    settings : str
    load : callable
        Returns a function of frames, float32 (N, H, W) in [0, 1].
    batch : int
        Frames that it takes at once in a sweep.
    alone : bool
        Needs a process of its own: what it imports depends on its settings.
    """

    title: str
    packages: tuple[str, ...]
    settings: str
    load: Callable[[], Compute]
    batch: int = 1
    alone: bool = False

    def missing(self) -> str:
        """Return why it cannot run here, or nothing."""
        for package in self.packages:
            try:
                importlib.metadata.version(package)
            except importlib.metadata.PackageNotFoundError:
                return f"not measured: the package {package} is not installed"
        return ""

    def __call__(self, frames: Frames) -> object:
        """Despeckle a frame (H, W) or frames (N, H, W), uint8."""
        return self._loaded()(to_unit(frames if frames.ndim == 3 else frames[None]))

    def _loaded(self) -> Compute:
        if self.title not in _LOADED:
            _LOADED[self.title] = self.load()
        return _LOADED[self.title]


_LOADED: dict[str, Compute] = {}


def known_peer(name: str) -> KnownPeer:
    """Return a method by its name, or another way of running a network: "authors:" or "plain:" and the model."""
    if name in _OTHERS:
        return _OTHERS[name]
    way, _, model = name.partition(":")
    if way in _WAYS:
        return KnownPeer(name, (), "", lambda: _each_by(_WAYS[way](model)))
    peer = PEERS[name]
    return KnownPeer(peer.title, (peer.package,) if peer.package else (), settings_text(peer.default), _filter(peer))


def _filter(peer: Peer) -> Callable[[], Compute]:
    return lambda: lambda frames: peer.apply(list(frames), **peer.default)


def _load_zea_torch() -> Compute:
    """Load the Keras port of the published network; its weights are fetched by nobody and do not change the time."""
    model = _zea_model("torch")
    torch: Any = importlib.import_module("torch")

    def run(frames: NDArray[np.float32]) -> object:
        with torch.no_grad():
            return model(torch.from_numpy(frames)[..., None]).cpu().numpy()

    return run


def _load_zea_jax() -> Compute:
    """Load the same on the backend that zea recommends, compiled by zea's own helper."""
    model = _zea_model("jax")
    model(np.zeros((1, 64, 64, 1), np.float32))  # makes its variables, which compiled code may not
    compiled = importlib.import_module("zea.backend").jit(lambda frames: model(frames))
    return lambda frames: np.asarray(compiled(frames[..., None]))


def _zea_model(backend: str) -> Any:
    os.environ["KERAS_BACKEND"] = backend
    os.environ["HF_HUB_OFFLINE"] = "1"
    return importlib.import_module("zea.models.speckle2self").Speckle2Self()


def _load_bm3d() -> Compute:
    bm3d: Any = importlib.import_module("bm3d")
    return lambda frames: [bm3d.bm3d(frame, BM3D_SIGMA) for frame in frames]


def _each_by(way: Callable[[NDArray[np.float32]], object]) -> Compute:
    return lambda frames: [way(frame) for frame in frames]


_WAYS: dict[str, Callable[[str], Callable[[NDArray[np.float32]], object]]] = {
    "authors": lambda model: AuthorsWay("cpu"),
    "plain": lambda model: PlainWay(model, "cpu"),
}
_ZEA_SETTINGS = "512x512 inside, fp32, random weights"
_OTHERS = {
    "bm3d": KnownPeer("BM3D", ("bm3d",), f"sigma {BM3D_SIGMA}, both stages", _load_bm3d),
    "zea": KnownPeer(
        "zea on PyTorch",
        ("zea", "torch"),
        f"{_ZEA_SETTINGS}, sweeps in batches of {ZEA_BATCH}",
        _load_zea_torch,
        ZEA_BATCH,
        alone=True,
    ),
    "zea-jax": KnownPeer(
        "zea on JAX", ("zea", "jax"), f"{_ZEA_SETTINGS}, compiled, frame by frame", _load_zea_jax, alone=True
    ),
}
