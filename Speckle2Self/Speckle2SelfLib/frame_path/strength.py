"""What the one setting `strength` means for the steps of the frame path."""

from __future__ import annotations

from dataclasses import dataclass

# At it speckle is gone and the texture of tissue is kept; above it tissue gets flatter, below it the change fades out.
FULL_STRENGTH = 0.5
DETAIL_AT_FULL_STRENGTH = 0.4
CRISPNESS = 0.3
FAITHFUL = 1.0
# Its first steps change little of what a network does: spread the range between texture and flat tissue evenly.
FLATTENING_EXPONENT = 0.5


@dataclass(frozen=True)
class StrengthPlan:
    """How a frame is despeckled at one strength.

    Attributes
    ----------
    condition : float
        What the network is told: 1 keeps the texture of tissue, its largest condition flattens it.
    share : float
        Share of the change that is applied, 0 to 1.
    detail : float
        Share of the input that comes back at boundaries, 0 to 1.
    crispness : float
        Strength of the sharpening that makes up for the blur at boundaries.
    """

    condition: float
    share: float
    detail: float
    crispness: float


def plan_strength(strength: float, strongest: float | None) -> StrengthPlan:
    """Return the plan for a strength from 0 (the input) to 1 (the smoothest).

    Parameters
    ----------
    strength : float
    strongest : float or None
        Largest condition of the network; a network without condition (None) can only be faded in.
    """
    if strongest is None:
        return StrengthPlan(FAITHFUL, strength, 0.0, 0.0)
    share = min(1.0, strength / FULL_STRENGTH)
    above = max(0.0, strength - FULL_STRENGTH) / (1 - FULL_STRENGTH)
    condition = FAITHFUL + (strongest - FAITHFUL) * above**FLATTENING_EXPONENT
    return StrengthPlan(condition, share, DETAIL_AT_FULL_STRENGTH * (1 - above), CRISPNESS)
