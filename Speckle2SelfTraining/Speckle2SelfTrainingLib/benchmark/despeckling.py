"""Latency, throughput and memory of despeckling, by method and size of frames."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial

from .agreement import psnr_by_name
from .clock import Timing, interleaved
from .contestants import OURS, Contestant, Missing, networks, peers
from .frames import DISTINCT, LongSweep, distinct_frames
from .machine import devices
from .memory import UNKNOWN, fresh_peak
from .rows import Row, skipped
from .settings import BenchmarkSettings, Size, size_text

SECTION = "despeckling"
LATENCY, LATENCY_95, THROUGHPUT, MEMORY = "latency p50", "latency p95", "throughput", "peak memory"
AGREEMENT = "PSNR against fp32"
MEASURES = (LATENCY, LATENCY_95, THROUGHPUT, MEMORY, AGREEMENT)  # in this order in tables
LATENCY_REPEATS = 3  # times the repeats, for a percentile that means something
FEWEST_FOR_PERCENTILE = 5
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
            reference = size == settings.reference
            asked = [each for each in contestants if reference or not each.reference_only]
            if reference and device == devices(settings.device)[0]:
                asked += others
            yield from _measure_size(settings, size, asked, say)
            if reference:
                yield from _agreement_rows(size, contestants)


def _measure_size(
    settings: BenchmarkSettings, size: Size, contestants: Sequence[Contestant], say: Say
) -> Iterator[Row]:
    frames, device = distinct_frames(size), contestants[0].device
    say(f"{size_text(size)} on {device}: single frames")
    # Other sizes than the reference are measured with half the patience: nothing is compared there but networks.
    patience = settings.patience if size == settings.reference else settings.patience / 2
    one = {_key(each): partial(each.one, frames[0]) for each in contestants}
    for each in contestants:
        if each.slow_start:
            with suppress(Exception):  # it fails again where it is measured, and is named there
                one[_key(each)]()
    latencies = interleaved(one, settings.repeats * LATENCY_REPEATS, patience)
    say(f"{size_text(size)} on {device}: sweeps")
    # A stream comes frame by frame, and other methods take frames one by one: their latency says it all.
    able = [each for each in contestants if each.sweeps and not latencies[_key(each)].failure]
    lengths = {_key(each): sweep_length(settings, size, each) for each in able}
    many = {_key(each): partial(each.many, LongSweep(frames, lengths[_key(each)])) for each in able}
    sweeps = interleaved(many, settings.repeats, patience)
    for each in contestants:
        timing = latencies[_key(each)]
        failure = timing.failure or (sweeps[_key(each)].failure if _key(each) in sweeps else "")
        if failure:
            yield skipped(SECTION, each.name, THROUGHPUT, "frames/s", failure, device=each.device, size=size_text(size))
            continue
        yield from _latency_rows(each, size, timing)
        yield _throughput_row(each, size, lengths.get(_key(each), 1), sweeps.get(_key(each), timing))
        if each.way and (settings.memory_everywhere or size == settings.reference):
            yield _memory_row(each, size, lengths[_key(each)])


def sweep_length(settings: BenchmarkSettings, size: Size, each: Contestant) -> int:
    """Return how many frames of this size a sweep has, so that a repeat takes about as long at every size."""
    if each.peer:
        return each.batch
    if not each.name.startswith(OURS):
        return ONE_BY_ONE
    most = settings.frames if each.device == "cpu" else settings.gpu_frames
    pixels = settings.reference[0] * settings.reference[1]
    return max(4, min(most, most * pixels // (size[0] * size[1])))


def _key(each: Contestant) -> str:
    return f"{each.name} on {each.device}"


def _agreement_rows(size: Size, contestants: Sequence[Contestant]) -> Iterator[Row]:
    device = contestants[0].device
    for name, value in psnr_by_name(contestants, distinct_frames(size)).items():
        yield Row(SECTION, name, AGREEMENT, value, "dB", device, size_text(size), DISTINCT, 1)


def _latency_rows(each: Contestant, size: Size, timing: Timing) -> Iterator[Row]:
    note = each.settings if timing.warm else f"{each.settings}; one run, not warm"
    repeats = len(timing.seconds)
    for measure, seconds in ((LATENCY, timing.median), (LATENCY_95, timing.percentile(0.95))):
        if measure == LATENCY_95 and repeats < FEWEST_FOR_PERCENTILE:
            continue
        value, text = seconds * 1000, size_text(size)
        yield Row(SECTION, each.name, measure, value, "ms", each.device, text, 1, repeats, note)


def _throughput_row(each: Contestant, size: Size, count: int, timing: Timing) -> Row:
    rate, repeats, text = count / timing.median, len(timing.seconds), size_text(size)
    return Row(SECTION, each.name, THROUGHPUT, rate, "frames/s", each.device, text, count, repeats, each.settings)


def _memory_row(each: Contestant, size: Size, count: int) -> Row:
    peak = fresh_peak(each.way, each.model, each.device, size, count)
    note = "of the GPU" if each.device.startswith("cuda") else "beyond that of the loaded program"
    note = UNKNOWN if peak is None else note
    return Row(SECTION, each.name, MEMORY, peak, "MiB", each.device, size_text(size), count, 1, note)
