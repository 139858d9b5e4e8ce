"""In which arithmetic a network runs."""

from __future__ import annotations

import torch


def fastest_precision(device: str) -> str:
    """Return "bf16" for a CPU that computes in it, else "fp32".

    On such a CPU a network takes half as long. Others only emulate bf16, which takes longer than fp32.

    Parameters
    ----------
    device : str
    """
    return "bf16" if device == "cpu" and _computes_bf16() else "fp32"


def _computes_bf16() -> bool:
    # PyTorch has no public question for it; a build that lacks these belongs to a processor that lacks bf16.
    questions = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(supported() for name in questions if (supported := getattr(torch.cpu, name, None)) is not None)
