"""Operations and bytes of a frame, the peaks of the machine, and the share of them that is reached."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from .contestants import models
from .frames import distinct_frames
from .machine import devices
from .peaks import WIDTHS, matmul_peak, memory_peak
from .rows import Row, skipped
from .settings import BenchmarkSettings, size_text

if TYPE_CHECKING:
    from Speckle2SelfLib.despeckler import Despeckler

SECTION = "roofline"
CONVOLUTION = "conv"  # in the name of every convolution of PyTorch, quantized ones included
FLOPS, BYTES = "operations per frame", "bytes per frame"
MATMUL, COPY = "matrix-multiply peak", "memory peak"
CONVOLUTION_TIME, NETWORK_TIME = "time of convolutions", "time of the network"
REACHED, NETWORK_REACHED = "share of the peak, convolutions", "share of the peak, network"
BANDWIDTH, BOUND = "share of the memory peak, network", "fastest time that the peaks allow"

Say = Callable[[str], object]


def measure(settings: BenchmarkSettings, say: Say) -> Iterator[Row]:
    """Yield the rows of every device and of each of our models."""
    from Speckle2SelfLib.despeckler import Despeckler

    for device in devices(settings.device):
        for model in models(settings.model):
            say(f"roofline of {model} on {device}")
            despeckler = Despeckler(model=model, device=device)
            yield from _rows(settings, despeckler, model)


def _rows(settings: BenchmarkSettings, despeckler: Despeckler, model: str) -> Iterator[Row]:
    device, precision = despeckler.engine.device, despeckler.engine.precision
    size = size_text(settings.reference)

    def row(measure: str, value: float, unit: str, note: str = "") -> Row:
        return Row(SECTION, model, measure, value, unit, device, size, note=note)

    frame = _padded(settings)
    operations, moved = cost(despeckler.model.network(), frame, WIDTHS[precision])
    peak, copy = matmul_peak(device, precision), memory_peak(device)
    yield row(FLOPS, operations / 1e9, "GFLOP", "of the convolutions of one pass")
    yield row(BYTES, moved / 1e6, "MB", f"inputs, outputs and weights of every convolution once, {precision}")
    yield row(MATMUL, peak / 1e9, "GFLOP/s", f"{precision}, measured")
    yield row(COPY, copy / 1e9, "GB/s", "measured")
    yield row(BOUND, max(operations / peak, moved / copy) * 1000, "ms")
    network, convolutions = timed(despeckler, frame, settings.repeats)
    yield row(NETWORK_TIME, network * 1000, "ms", f"a call of the engine, {precision}")
    yield row(NETWORK_REACHED, operations / network / peak * 100, "%")
    yield row(BANDWIDTH, moved / network / copy * 100, "%")
    if not convolutions:
        reason = "not measured: the profiler of PyTorch sees no convolutions in this engine"
        yield skipped(SECTION, model, REACHED, "%", reason, device=device, size=size)
        return
    yield row(CONVOLUTION_TIME, convolutions * 1000, "ms", "by the profiler of PyTorch")
    yield row(REACHED, operations / convolutions / peak * 100, "%")


def cost(network: nn.Module, frame: Tensor, width: int) -> tuple[float, float]:
    """Return the operations of the convolutions of a pass, and the bytes that they cannot avoid to move.

    Parameters
    ----------
    network : nn.Module
        With ``despeckle``.
    frame : Tensor (1, 1, H, W)
    width : int
        Bytes of a value.
    """
    moved = 0

    def count(module: nn.Module, given: tuple[Tensor, ...], output: Tensor) -> None:
        nonlocal moved
        weights = sum(parameter.numel() for parameter in module.parameters())
        moved += width * (given[0].numel() + output.numel() + weights)

    kinds = (nn.Conv2d, nn.ConvTranspose2d)
    hooks = [module.register_forward_hook(count) for module in network.modules() if isinstance(module, kinds)]
    despeckle: Any = network.despeckle
    try:
        with torch.no_grad(), FlopCounterMode(display=False) as counter:
            despeckle(frame, 1.0)
    finally:
        for hook in hooks:
            hook.remove()
    return float(counter.get_total_flops()), float(moved)


def timed(despeckler: Despeckler, frame: Tensor, repeats: int) -> tuple[float, float]:
    """Return seconds per frame of a call of the engine, and of the convolutions in it (0 where none are seen).

    One frame after the other, so that all threads compute the same frame; sweeps give every thread one of its own.
    """
    engine = despeckler.engine
    batch = frame.expand(engine.batch_size((frame.shape[-2], frame.shape[-1])), -1, -1, -1)
    engine.run(batch, 1.0)
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        engine.run(batch, 1.0)
        seconds.append(time.perf_counter() - start)
    kinds = [torch.profiler.ProfilerActivity.CPU]
    gpu = engine.device.startswith("cuda")
    if gpu:
        kinds.append(torch.profiler.ProfilerActivity.CUDA)
    os.environ.setdefault("KINETO_LOG_LEVEL", "99")  # it tells everybody when it starts
    with torch.profiler.profile(activities=kinds) as profile:
        for _ in range(repeats):
            engine.run(batch, 1.0)
    spent = sum(_self_time(event, gpu=gpu) for event in profile.key_averages())
    return sorted(seconds)[len(seconds) // 2] / len(batch), spent / 1e6 / repeats / len(batch)


def _self_time(event: Any, *, gpu: bool) -> float:
    """Return microseconds of an event itself, if it is a convolution.

    Of a GPU, too, the event is that of the CPU, to which the profiler adds up the kernels that it starts.
    """
    if event.device_type.name != "CPU" or CONVOLUTION not in event.key.lower():
        return 0.0
    return float(event.self_device_time_total if gpu else event.self_cpu_time_total)


def _padded(settings: BenchmarkSettings) -> Tensor:
    frame = torch.from_numpy(distinct_frames(settings.reference)[0].astype("float32") / 255)[None, None]
    rows, columns = (-length % 16 for length in settings.reference)
    return nn.functional.pad(frame, (0, columns, 0, rows))
