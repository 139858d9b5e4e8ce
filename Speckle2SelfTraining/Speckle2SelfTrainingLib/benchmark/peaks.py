"""The most that this machine computes and moves: measured, in the same run, with the largest kernels PyTorch has."""

from __future__ import annotations

import time
from collections.abc import Callable

import torch

MATRIX, GPU_MATRIX = 2048, 8192
COPIED_BYTES, GPU_COPIED_BYTES = 2**28, 2**31
REPEATS = 8
DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


def matmul_peak(device: str, precision: str, side: int | None = None) -> float:
    """Return the rate of the fastest of a few products of square matrices, operations per second."""
    side = side or (GPU_MATRIX if device.startswith("cuda") else MATRIX)
    left, right = (torch.rand(side, side, device=device).to(DTYPES[precision]) for _ in range(2))
    out = torch.empty_like(left)
    return 2 * side**3 / _fastest(lambda: torch.mm(left, right, out=out), device)


def memory_peak(device: str, size: int | None = None) -> float:
    """Return the rate of the fastest of a few copies of a large array, bytes read and written per second."""
    size = size or (GPU_COPIED_BYTES if device.startswith("cuda") else COPIED_BYTES)
    source = torch.ones(size // 4, device=device)
    target = torch.empty_like(source)
    return 2 * size / _fastest(lambda: target.copy_(source), device)


def _fastest(run: Callable[[], object], device: str) -> float:
    best = float("inf")
    for _ in range(REPEATS):
        _wait(device)
        start = time.perf_counter()
        run()
        _wait(device)
        best = min(best, time.perf_counter() - start)
    return best


def _wait(device: str) -> None:
    if device.startswith("cuda"):
        torch.cuda.synchronize()
