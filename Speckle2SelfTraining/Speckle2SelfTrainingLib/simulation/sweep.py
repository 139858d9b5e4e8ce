"""Simulated sweeps: speckled frames, their clean truth and the lumen, from one seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .anatomy import Anatomy, random_neck, random_soft_tissue
from .display import GrayMap, quantize, to_gray
from .fields import Array
from .imaging import FWHM_PER_SIGMA, Echo, PointSpread, oversampling, receive
from .probes import Probe, ScanConverter

__all__ = ["FWHM_PER_SIGMA", "Machine", "SimulatedFrame", "simulate_sweep"]


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
        lateral_lines = float(np.exp(rng.uniform(np.log(1.3), np.log(4.0))))
        dynamic_range = float(rng.uniform(42, 78))
        return cls(
            probe=probe,
            axial_mm=axial_rows * probe.row_mm,
            lateral_mm=lateral_lines * width / lines,
            focus=float(rng.uniform(0.25, 0.8) * depth),
            cycles=float(rng.uniform(1.2, 2.2)),
            gray_map=GrayMap(float(rng.uniform(4, 36)), dynamic_range, float(rng.uniform(0.8, 1.6))),
            noise_db=float(rng.uniform(-75, -30)),
            noise_slope=float(rng.uniform(0, 22) / depth),
            looks=int(rng.choice([1, 1, 1, 2, 3])),
        )

    def point_spread(self) -> PointSpread:
        """Return the point-spread function on the probe's own grid; the beam widens away from the focus."""
        reach = (np.arange(self.probe.samples, dtype=np.float32) + 0.5) * self.probe.row_mm
        widening = np.sqrt(1 + ((reach - self.focus) / (0.6 * self.probe.depth)) ** 2)
        lateral = self.lateral_mm * widening / self.probe.line_pitch()
        if self.probe.radius is not None:
            lateral = lateral * (1 + reach / self.probe.radius)
        return PointSpread(self.axial_mm / self.probe.row_mm, np.asarray(lateral, np.float32), self.cycles)


@dataclass(frozen=True)
class SimulatedFrame:
    """One frame with its truth.

    Attributes
    ----------
    speckled, clean : uint8, shape (H, W)
        B-mode gray levels; 0 outside the field of view.
    lumen : bool, shape (H, W)
        Inside of the artery.
    sector : bool, shape (H, W)
        Field of view.
    spacing : float
        Pixel size, mm.
    """

    speckled: np.ndarray
    clean: np.ndarray
    lumen: np.ndarray
    sector: np.ndarray
    spacing: float


class SpeckleSource:
    """Scatterers and noise that change slowly from frame to frame, as between neighboring planes of a sweep."""

    def __init__(self, rng: np.random.Generator, machine: Machine, correlation: float) -> None:
        self._rng, self._correlation = rng, correlation
        spread = machine.point_spread()
        rows, lines = machine.probe.samples, machine.probe.lines
        self._shape = (rows * oversampling(spread), lines)
        self._noise_shape = (rows, lines)
        self._looks = [self._draw() for _ in range(machine.looks)]

    def _draw(self) -> Array:
        return self._rng.standard_normal(self._shape, dtype=np.float32)

    def advance(self) -> None:
        """Move to the next plane."""
        keep, renew = self._correlation, np.sqrt(1 - self._correlation**2)
        for look in self._looks:
            look *= keep
            look += np.float32(renew) * self._draw()

    def looks(self) -> Iterator[tuple[Array, np.ndarray]]:
        """Scatterers and fresh noise of every look."""
        for look in self._looks:
            parts = self._rng.standard_normal((2, *self._noise_shape), dtype=np.float32) * np.float32(np.sqrt(0.5))
            yield look, (parts[0] + 1j * parts[1]).astype(np.complex64)


def simulate_sweep(
    rng: np.random.Generator,
    *,
    frames: int = 1,
    size: tuple[int, int] = (512, 512),
    machine: Machine | None = None,
    anatomy: Anatomy | None = None,
    convex: bool = False,
    step: float = 0.02,
    correlation: float = 0.8,
) -> Iterator[SimulatedFrame]:
    """Simulate a sweep frame by frame.

    Parameters
    ----------
    rng : numpy.random.Generator
        Everything random comes from it: equal seeds give equal pixels.
    frames : int
    size : (int, int)
        Rows and columns of every frame.
    machine, anatomy : optional
        Drawn at random when not given (`convex` chooses the probe).
    step : float
        How far the anatomy moves on from frame to frame.
    correlation : float
        Correlation of the scatterers of neighboring frames, 0 to 1.

    Yields
    ------
    SimulatedFrame
    """
    machine = machine or Machine.random(
        rng, convex=convex, samples=size[0], lines=max(64, int(size[1] * 0.6)), aspect=size[0] / size[1]
    )
    extent = (machine.probe.depth, machine.probe.width * (1.8 if machine.probe.radius else 1.0))
    if anatomy is None:
        anatomy = random_soft_tissue(rng, extent) if machine.probe.radius else random_neck(rng, extent)
    converter = ScanConverter(machine.probe, size)
    spread = machine.point_spread()
    source = SpeckleSource(rng, machine, correlation)
    depth, width = machine.probe.grid
    reach = ((np.arange(machine.probe.samples, dtype=np.float32) + 0.5) * machine.probe.row_mm)[:, None]
    noise_db = np.asarray(machine.noise_db + machine.noise_slope * reach, np.float32)
    for index in range(frames):
        if index:
            source.advance()
        scene = anatomy.sample(depth, width, index * step)
        pictures = []
        for scatterers, noise in source.looks():
            echo: Echo = receive(scene, spread, scatterers, noise, row_mm=machine.probe.row_mm, noise_db=noise_db)
            picture, truth = to_gray(echo, machine.gray_map)
            pictures.append(picture)
        yield SimulatedFrame(
            speckled=quantize(converter(np.mean(pictures, axis=0, dtype=np.float32))),
            clean=quantize(converter(truth)),
            lumen=converter(scene.lumen.astype(np.float32)) > 0.5,
            sector=converter.sector,
            spacing=converter.spacing,
        )
