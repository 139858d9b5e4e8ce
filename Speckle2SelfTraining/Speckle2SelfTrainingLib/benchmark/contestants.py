"""Who is measured: our models, other ways of running such a network, and other methods."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from Speckle2SelfLib.bundle.shipped import SHORT_NAMES, shipped_models

from .settings import BenchmarkSettings

if TYPE_CHECKING:
    from Speckle2SelfLib.despeckler import Despeckler

Frame = NDArray[Any]

OURS, AUTHORS, PLAIN = "Speckle2Self", "authors' way", "plain eager fp32"
LIVE = ", next frame of a stream"


@dataclass(frozen=True)
class Contestant:
    """One way of despeckling.

    Parameters
    ----------
    name : str
    device : str
    one : callable
        Despeckles one frame (H, W), uint8.
    many : callable
        Despeckles a sweep, anything with a length whose items are such frames, and forgets the results.
    peer : bool
        Another method.
    settings : str
    way, model : str
        Under which :func:`.memory.fresh_peak` knows it; empty for what it does not know.
    batch : int
        Frames that it takes at once in a sweep.
    reference_only : bool
        Measured at the reference size only.
    slow_start : bool
        Its first frame takes much longer than others, because it loads or compiles something.
    """

    name: str
    device: str
    one: Callable[[Frame], object]
    many: Callable[[Any], object]
    peer: bool = False
    settings: str = ""
    way: str = ""
    model: str = ""
    batch: int = 1
    reference_only: bool = False
    slow_start: bool = False

    @property
    def sweeps(self) -> bool:
        """Whether a sweep can be faster than its frames one by one."""
        return not self.name.endswith(LIVE) and (not self.peer or self.batch > 1)


@dataclass(frozen=True)
class Missing:
    """A method that cannot be measured here, and why."""

    name: str
    reason: str


def networks(settings: BenchmarkSettings, device: str) -> Iterator[Contestant]:
    """Yield our models and the other ways of running such a network, on a device."""
    for model in models(settings.model):
        yield from _ours(model, our_title(settings, model), device)
    for name, way in ((AUTHORS, "authors"), (PLAIN, "plain")):
        run = _way(way, settings.model, device)
        yield Contestant(name, device, run, each(run), False, "precision fp32", way, settings.model)


def _way(way: str, model: str, device: str) -> Callable[[Frame], object]:
    """Return another way of running a network; on the CPU in a process of its own, whose memory is left as it is."""
    from .remote import RemotePeer
    from .ways import AuthorsWay, PlainWay

    if device != "cpu":
        return AuthorsWay(device) if way == "authors" else PlainWay(model, device)
    remote = RemotePeer(sys.executable, f"{way}:{model}", way)
    if reason := remote.missing():
        raise RuntimeError(reason)
    return remote


def _ours(model: str, title: str, device: str) -> Iterator[Contestant]:
    from Speckle2SelfLib.despeckler import Despeckler
    from Speckle2SelfLib.live import LiveDespeckler

    despeckler = Despeckler(model=model, device=device)
    chosen = despeckler.engine.precision
    live, text = LiveDespeckler(despeckler), f"precision {chosen}"
    yield Contestant(title, device, despeckler, stream(despeckler), False, text, "ours", model)
    yield Contestant(f"{title}{LIVE}", device, live, each(live), settings=text)
    for precision in other_precisions(chosen, device):
        other = Despeckler(model=model, device=device, precision=precision)
        name = in_precision(title, precision)
        yield Contestant(
            name,
            device,
            other,
            stream(other),
            settings=f"precision {precision}, asked for",
            model=model,
            reference_only=True,
        )


def our_title(settings: BenchmarkSettings, model: str) -> str:
    """Return the name of one of our models in the tables."""
    return OURS if model == settings.model else f"{OURS}, {model}"


def in_precision(title: str, precision: str) -> str:
    """Return the name of one of our models where a precision was asked for."""
    return f"{title} in {precision}"


def other_precisions(chosen: str, device: str) -> tuple[str, ...]:
    """Return what a device computes in besides what was chosen by itself: slower ones, down to fp32."""
    from Speckle2SelfLib.precision import abilities

    can = abilities(device)
    known = [*(name for name in ("int8", "bf16", "fp16") if getattr(can, name)), "fp32"]
    return tuple(known[known.index(chosen) + 1 :]) if chosen in known else ()


def models(first: str) -> list[str]:
    """Return the model asked for and, where that is the default, the other shipped models that remove speckle."""
    if first != "default":
        return [first]
    shipped = shipped_models()
    named = {SHORT_NAMES.get(name, name) for name in shipped}
    others = sorted(name for name in named if name != SHORT_NAMES["default"])
    short = {full: name for name, full in SHORT_NAMES.items()}
    return [first, *(short.get(name, name) for name in others)]


def peers(settings: BenchmarkSettings) -> Iterator[Contestant | Missing]:
    """Yield the other methods, or why they cannot be measured."""
    for name in settings.peers:
        yield _peer(name, settings.peers_python)


def _peer(name: str, other_python: str | None) -> Contestant | Missing:
    from .known_peers import known_peer
    from .remote import RemotePeer

    peer = known_peer(name)
    run: Callable[[Frame], object] = peer
    reason = peer.missing()
    if peer.alone or reason:
        python = sys.executable if not reason else other_python
        if python is None:
            return Missing(peer.title, reason)
        run = remote = RemotePeer(python, name, peer.title)
        reason = remote.missing()
    if reason:
        return Missing(peer.title, reason)
    return Contestant(
        peer.title,
        "cpu",
        run,
        in_batches(run, peer.batch),
        peer=True,
        settings=peer.settings,
        batch=peer.batch,
        reference_only=True,
        slow_start=peer.alone,
    )


def each(one: Callable[[Frame], object]) -> Callable[[Sequence[Frame]], None]:
    """Turn a function of a frame into one of a sweep."""

    def many(sweep: Sequence[Frame]) -> None:
        for index in range(len(sweep)):
            one(np.asarray(sweep[index]))

    return many


def in_batches(one: Callable[[Frame], object], batch: int) -> Callable[[Sequence[Frame]], None]:
    """Turn a function of a frame or of several into one of a sweep."""
    if batch == 1:
        return each(one)

    def many(sweep: Sequence[Frame]) -> None:
        for first in range(0, len(sweep), batch):
            one(np.stack([sweep[index] for index in range(first, min(first + batch, len(sweep)))]))

    return many


def stream(despeckler: Despeckler) -> Callable[[Any], None]:
    """Return a function that despeckles a sweep and forgets the results."""

    def many(sweep: Any) -> None:
        for _ in despeckler.stream(sweep):
            pass

    return many
