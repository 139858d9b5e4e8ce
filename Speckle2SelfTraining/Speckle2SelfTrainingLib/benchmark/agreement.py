"""How far our frames are from those of the same model in fp32."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from Speckle2SelfLib.despeckler import Despeckler

from .contestants import Contestant, Frame
from .frames import Stack

PEAK = 255.0


def psnr_by_name(contestants: Sequence[Contestant], frames: Stack) -> dict[str, float]:
    """Return the PSNR against fp32 on the same device, in dB, of each of our models that does not compute in fp32.

    Parameters
    ----------
    contestants : sequence of Contestant
    frames : uint8 array (N, H, W)
        The PSNR is of all their pixels together; models whose frames are equal to those of fp32 are left out.
    """
    exact: dict[str, Frame] = {}
    found = {}
    for each in contestants:
        if not each.model or not isinstance(each.one, Despeckler) or each.one.engine.precision == "fp32":
            continue
        if each.model not in exact:
            exact[each.model] = Despeckler(model=each.model, device=each.device, precision="fp32")(frames)
        error = float(np.mean((each.one(frames).astype(float) - exact[each.model]) ** 2))
        if error:
            found[each.name] = 10 * math.log10(PEAK**2 / error)
    return found
