"""A benchmark from its settings to its results."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from importlib import import_module

from .machine import describe_machine, load
from .rows import Results, Row
from .settings import BenchmarkSettings, size_text

Say = Callable[[str], object]

# Where each section is measured; the quiet ones first, and the long one with the most load on the machine last.
MODULES = {
    "startup": "startup",
    "despeckling": "despeckling",
    "roofline": "roofline",
    "growth": "growth",
    "training": "training_speed",
    "simulator": "simulator_speed",
    "command": "command",
}


def run(settings: BenchmarkSettings, say: Say = lambda text: None) -> Results:
    """Measure the sections that the settings name.

    Parameters
    ----------
    settings : BenchmarkSettings
    say : callable, optional
        Told in a line what is measured now.
    """
    start = time.perf_counter()
    results = Results({**settings.to_dict(), "reference_text": size_text(settings.reference)}, describe_machine())
    for section, module in MODULES.items():
        if section in settings.sections:
            measure: Callable[[BenchmarkSettings, Say], Iterator[Row]]
            measure = import_module(f".{module}", __package__).measure
            results.add(measure(settings, say))
    results.machine["load_at_end"] = load()
    results.machine["minutes"] = round((time.perf_counter() - start) / 60, 2)
    return results
