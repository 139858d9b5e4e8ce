"""Other despeckling methods, each with the grid on which it is tuned.

Filters work on 8-bit gray scaled to [0, 1]. The default of each is the setting that kept about as much of the edges as
the published network on development frames; tuning (:mod:`.tuning`) chooses another point of the grid.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from Speckle2SelfLib.errors import SettingsError

from . import classical_filters, learned_peers, window_filters
from .frames import Gray8, Unit, to_gray8, to_unit
from .srad import srad

Parameters = Mapping[str, Any]

CLASSICAL, WINDOW, LEARNED = "classical", "window", "learned"
NLM_STRENGTHS = (0.06, 0.08, 0.10, 0.14, 0.20)


@dataclass(frozen=True)
class Peer:
    """One method to compare with.

    Parameters
    ----------
    name : str
        On the command line.
    title : str
        In tables and figures.
    kind : {"classical", "window", "learned"}
        What it needs: the packages of this project, findpeaks, or a learning package.
    package : str
        Name of the distribution it comes from; empty for our own.
    apply : callable
        Frames, a list of float32 (H, W) in [0, 1], and parameters -> list of the same shapes.
    default : mapping
    grid : tuple of mappings
        Settings to try; one entry for learned peers, which run as their authors set them.
    whole_set : bool
        It learns from all the frames at once.
    limit : int, optional
        Frames per set that it is run on: what takes minutes per frame is measured on few.
    settings : str
        How it was run, where it has no parameters of its own here.
    """

    name: str
    title: str
    kind: str
    package: str
    apply: Callable[..., Sequence[Unit]]
    default: Parameters
    grid: tuple[Parameters, ...]
    whole_set: bool = False
    limit: int | None = None
    settings: str = "as its authors set it"

    def missing(self) -> str:
        """Return why this peer cannot run here, or nothing."""
        if self.package and not _installed(self.package):
            return f"not measured: the package {self.package} is not installed"
        return learned_peers.missing(self.name) if self.kind == LEARNED else ""

    def version(self) -> str:
        """Return name and version of the package that computes it."""
        return f"{self.package} {importlib.metadata.version(self.package)}" if self.package else "own"

    def run(self, frames: Sequence[Gray8], parameters: Parameters) -> list[Gray8]:
        """Return the despeckled frames, 8-bit gray (H, W), for 8-bit gray frames."""
        return [to_gray8(frame) for frame in self.apply([to_unit(frame) for frame in frames], **parameters)]


def _installed(package: str) -> bool:
    try:
        importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def _grid(**values: Iterable[Any]) -> tuple[Parameters, ...]:
    return tuple(dict(zip(values, point, strict=True)) for point in product(*values.values()))


def _each(apply: Callable[..., Unit]) -> Callable[..., Sequence[Unit]]:
    """Turn a function of one frame into one of many."""

    def apply_to_each(frames: Sequence[Unit], **parameters: Any) -> Sequence[Unit]:
        return [apply(frame, **parameters) for frame in frames]

    return apply_to_each


def _filter(
    name: str,
    title: str,
    package: str,
    apply: Callable[..., Unit],
    default: Parameters,
    grid: tuple[Parameters, ...],
    *,
    kind: str = CLASSICAL,
    limit: int | None = None,
) -> Peer:
    return Peer(name, title, kind, package, _each(apply), default, grid, limit=limit)


def _learned(name: str, title: str, package: str, apply: Callable[..., Sequence[Unit]], *, whole_set: bool) -> Peer:
    return Peer(name, title, LEARNED, package, apply, {}, ({},), whole_set, learned_peers.FRAMES)


PEERS: dict[str, Peer] = {
    peer.name: peer
    for peer in (
        _filter(
            "nlm",
            "NLM",
            "scikit-image",
            classical_filters.non_local_means,
            {"patch": 9, "distance": 21, "h": 0.08},
            _grid(patch=[9], distance=[21], h=NLM_STRENGTHS) + _grid(patch=[5], distance=[11], h=NLM_STRENGTHS),
        ),
        _filter(
            "srad",
            "SRAD",
            "",
            srad,
            {"iterations": 100, "decay": 1 / 24, "time_step": 0.2},
            _grid(decompression=[1.0, 3.0], decay=[1 / 24, 1 / 6], iterations=[12, 25, 50, 100, 200], time_step=[0.2]),
        ),
        _filter(
            "tv",
            "TV",
            "scikit-image",
            classical_filters.total_variation,
            {"weight": 0.15},
            _grid(weight=[0.05, 0.1, 0.15, 0.2, 0.3, 0.45, 0.6]),
        ),
        _filter(
            "wavelet",
            "Wavelet",
            "PyWavelets",
            classical_filters.wavelet,
            {"sigma": 0.1, "method": "BayesShrink"},
            _grid(method=["BayesShrink"], sigma=[0.05, 0.1, 0.15, 0.2])
            + _grid(method=["VisuShrink"], sigma=[0.01, 0.02, 0.035, 0.05, 0.1]),
        ),
        _filter(
            "curvature",
            "Curvature diffusion",
            "SimpleITK",
            classical_filters.curvature_diffusion,
            {"iterations": 60, "conductance": 3.0},
            _grid(conductance=[1.5, 4.0], iterations=[15, 30, 60, 120]),
        ),
        _filter(
            "gradient",
            "Gradient diffusion",
            "SimpleITK",
            classical_filters.gradient_diffusion,
            {"iterations": 20, "conductance": 1.5},
            _grid(conductance=[0.75, 1.5, 3.0, 9.0], iterations=[10, 20, 40]),
        ),
        _filter(
            "patch",
            "Patch-based",
            "SimpleITK",
            classical_filters.patch_based,
            {"sigma": 30.0, "radius": 2, "samples": 50, "iterations": 4},
            _grid(sigma=[30.0, 60.0], radius=[2], samples=[50], iterations=[4]),
            limit=1,
        ),
        _filter(
            "median",
            "Median",
            "scipy",
            classical_filters.median,
            {"size": 7},
            _grid(size=[3, 5, 7, 9, 11, 15]),
        ),
        _filter(
            "bilateral",
            "Bilateral",
            "SimpleITK",
            classical_filters.bilateral,
            {"domain": 3.0, "intensity": 0.2},
            _grid(domain=[2.0, 4.0], intensity=[0.1, 0.2, 0.4, 0.8]),
        ),
        _filter(
            "lee",
            "Lee",
            "findpeaks",
            window_filters.lee,
            {"window": 7, "variation": 0.25},
            _grid(window=[7, 11], variation=[0.15, 0.25, 0.4]),
            kind=WINDOW,
            limit=2,
        ),
        _filter(
            "frost",
            "Frost",
            "findpeaks",
            window_filters.frost,
            {"window": 7, "damping": 2.0},
            _grid(window=[7, 11], damping=[1.0, 2.0, 4.0]),
            kind=WINDOW,
            limit=2,
        ),
        _filter(
            "kuan",
            "Kuan",
            "findpeaks",
            window_filters.kuan,
            {"window": 7, "variation": 0.25},
            _grid(window=[7, 11], variation=[0.15, 0.25, 0.4]),
            kind=WINDOW,
            limit=2,
        ),
        _learned("noise2void", "Noise2Void", "careamics", learned_peers.noise2void, whole_set=True),
        _learned("neighbor2neighbor", "Neighbor2Neighbor", "deepinv", learned_peers.neighbor2neighbor, whole_set=True),
        replace(
            _learned("dip", "Deep Image Prior", "deepinv", learned_peers.deep_image_prior, whole_set=False),
            settings=f"{learned_peers.DIP_STEPS} steps, an eighth of its default",
        ),
        _learned("zea", "zea port", "zea", learned_peers.zea_port, whole_set=False),
    )
}
GROUPS = {"none": (), "classical": (CLASSICAL,), "all": (CLASSICAL, WINDOW, LEARNED)}


def choose_peers(text: str) -> list[Peer]:
    """Return the peers of a list of names, or of a group.

    Raises
    ------
    SettingsError
        If a name is neither a peer nor a group.
    """
    if text in GROUPS:
        return [peer for peer in PEERS.values() if peer.kind in GROUPS[text]]
    names = [name.strip() for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in PEERS]
    if unknown or not names:
        raise SettingsError(
            f"--peers takes {', '.join(GROUPS)} or names of {', '.join(PEERS)}, got {(unknown or [text])[0]!r}."
        )
    return [PEERS[name] for name in dict.fromkeys(names)]
