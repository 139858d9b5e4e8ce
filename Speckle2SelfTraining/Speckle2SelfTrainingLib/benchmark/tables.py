"""Rows as tables in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .rows import Row

# What stands before the values of a line: the heading and the text of a row.
KEYS = ("method", "device", "size", "frames")


def number(value: float) -> str:
    """Return a number with three digits that count."""
    if abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.3g}"


def by_place(rows: Sequence[Row], order: Sequence[str] = (), *, one_length: bool = False) -> str:
    """Return one line per method, device, size and length, one column per measure.

    Parameters
    ----------
    rows : sequence of Row
    order : sequence of str
        Of the measures; as in the rows where it is left out.
    one_length : bool
        What was measured of a single frame and of a sweep belongs into one line.
    """
    measures, places, cells = _cells(rows, order, one_length)
    keys = [index for index in range(len(KEYS)) if any(place[index] for place in places)]
    head = [*(KEYS[index] for index in keys), *measures]
    return table(head, [[*(place[i] for i in keys), *cells[place]] for place in places])


def by_measure(rows: Sequence[Row]) -> str:
    """Return one line per measure, one column per method, device, size and length: for many measures of few things."""
    measures, places, cells = _cells(rows, (), one_length=False)
    head = ["", *(", ".join(part for part in place if part) for place in places)]
    return table(head, [[name, *(cells[place][line] for place in places)] for line, name in enumerate(measures)])


def table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """Return a table."""
    return "\n".join([_line(head), "|" + "---|" * len(head), *map(_line, lines)])


def _cells(
    rows: Sequence[Row], order: Sequence[str], one_length: bool
) -> tuple[list[str], list[tuple[str, ...]], dict[tuple[str, ...], list[str]]]:
    def place(row: Row) -> tuple[str, ...]:
        length = "" if row.frames is None or one_length else str(row.frames)
        return row.method, row.device, row.size, length

    measures = list(dict.fromkeys((row.measure, row.unit) for row in rows))
    measures.sort(key=lambda one: order.index(one[0]) if one[0] in order else len(order))
    places = list(dict.fromkeys(place(row) for row in rows))
    found = {(place(row), row.measure): row for row in rows}
    cells = {one: [_cell(found.get((one, measure))) for measure, _ in measures] for one in places}
    return [f"{measure}, {unit}" if unit else measure for measure, unit in measures], places, cells


def _cell(row: Row | None) -> str:
    if row is None:
        return ""
    return "-" if row.value is None else number(row.value)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
