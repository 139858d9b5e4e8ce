"""How time and memory grow with the pixels of a frame."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from .clock import interleaved
from .contestants import OURS
from .frames import LongSweep, distinct_frames
from .machine import devices
from .memory import UNKNOWN, fresh_peak
from .rows import Row
from .settings import BenchmarkSettings, size_text

SECTION = "growth"
SECONDS, PER_PIXEL, MEMORY = "time of a frame", "time of a million pixels", "peak memory"
FRAMES, LARGE = 4, 1024

Say = Callable[[str], object]


def measure(settings: BenchmarkSettings, say: Say) -> Iterator[Row]:
    """Yield time and memory of squares on every device."""
    from Speckle2SelfLib.despeckler import Despeckler

    for device in devices(settings.device):
        despeckler = Despeckler(model=settings.model, device=device)

        def despeckle(sweep: LongSweep, despeckler: Despeckler = despeckler) -> None:
            for _ in despeckler.stream(sweep):
                pass

        lengths = {side: FRAMES if side <= LARGE else 2 for side in settings.growth_sides}
        runs = {}
        for side, count in lengths.items():
            say(f"frames of {side}x{side} on {device}")
            runs[str(side)] = partial(despeckle, LongSweep(distinct_frames((side, side)), count))
        timings = interleaved(runs, settings.repeats, settings.patience)
        for side, count in lengths.items():
            timing, size = timings[str(side)], size_text((side, side))
            seconds, repeats = timing.median / count, len(timing.seconds)
            yield Row(SECTION, OURS, SECONDS, seconds, "s", device, size, count, repeats)
            yield Row(SECTION, OURS, PER_PIXEL, seconds / side**2 * 1e6, "s", device, size, count, repeats)
            if not settings.memory_everywhere and side != max(lengths):
                continue
            peak = fresh_peak("ours", settings.model, device, (side, side), count)
            yield Row(SECTION, OURS, MEMORY, peak, "MiB", device, size, count, 1, UNKNOWN if peak is None else "")
