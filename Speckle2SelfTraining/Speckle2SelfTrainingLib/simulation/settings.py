"""What a simulation job makes, as one validated object; imports nothing heavy."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from numbers import Integral, Real
from typing import Any

from Speckle2SelfLib.errors import SettingsError

PROBES = ("linear", "convex")
MACHINES = ("random", "fine-grain")
ANATOMIES = ("neck", "along", "layers", "tissue", "limb", "shapes", "phantom", "uniform")
SETS = ("flat-shapes", "anatomy", "anatomy-other-probe")
MINIMUM_SIZE, MAXIMUM_SIZE = 64, 2048
MAXIMUM_NUMBER = 10_000
MAXIMUM_PIXELS = 2**30  # of all frames: three bytes each are held in memory
DYNAMIC_RANGES = (20.0, 120.0)


@dataclass(frozen=True)
class SimulationSettings:
    """Settings of one simulation job.

    Parameters
    ----------
    number : int
        Frames, 1 to 10000.
    size : int
        Rows and columns that are simulated, 64 to 2048.
    probe : {"linear", "convex"}
    machine : {"random", "fine-grain"}
        Drawn from the seed over wide settings, or a linear probe whose frames, exported at half their size (the
        default of `exported_size` then), have aliased grain as fine as pixels and lumens clipped to black.
    anatomy : str or None
        One of ``ANATOMIES``; None takes "neck" for a linear and "tissue" for a convex probe.
    dynamic_range : float or None
        dB between black and white, 20 to 120; None draws it from the seed.
    exported_size : int or None
        Re-sample the finished frames to this many rows and columns without anti-aliasing, as exports do; 64 to `size`.
    seed : int
        At least 0; equal seeds give equal pixels.
    benchmark : str or None
        One of ``SETS``; its own seed, probe and anatomy then count instead of those above.

    Raises
    ------
    SettingsError
        If a value is outside what is accepted.
    """

    number: int = 20
    size: int = 384
    probe: str = "linear"
    machine: str = "random"
    anatomy: str | None = None
    dynamic_range: float | None = None
    exported_size: int | None = None
    seed: int = 1
    benchmark: str | None = None

    def __post_init__(self) -> None:
        check_whole("--number", self.number, 1, MAXIMUM_NUMBER)
        check_whole("--size", self.size, MINIMUM_SIZE, MAXIMUM_SIZE)
        if isinstance(self.seed, bool) or not isinstance(self.seed, Integral) or int(self.seed) < 0:
            raise SettingsError(f"--seed must be a whole number of at least 0, got {self.seed}.")
        if self.exported_size is not None:
            check_whole("--export-size", self.exported_size, MINIMUM_SIZE, self.size)
        check_choice("--probe", self.probe, PROBES)
        check_choice("--machine", self.machine, MACHINES)
        check_choice("--anatomy", self.anatomy, (*ANATOMIES, None))
        check_choice("--set", self.benchmark, (*SETS, None))
        self._check_dynamic_range()
        if self.machine == "fine-grain" and self.probe == "convex":
            raise SettingsError("--machine fine-grain is a linear probe: leave out --probe convex.")
        if self.number * self.size**2 > MAXIMUM_PIXELS:
            raise SettingsError(
                f"{self.number} frames of {self.size}x{self.size} do not fit into memory: "
                f"ask for at most {MAXIMUM_PIXELS // self.size**2} frames of this size at once."
            )

    def _check_dynamic_range(self) -> None:
        low, high = DYNAMIC_RANGES
        value = self.dynamic_range
        if value is None:
            return
        if not isinstance(value, Real) or not math.isfinite(value) or not low <= float(value) <= high:
            raise SettingsError(f"--dynamic-range must be {low:g} to {high:g} dB, got {value}.")

    @property
    def final_size(self) -> int:
        """Rows and columns of the frames that come out."""
        return self.exported_size or (self.size // 2 if self.machine == "fine-grain" else self.size)

    @property
    def kind(self) -> str:
        """The anatomy that is drawn."""
        return self.anatomy or ("neck" if self.probe == "linear" else "tissue")

    def to_dict(self) -> dict[str, Any]:
        """Return names and values of what applies, for JSON."""
        if self.benchmark is not None:
            return {"set": self.benchmark, "number": self.number, "size": self.size}
        values = asdict(self) | {"anatomy": self.kind, "exported_size": self.final_size}
        del values["benchmark"]
        return values


def check_whole(name: str, value: Any, low: int, high: int) -> None:
    """Raise SettingsError unless `value` is a whole number between both limits."""
    if isinstance(value, bool) or not isinstance(value, Integral) or not low <= int(value) <= high:
        raise SettingsError(f"{name} must be a whole number from {low} to {high}, got {value}.")


def check_choice(name: str, value: str | None, choices: tuple[str | None, ...]) -> None:
    """Raise SettingsError unless `value` is one of the choices."""
    if value not in choices:
        raise SettingsError(f"{name} must be one of {', '.join(filter(None, choices))}, got {value!r}.")
