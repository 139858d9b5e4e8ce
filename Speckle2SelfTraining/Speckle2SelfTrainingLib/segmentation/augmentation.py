"""How far frames are varied while a lumen is learned; imports neither numpy nor torch."""

from __future__ import annotations

from dataclasses import dataclass

from Speckle2SelfLib.errors import SettingsError
from Speckle2SelfLib.settings import in_range

from ..training.settings import number_tuple

CHANCES = ("mirror", "centered", "gain", "gamma", "depth_gain", "shadow", "speckle", "blur", "noise", "screen")


@dataclass(frozen=True)
class Augmentation:
    """How far a frame is varied; all draws are uniform unless said otherwise.

    Attributes
    ----------
    zoom : (float, float)
        Magnification about the working scale, logarithmic.
    aspect : float
        Largest change of the ratio of its sides, as a share.
    rotate : float
        Degrees to either side.
    mirror : float
        Chance of left and right being exchanged.
    centered : float
        Chance that a window is laid so that it holds the lumen; elsewhere it lies anywhere.
    gain, gamma, depth_gain, shadow, speckle, blur, noise : float
        Chance of each change of the picture.
    screen : float
        Chance of marks of the machine's screen, most of them beside the picture.

    Raises
    ------
    SettingsError
        If a chance is not between 0 and 1, or another value makes no sense.
    """

    zoom: tuple[float, float] = (0.65, 1.6)
    aspect: float = 0.2
    rotate: float = 20.0
    mirror: float = 0.5
    centered: float = 0.7
    gain: float = 0.6
    gamma: float = 0.5
    depth_gain: float = 0.3
    shadow: float = 0.3
    speckle: float = 0.5
    blur: float = 0.25
    noise: float = 0.25
    screen: float = 0.3

    def __post_init__(self) -> None:
        limits = {**dict.fromkeys(CHANCES, 1.0), "aspect": 1.0, "rotate": 180.0}
        for name, high in limits.items():
            object.__setattr__(self, name, in_range(f"augmentation.{name}", getattr(self, name), 0.0, high))
        zoom = number_tuple("augmentation.zoom", self.zoom, 2, 0.1, 10.0)
        if zoom[0] > zoom[1]:
            raise SettingsError(f"augmentation.zoom must be the smallest and the largest, got {zoom}.")
        object.__setattr__(self, "zoom", zoom)


NO_AUGMENTATION = Augmentation((1.0, 1.0), *([0.0] * 12))
