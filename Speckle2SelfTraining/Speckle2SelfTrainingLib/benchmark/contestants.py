"""Who is measured: our models, other ways of running such a network, and other methods."""

from __future__ import annotations

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
        Another method, measured at the reference size only.
    settings : str
    way, model : str
        Under which :func:`.memory.fresh_peak` knows it; empty for what it does not know.
    """

    name: str
    device: str
    one: Callable[[Frame], object]
    many: Callable[[Any], object]
    peer: bool = False
    settings: str = ""
    way: str = ""
    model: str = ""


@dataclass(frozen=True)
class Missing:
    """A method that cannot be measured here, and why."""

    name: str
    reason: str


def networks(settings: BenchmarkSettings, device: str) -> Iterator[Contestant]:
    """Yield our models and the other ways of running such a network, on a device."""
    from Speckle2SelfLib.despeckler import Despeckler
    from Speckle2SelfLib.live import LiveDespeckler

    from .ways import AuthorsWay, PlainWay

    for model in models(settings.model):
        despeckler = Despeckler(model=model, device=device)
        title = OURS if model == settings.model else f"{OURS}, {model}"
        live, precision = LiveDespeckler(despeckler), f"precision {despeckler.engine.precision}"
        yield Contestant(title, device, despeckler, stream(despeckler), False, precision, "ours", model)
        yield Contestant(f"{title}{LIVE}", device, live, each(live), settings=precision)
    authors, plain = AuthorsWay(device), PlainWay(settings.model, device)
    yield Contestant(AUTHORS, device, authors, each(authors), False, "precision fp32", "authors", settings.model)
    yield Contestant(PLAIN, device, plain, each(plain), False, "precision fp32", "plain", settings.model)


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
    from .remote import RemotePeer, known_peer

    for name in settings.peers:
        peer = known_peer(name)
        reason = peer.missing()
        if not reason:
            yield Contestant(peer.title, "cpu", peer, each(peer), peer=True, settings=peer.settings)
        elif settings.peers_python is not None:
            remote = RemotePeer(settings.peers_python, name, peer.title)
            reason = remote.missing()
            if reason:
                yield Missing(peer.title, reason)
            else:
                yield Contestant(peer.title, "cpu", remote, each(remote), peer=True, settings=peer.settings)
        else:
            yield Missing(peer.title, reason)


def each(one: Callable[[Frame], object]) -> Callable[[Sequence[Frame]], None]:
    """Turn a function of a frame into one of a sweep."""

    def many(sweep: Sequence[Frame]) -> None:
        for index in range(len(sweep)):
            one(np.asarray(sweep[index]))

    return many


def stream(despeckler: Despeckler) -> Callable[[Any], None]:
    """Return a function that despeckles a sweep and forgets the results."""

    def many(sweep: Any) -> None:
        for _ in despeckler.stream(sweep):
            pass

    return many
