"""Machines: a probe with its pulse, beam, noise, time gain and gray map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .display import GrayMap
from .fields import Array
from .imaging import PointSpread, Receiver
from .probes import Probe

SOUND = 1.54  # mm per microsecond


@dataclass(frozen=True)
class Machine:
    """One machine with its settings.

    Parameters
    ----------
    probe : Probe
    axial_mm : float
        Full width at half maximum of the pulse, mm.
    lateral_mm : float
        Full width at half maximum of the beam in its focus, mm.
    focus : float
        Depth of the focus, mm.
    cycles : float
        Carrier periods within the axial width.
    gray_map : GrayMap
    noise_db : float
        Electronic noise at the skin, dB.
    noise_slope : float
        Its rise by the time gain, dB per mm.
    looks : int
        Compounded looks per frame (independent speckle, averaged after compression).
    side_lobes : bool
        Beam of an unapodized aperture instead of a Gaussian one.
    """

    probe: Probe
    axial_mm: float
    lateral_mm: float
    focus: float
    cycles: float
    gray_map: GrayMap
    noise_db: float
    noise_slope: float
    looks: int = 1
    side_lobes: bool = False

    @classmethod
    def random(
        cls, rng: np.random.Generator, *, convex: bool, samples: int, lines: int, aspect: float | None = None
    ) -> Machine:
        """Draw a machine: linear for a neck, convex for an abdomen, over wide but plausible settings.

        A linear field of view gets the given aspect (depth / width), so that it fills a picture of that shape.
        """
        depth = float(rng.uniform(90, 160) if convex else rng.uniform(25, 45))
        width = float(rng.uniform(50, 70) if convex else rng.uniform(28, 42))
        if aspect is not None and not convex:
            depth = width * aspect
        probe = Probe(depth, width, samples, lines, float(rng.uniform(45, 65)) if convex else None)
        axial_rows = float(np.exp(rng.uniform(np.log(1.3), np.log(5.0))))
        lateral_lines = float(np.exp(rng.uniform(np.log(1.6), np.log(4.5))))
        dynamic_range = float(rng.uniform(42, 78))
        return cls(
            probe=probe,
            axial_mm=axial_rows * probe.row_mm,
            lateral_mm=lateral_lines * width / lines,
            focus=float(rng.uniform(0.25, 0.8) * depth),
            cycles=float(rng.uniform(1.2, 2.2)),
            gray_map=GrayMap(float(rng.uniform(10, 38)), dynamic_range, float(rng.uniform(0.8, 1.6))),
            noise_db=float(rng.uniform(-75, -30)),
            noise_slope=float(rng.uniform(0, 22) / depth),
            looks=int(rng.choice([1, 1, 1, 2, 3])),
        )

    @classmethod
    def fine_grain(cls, rng: np.random.Generator, *, samples: int, lines: int) -> Machine:
        """Draw settings of a 10 MHz handheld linear probe whose frames are exported at half their size.

        Meant for 512 samples and about 256 lines, then re-sampled to 256 x 256 (:func:`.display.export_size`): a
        tissue of -3 dB gets a gray level of 45 to 75 of 255 with a standard deviation of about 20, grain of 1.3 x 2.4
        pixels (full width at half maximum of the autocorrelation), and a quiet lumen is partly clipped to black.
        """
        scale = 512 / samples
        dynamic_range, curve = float(rng.uniform(46, 56)), float(rng.uniform(1.2, 1.5))
        tissue = float(rng.uniform(45, 75)) / 255  # shown, so that white lies this far above it
        top = -3 - 2.51 + dynamic_range * (1 - tissue ** (1 / curve))
        return cls(
            probe=Probe(36.0, 36.0, samples, lines),
            axial_mm=float(rng.uniform(0.15, 0.19)) * scale,
            lateral_mm=float(rng.uniform(0.24, 0.3)) * 256 / lines,
            focus=float(rng.uniform(12, 22)),
            cycles=float(rng.uniform(1.5, 2.1)),
            gray_map=GrayMap(top, dynamic_range, curve),
            noise_db=top - dynamic_range + float(rng.uniform(-2, 4)),
            noise_slope=float(rng.uniform(0, 0.15)),
        )

    @property
    def frequency(self) -> float:
        """Center frequency, MHz: the carrier with this many periods within the pulse, out and back."""
        return self.cycles * SOUND / (2 * self.axial_mm)

    @property
    def field_of_view(self) -> tuple[float, float]:
        """Depth and width (mm) that an anatomy has to fill."""
        return self.probe.depth, self.probe.width * (1.8 if self.probe.radius else 1.0)

    def point_spread(self) -> PointSpread:
        """Return the point-spread function on the probe's own grid; the beam widens away from the focus."""
        reach = (np.arange(self.probe.samples, dtype=np.float32) + 0.5) * self.probe.row_mm
        widening = np.sqrt(1 + ((reach - self.focus) / (0.6 * self.probe.depth)) ** 2)
        lateral = self.lateral_mm * widening / self.probe.line_pitch()
        if self.probe.radius is not None:
            lateral = lateral * (1 + reach / self.probe.radius)
        width = np.asarray(lateral, np.float32)
        return PointSpread(self.axial_mm / self.probe.row_mm, width, self.cycles, self.side_lobes)

    def receiver(self) -> Receiver:
        """Return what turns a scene on the probe's grid into received power."""
        reach = ((np.arange(self.probe.samples, dtype=np.float32) + 0.5) * self.probe.row_mm)[:, None]
        noise_db: Array = np.asarray(self.noise_db + self.noise_slope * reach, np.float32)
        return Receiver(self.point_spread(), self.probe.lines, self.probe.row_mm, noise_db)

    def describe(self) -> dict[str, Any]:
        """Return the settings as plain names and numbers; lengths in mm."""
        probe = self.probe
        return {
            "probe": {
                "kind": "linear" if probe.radius is None else "convex",
                "depth_mm": probe.depth,
                "width_mm": probe.width,
                "radius_mm": probe.radius,
                "samples_per_line": probe.samples,
                "lines": probe.lines,
            },
            "center_frequency_mhz": self.frequency,
            "axial_fwhm_mm": self.axial_mm,
            "lateral_fwhm_mm": self.lateral_mm,
            "focus_mm": self.focus,
            "side_lobes": self.side_lobes,
            "dynamic_range_db": self.gray_map.dynamic_range,
            "white_db": self.gray_map.top_db,
            "gray_curve": self.gray_map.curve,
            "noise_db": self.noise_db,
            "time_gain_noise_slope_db_per_mm": self.noise_slope,
            "compounded_looks": self.looks,
        }
