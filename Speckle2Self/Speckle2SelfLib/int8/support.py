"""Whether this computer multiplies eight-bit numbers fast and exactly."""

from __future__ import annotations

from functools import lru_cache

import torch

from .grid import LEVELS, Grid

# Processors without these add products of eight bits in sixteen, which overflow.
INSTRUCTIONS = ("avx512_vnni", "avx_vnni", "amx_int8")


@lru_cache(maxsize=1)
def int8_problem() -> str | None:
    """Return why networks cannot run in eight bits here, as the end of a sentence; None where they can."""
    if not has_instructions():
        return "this processor lacks the instructions for it (AVX-512 VNNI, AVX-VNNI or AMX)"
    try:
        exact = _computes_exactly()
    except Exception as error:  # another PyTorch may lack the operator, or want other arguments
        return f"PyTorch {torch.__version__} lacks the operator for it ({type(error).__name__})"
    return None if exact else f"PyTorch {torch.__version__} computes it inexactly here"


def has_instructions() -> bool:
    """Return whether the processor has instructions for sums of eight-bit products."""
    capabilities = getattr(torch.cpu, "get_capabilities", None)  # since PyTorch 2.11
    if capabilities is not None:
        known = capabilities()
        return any(known.get(name, False) for name in INSTRUCTIONS)
    # Knows AVX-512 only.
    asked = getattr(torch.cpu, "_is_vnni_supported", None)
    return asked is not None and bool(asked())


def _computes_exactly() -> bool:
    """Compute the largest sums that there are: where sixteen bits hold them, they come out too small."""
    from .convolution import Convolution

    channels = 64
    ones, nothing = torch.ones(channels, channels, 3, 3), torch.zeros(channels)
    sums = Convolution(ones, nothing, Grid(1.0, 0), torch.float32)
    brightest = torch.full((1, channels, 8, 8), LEVELS, dtype=torch.uint8)
    found = sums(brightest.contiguous(memory_format=torch.channels_last))
    return bool(((found - LEVELS * 9.0 * channels).abs() < 1).all())
