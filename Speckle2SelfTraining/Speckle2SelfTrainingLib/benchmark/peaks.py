"""The most that this machine computes and moves: measured, in the same run, with the fastest products PyTorch has."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from .machine import wait

MATRIX, GPU_MATRIX = 2048, 8192
COPIED_BYTES, GPU_COPIED_BYTES = 2**28, 2**31
REPEATS = 12
DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
WIDTHS = {"fp32": 4, "bf16": 2, "fp16": 2, "int8": 1}  # bytes of a value

Product = Callable[[], object]


def matmul_peak(device: str, precision: str, side: int | None = None) -> float:
    """Return the rate of the fastest of a few products of square matrices, operations per second."""
    side = side or (GPU_MATRIX if device.startswith("cuda") else MATRIX)
    with _as_convolutions_compute(device):
        fastest = min(_fastest(product, device) for product in _products(device, precision, side))
    return 2 * side**3 / fastest


def _products(device: str, precision: str, side: int) -> Iterator[Product]:
    if precision == "int8":
        yield from _int8_products(torch.randint(0, 127, (side, side), dtype=torch.int8, device=device))
        return
    left, right = (torch.rand(side, side, device=device).to(DTYPES[precision]) for _ in range(2))
    out = torch.empty_like(left)
    yield lambda: torch.mm(left, right, out=out)


def _int8_products(matrix: Tensor) -> Iterator[Product]:
    """Yield a plain product and, on a CPU, that of a quantized layer: the one that PyTorch has less to do for wins."""
    yield lambda: torch._int_mm(matrix, matrix)
    quantized = getattr(torch.ops.onednn, "qlinear_pointwise", None)
    if matrix.device.type == "cpu" and quantized is not None:
        side, given = len(matrix), matrix.to(torch.uint8)
        weights = torch.ops.onednn.qlinear_prepack(matrix, [side, side])
        scales, zeros = torch.ones(side), torch.zeros(side, dtype=torch.int64)
        start, no_bias, end = (given, 1.0, 0, weights, scales, zeros), None, (1.0, 0, torch.uint8, "none", (), "")
        yield lambda: quantized(*start, no_bias, *end)


@contextmanager
def _as_convolutions_compute(device: str) -> Iterator[None]:
    """Let products of fp32 on a GPU round as convolutions do: to TF32, unless somebody forbade that."""
    before = torch.backends.cuda.matmul.allow_tf32
    if device.startswith("cuda"):
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32
    try:
        yield
    finally:
        if device.startswith("cuda"):
            torch.backends.cuda.matmul.allow_tf32 = before


def memory_peak(device: str, size: int | None = None) -> float:
    """Return the rate of the fastest of a few copies of a large array, bytes read and written per second."""
    size = size or (GPU_COPIED_BYTES if device.startswith("cuda") else COPIED_BYTES)
    source = torch.ones(size // 4, device=device)
    target = torch.empty_like(source)
    return 2 * size / _fastest(lambda: target.copy_(source), device)


def _fastest(run: Product, device: str) -> float:
    best = float("inf")
    for _ in range(REPEATS):
        wait(device)
        start = time.perf_counter()
        run()
        wait(device)
        best = min(best, time.perf_counter() - start)
    return best
