"""How time and memory grow with the pixels of a frame."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from .clock import Timing, interleaved
from .contestants import OURS
from .frames import LongSweep, distinct_frames
from .machine import devices
from .memory import UNKNOWN, fresh_peak
from .rows import Row, skipped
from .settings import BenchmarkSettings, size_text

SECTION = "growth"
SECONDS, PER_PIXEL, MEMORY = "time of a frame", "time of a million pixels", "peak memory"
RELATIVE = "time of a pixel against the reference size"
FRAMES = 4

Say = Callable[[str], object]


def measure(settings: BenchmarkSettings, say: Say) -> Iterator[Row]:
    """Yield time and memory of squares on every device."""
    from Speckle2SelfLib.despeckler import Despeckler

    for device in devices(settings.device):
        despeckler = Despeckler(model=settings.model, device=device)

        def despeckle(sweep: LongSweep, despeckler: Despeckler = despeckler) -> None:
            for _ in despeckler.stream(sweep):
                pass

        runs = {}
        for side in settings.growth_sides:
            say(f"frames of {side}x{side} on {device}")
            runs[str(side)] = partial(despeckle, LongSweep(distinct_frames((side, side)), FRAMES))
        timings = interleaved(runs, settings.repeats, settings.patience)
        yield from _time_rows(settings, device, timings)
        for side in settings.growth_sides:
            if settings.memory_everywhere or side == max(settings.growth_sides):
                size = (side, side)
                peak = fresh_peak("ours", settings.model, device, size, FRAMES)
                note = UNKNOWN if peak is None else ""
                yield Row(SECTION, OURS, MEMORY, peak, "MiB", device, size_text(size), FRAMES, 1, note)


def _time_rows(settings: BenchmarkSettings, device: str, timings: Mapping[str, Timing]) -> Iterator[Row]:
    per_pixel = {}
    for side in settings.growth_sides:
        timing, size = timings[str(side)], size_text((side, side))
        if timing.failure:
            yield skipped(SECTION, OURS, SECONDS, "s", timing.failure, device=device, size=size, frames=FRAMES)
            continue
        seconds, repeats = timing.median / FRAMES, len(timing.seconds)
        per_pixel[side] = seconds / side**2
        yield Row(SECTION, OURS, SECONDS, seconds, "s", device, size, FRAMES, repeats)
        yield Row(SECTION, OURS, PER_PIXEL, per_pixel[side] * 1e6, "s", device, size, FRAMES, repeats)
    reference = per_pixel.get(settings.reference[0])
    if reference is None:
        return
    for side, value in per_pixel.items():
        yield Row(SECTION, OURS, RELATIVE, value / reference, "x", device, size_text((side, side)), FRAMES)
