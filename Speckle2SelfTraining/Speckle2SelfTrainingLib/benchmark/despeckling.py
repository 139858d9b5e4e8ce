"""Latency, throughput and memory of despeckling, by method and size of frames."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from .clock import Timing, interleaved
from .contestants import LIVE, Contestant, Missing, networks, peers
from .frames import LongSweep, distinct_frames
from .machine import devices
from .memory import UNKNOWN, fresh_peak
from .rows import Row, skipped
from .settings import BenchmarkSettings, Size, size_text

SECTION = "despeckling"
LATENCY, LATENCY_95, THROUGHPUT, MEMORY = "latency p50", "latency p95", "throughput", "peak memory"
LATENCY_REPEATS = 3  # times the repeats, for a percentile that means something
ONE_BY_ONE = 2  # frames per repeat of what computes frame by frame: more do not make it faster

Say = Callable[[str], object]


def measure(settings: BenchmarkSettings, say: Say) -> Iterator[Row]:
    """Yield the rows of every size and device, other methods at the reference size only."""
    others: list[Contestant] = []
    for peer in peers(settings):
        if isinstance(peer, Missing):
            yield skipped(SECTION, peer.name, THROUGHPUT, "frames/s", peer.reason, size=size_text(settings.reference))
        else:
            others.append(peer)
    sizes = dict.fromkeys((settings.reference, *settings.sizes))
    for device in devices(settings.device):
        contestants = list(networks(settings, device))
        for size in sizes:
            with_peers = size == settings.reference and device == devices(settings.device)[0]
            yield from _measure_size(settings, size, contestants + (others if with_peers else []), say)


def _measure_size(
    settings: BenchmarkSettings, size: Size, contestants: Sequence[Contestant], say: Say
) -> Iterator[Row]:
    frames = distinct_frames(size)
    count = sweep_length(settings, size)
    say(f"{size_text(size)} on {contestants[0].device}: single frames")
    one = {_key(each): partial(each.one, frames[0]) for each in contestants}
    latencies = interleaved(one, settings.repeats * LATENCY_REPEATS, settings.patience)
    say(f"{size_text(size)} on {contestants[0].device}: sweeps")
    # A stream comes frame by frame, and other methods take frames one by one: their latency says it all.
    sweeping = [each for each in contestants if not each.peer and not each.name.endswith(LIVE)]
    lengths = {_key(each): count if each is sweeping[0] or _ours(each) else ONE_BY_ONE for each in sweeping}
    many = {_key(each): partial(each.many, LongSweep(frames, lengths[_key(each)])) for each in sweeping}
    sweeps = interleaved(many, settings.repeats, settings.patience)
    for each in contestants:
        yield from _latency_rows(each, size, latencies[_key(each)])
        if _key(each) in sweeps:
            yield _throughput_row(each, size, lengths[_key(each)], sweeps[_key(each)])
            if settings.memory_everywhere or size == settings.reference:
                yield _memory_row(each, size, lengths[_key(each)])
        else:
            yield _throughput_row(each, size, 1, latencies[_key(each)])


def sweep_length(settings: BenchmarkSettings, size: Size) -> int:
    """Return how many frames of this size a sweep has, so that a repeat takes about as long at every size."""
    pixels = settings.reference[0] * settings.reference[1]
    return max(4, min(settings.frames, settings.frames * pixels // (size[0] * size[1])))


def _ours(each: Contestant) -> bool:
    from .contestants import OURS

    return each.name.startswith(OURS)


def _key(each: Contestant) -> str:
    return f"{each.name} on {each.device}"


def _latency_rows(each: Contestant, size: Size, timing: Timing) -> Iterator[Row]:
    note = each.settings if timing.warm else f"{each.settings}; one run, not warm"
    for measure, seconds in ((LATENCY, timing.median), (LATENCY_95, timing.percentile(0.95))):
        yield Row(
            SECTION,
            each.name,
            measure,
            seconds * 1000,
            "ms",
            each.device,
            size_text(size),
            1,
            len(timing.seconds),
            note,
        )


def _throughput_row(each: Contestant, size: Size, count: int, timing: Timing) -> Row:
    rate = count / timing.median
    repeats = len(timing.seconds)
    return Row(
        SECTION, each.name, THROUGHPUT, rate, "frames/s", each.device, size_text(size), count, repeats, each.settings
    )


def _memory_row(each: Contestant, size: Size, count: int) -> Row:
    peak = fresh_peak(each.way, each.model, each.device, size, count)
    note = "of the GPU" if each.device.startswith("cuda") else "beyond that of the loaded program"
    note = UNKNOWN if peak is None else note
    return Row(SECTION, each.name, MEMORY, peak, "MiB", each.device, size_text(size), count, 1, note)
