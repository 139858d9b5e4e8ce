"""A benchmark from its settings to its results."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from importlib import import_module

from Speckle2SelfLib.bundle import load_bundle

from .clock import one_line
from .machine import describe_machine, devices, load
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
    """Measure the sections that the settings name; one that fails is named in the results, and the others go on.

    Parameters
    ----------
    settings : BenchmarkSettings
    say : callable, optional
        Told in a line what is measured now.

    Raises
    ------
    Speckle2SelfError
        If the device or the model does not exist, before anything is measured.
    """
    devices(settings.device)
    load_bundle(settings.model)
    start = time.perf_counter()
    results = Results({**settings.to_dict(), "reference_text": size_text(settings.reference)}, describe_machine())
    seconds: dict[str, float] = {}
    for section, module in MODULES.items():
        if section in settings.sections:
            measure: Callable[[BenchmarkSettings, Say], Iterator[Row]]
            measure = import_module(f".{module}", __package__).measure
            began = time.perf_counter()
            try:
                results.add(measure(settings, say))
            except Exception as error:  # whatever it is, minutes of other sections are not thrown away for it
                results.failures[section] = one_line(error)
                say(f"the section {section} failed: {one_line(error)}")
            seconds[section] = round(time.perf_counter() - began, 1)
    results.machine["load_at_end"] = load()
    results.machine["seconds_by_section"] = seconds
    results.machine["minutes"] = round((time.perf_counter() - start) / 60, 2)
    return results
