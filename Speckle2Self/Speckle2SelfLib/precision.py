"""In which arithmetic a network runs."""

from __future__ import annotations

from dataclasses import dataclass

import torch

# From Volta on, GPUs compute in fp16 faster than in fp32.
FP16_CAPABILITY = (7, 0)


@dataclass(frozen=True)
class Abilities:
    """What a device computes faster than fp32.

    Parameters
    ----------
    int8, bf16, fp16 : bool
    """

    int8: bool = False
    bf16: bool = False
    fp16: bool = False


def fastest_precision(device: str) -> str:
    """Return "bf16" for a device that computes in it, else "fp32": for training, and for networks of any kind.

    On a CPU with bf16 a network takes half as long. Others only emulate it, which takes longer than fp32; so do GPUs
    before Ampere.

    Parameters
    ----------
    device : str
    """
    return "bf16" if (computes_bf16() if device == "cpu" else abilities(device).bf16) else "fp32"


def choose_precision(abilities: Abilities, *, calibrated: bool) -> str:
    """Return the fastest arithmetic for a network that bears rounding.

    Parameters
    ----------
    abilities : Abilities
        Of the device.
    calibrated : bool
        Whether the model says how its features fit into eight bits.
    """
    if abilities.int8 and calibrated:
        return "int8"
    if abilities.bf16:
        return "bf16"
    return "fp16" if abilities.fp16 else "fp32"


def abilities(device: str) -> Abilities:
    """Return what PyTorch says about a device: "cpu", "cuda", "cuda:N" or "mps"."""
    if device == "cpu":
        from .int8.support import int8_problem

        return Abilities(int8=int8_problem() is None, bf16=computes_bf16())
    if device.startswith("cuda") and torch.cuda.is_available():
        with torch.cuda.device(device):
            bf16 = torch.cuda.is_bf16_supported(including_emulation=False)
        return Abilities(bf16=bf16, fp16=torch.cuda.get_device_capability(device) >= FP16_CAPABILITY)
    return Abilities()


def computes_bf16() -> bool:
    """Return whether the processor computes in bf16."""
    # PyTorch has no public question for it; a build that lacks these belongs to a processor that lacks bf16.
    questions = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(supported() for name in questions if (supported := getattr(torch.cpu, name, None)) is not None)
