"""How much faster than what: the first thing that a reader wants to know."""

from __future__ import annotations

from collections.abc import Iterator

from . import despeckling
from .contestants import LIVE, OURS
from .rows import Results, Row
from .tables import number, table

SMALL_MODEL = f"{OURS}, live"


def summary_lines(results: Results) -> list[str]:
    """Return paragraphs that set our sweeps at the reference size beside all other methods on the same device."""
    size = results.settings["reference_text"]
    rows = [row for row in results.select(despeckling.SECTION, despeckling.THROUGHPUT, size=size) if row.value]
    lines: list[str] = []
    for device in dict.fromkeys(row.device for row in rows):
        lines += _on_device([row for row in rows if row.device == device], size, device)
    return ["## In short", *lines] if lines else []


def _on_device(rows: list[Row], size: str, device: str) -> Iterator[str]:
    rates = {row.method: row.value or 0.0 for row in rows}
    if OURS not in rates:
        return
    ours, small = rates[OURS], rates.get(SMALL_MODEL)
    text = f"A sweep of {size} on the {'CPU' if device == 'cpu' else 'GPU'}: **{number(ours)} frames per second**"
    yield text + (f", **{number(small)}** with the small model `live`." if small else ".")
    others = sorted((rate, name) for name, rate in rates.items() if name != OURS and name != SMALL_MODEL)
    head = ["instead of", "time of a frame", "Speckle2Self is", *(["with the model `live`"] if small else [])]
    lines = [
        [name, f"{number(1000 / rate)} ms", _times(ours / rate), *([_times(small / rate)] if small else [])]
        for rate, name in others
        if not name.endswith(LIVE) and not name.startswith(SMALL_MODEL)
    ]
    if lines:
        yield table(head, lines)


def _times(ratio: float) -> str:
    return f"{number(ratio)} x as fast"
