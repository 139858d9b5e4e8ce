"""What the project asks of a machine with two cores, and what a run says about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from . import command, despeckling, growth, roofline, simulator_speed, startup, training_speed
from .contestants import AUTHORS, LIVE, OURS, PLAIN
from .known_peers import known_peer
from .rows import Results

LINEAR = 10.0  # % that a cost may change with size


@dataclass(frozen=True)
class Target:
    """One target and what was measured.

    Parameters
    ----------
    text : str
    value : float
    limit : float
    unit : str
    at_least : bool
        The value must reach the limit; else it must not exceed it.
    """

    text: str
    value: float
    limit: float
    unit: str
    at_least: bool = True

    @property
    def reached(self) -> bool:
        """Whether the target is met."""
        return self.value >= self.limit if self.at_least else self.value <= self.limit


def targets(results: Results) -> Iterator[Target]:
    """Yield the targets that this run can speak about; every ratio is of values of this run."""
    size = results.settings["reference_text"]
    yield from _ratios(results, size)
    yield from _times(results, size)
    yield from _agreement(results)
    yield from _shares(results)
    yield from _growth(results)
    for device in dict.fromkeys(row.device for row in results.select(training_speed.SECTION)):
        ours, authors = (
            results.value(training_speed.SECTION, training_speed.STEPS, method=name, device=device)
            for name in (OURS, AUTHORS)
        )
        if ours and authors:
            yield Target(f"training on {device} against the authors' loop", ours / authors, 3, "x")
    rates = [row.value for row in results.select(simulator_speed.SECTION) if row.value]
    if rates:
        yield Target("simulator, slowest anatomy", min(rates), 4, "frames/s per core")


def _ratios(results: Results, size: str) -> Iterator[Target]:
    zea = [known_peer(name).title for name in ("zea", "zea-jax")]
    wanted = {AUTHORS: 10, PLAIN: 4, **dict.fromkeys(zea, 8), "NLM": 20, "SRAD": 1, "Patch-based": 1, "BM3D": 1}

    def rate(method: str, device: str) -> float | None:
        return results.value(despeckling.SECTION, despeckling.THROUGHPUT, method=method, size=size, device=device)

    ours = rate(OURS, "cpu")
    for method, limit in wanted.items():
        other = rate(method, "cpu")
        if ours and other:
            yield Target(f"sweep at {size} against {method}", ours / other, limit, "x")
    for row in results.select(despeckling.SECTION, despeckling.THROUGHPUT, size=size):
        if row.device.startswith("cuda") and row.value and row.method.startswith(OURS):
            yield Target(f"sweep at {size} on the GPU, {row.method}", row.value, 2000, "frames/s")


def _times(results: Results, size: str) -> Iterator[Target]:
    live = f"{OURS}, live"
    for method, limit in ((OURS, 100), (f"{OURS}{LIVE}", 100), (live, 40), (f"{live}{LIVE}", 40)):
        value = results.value(despeckling.SECTION, despeckling.LATENCY, method=method, size=size, device="cpu")
        if value is not None:
            yield Target(f"p50 of a single frame at {size}, {method}", value, limit, "ms", at_least=False)
    first = results.value(startup.SECTION, startup.TOTAL, device="cpu")
    if first is not None:
        yield Target("from the start of Python to the first frame", first, 4, "s", at_least=False)
    whole = results.value(command.SECTION, command.SECONDS, device="cpu", frames=1)
    if whole is not None:
        yield Target(f"the whole command for a file of one frame of {size}", whole, 4, "s", at_least=False)
    library = results.value(startup.SECTION, startup.MODULE_IMPORT)
    if library is not None:
        yield Target(startup.MODULE_IMPORT, library, 50, "ms", at_least=False)


def _agreement(results: Results) -> Iterator[Target]:
    for row in results.select(despeckling.SECTION, despeckling.AGREEMENT):
        if row.value is not None:
            yield Target(f"{despeckling.AGREEMENT}, {row.method} on {row.device}", row.value, 45, "dB")


def _shares(results: Results) -> Iterator[Target]:
    for row in results.select(roofline.SECTION, roofline.REACHED):
        if row.value is not None:
            text = f"matrix-multiply peak reached by the convolutions, {row.method} on {row.device}"
            yield Target(text, row.value, 60, "%")


def _growth(results: Results) -> Iterator[Target]:
    rests = [row for row in results.select(command.SECTION, command.REST, device="cpu") if row.value is not None]
    if rests:
        longest = max(rests, key=lambda row: row.frames or 0)
        text = f"memory besides input and output, {longest.frames} frames"
        yield Target(text, longest.value or 0, 1024, "MiB", at_least=False)
    runs = list(results.select(command.SECTION, command.SECONDS, device="cpu"))
    points = [(row.frames or 0, row.value) for row in runs if row.value is not None]
    if len(points) >= 3:
        (a, first), (b, middle), (c, last) = sorted(points)[-3:]
        change = abs((last - middle) / (c - b) / ((middle - first) / (b - a)) - 1) * 100
        text = f"time of a frame from {b} to {c} frames, against {a} to {b}"
        yield Target(f"change of the {text}", change, LINEAR, "%", at_least=False)
    for row in results.select(growth.SECTION, growth.RELATIVE, device="cpu"):
        if row.value is not None and row.value != 1:
            text = f"time of a pixel at {row.size}, against {results.settings['reference_text']}"
            yield Target(f"change of the {text}", (row.value - 1) * 100, LINEAR, "%", at_least=False)
