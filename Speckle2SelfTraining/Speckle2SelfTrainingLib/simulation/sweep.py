"""Simulated sweeps: speckled frames, their clean truth and the lumen, from one seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .anatomy import random_neck, random_soft_tissue
from .display import export_size, quantize, to_db
from .imaging import FWHM_PER_SIGMA, Receiver
from .machine import Machine
from .parallel import ordered_map
from .probes import ScanConverter
from .scene import Anatomy
from .speckle import SpeckleSource

__all__ = ["FWHM_PER_SIGMA", "Machine", "SimulatedFrame", "Sweep", "draw_sweep", "simulate_sweep"]


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


@dataclass(frozen=True)
class Sweep:
    """A sweep whose frames can be computed in any order and in any process, each always the same.

    Parameters
    ----------
    seed : int
        Of scatterers and noise.
    machine : Machine
    anatomy : Anatomy
    size : (int, int)
        Rows and columns of a frame.
    step : float
        How far the anatomy moves on from frame to frame.
    correlation : float
        Correlation of the scatterers of neighboring frames, 0 to 1.
    exported : (int, int), optional
        Rows and columns that frames are re-sampled to, without anti-aliasing, as exports do: makes fine, aliased
        grain. The same proportion as `size`, so that pixels stay square.
    """

    seed: int
    machine: Machine
    anatomy: Anatomy
    size: tuple[int, int]
    step: float = 0.02
    correlation: float = 0.8
    exported: tuple[int, int] | None = None

    def frame(self, index: int) -> SimulatedFrame:
        """Compute frame number `index`, which may be any whole number of at least 0."""
        receiver, converter, gray_map = self._receiver, self._converter, self.machine.gray_map
        scene = self.anatomy.sample(*self.machine.probe.grid, index * self.step)
        expectation = receiver.expect(scene)
        picture = np.zeros(receiver.shape, np.float32)
        for look in range(self.machine.looks):
            scatterers, noise = self._speckle.scatterers(index, look), self._speckle.noise(index, look)
            picture += gray_map(to_db(receiver.look(expectation, scatterers, noise)))
        picture /= np.float32(self.machine.looks)
        truth = gray_map.expected(to_db(expectation.mean_power), expectation.speckle_share)
        speckled, clean, lumen = converter(picture, truth, scene.lumen.astype(np.float32))
        return self._export(speckled, clean, lumen)

    def _export(self, speckled: np.ndarray, clean: np.ndarray, lumen: np.ndarray) -> SimulatedFrame:
        sector, spacing = self._converter.sector, self._converter.spacing
        pictures = [quantize(speckled), quantize(clean)]
        if self.exported is not None:
            pictures = [quantize(export_size(picture, self.exported) / np.float32(255)) for picture in pictures]
            lumen = export_size(lumen, self.exported)
            sector = export_size(sector, self.exported) > 0.999
            pictures = [picture * sector for picture in pictures]
            spacing *= self.size[0] / self.exported[0]
        return SimulatedFrame(pictures[0], pictures[1], lumen > 0.5, sector, spacing)

    @cached_property
    def _receiver(self) -> Receiver:
        return self.machine.receiver()

    @cached_property
    def _converter(self) -> ScanConverter:
        return ScanConverter(self.machine.probe, self.size)

    @cached_property
    def _speckle(self) -> SpeckleSource:
        receiver = self._receiver
        return SpeckleSource(self.seed, receiver.scatterer_shape, receiver.shape, self.correlation)


def draw_sweep(
    rng: np.random.Generator,
    *,
    size: tuple[int, int] = (512, 512),
    machine: Machine | None = None,
    anatomy: Anatomy | None = None,
    convex: bool = False,
    step: float = 0.02,
    correlation: float = 0.8,
    exported: tuple[int, int] | None = None,
) -> Sweep:
    """Draw a sweep: what is not given comes at random from `rng`; see :class:`Sweep`.

    Parameters
    ----------
    rng : numpy.random.Generator
        Everything random comes from it: equal seeds give equal pixels.
    size : (int, int)
        Rows and columns of every frame.
    machine, anatomy : optional
        Drawn at random when not given (`convex` chooses the probe).
    step, correlation, exported
        As in :class:`Sweep`.
    """
    machine = machine or Machine.random(
        rng, convex=convex, samples=size[0], lines=max(64, int(size[1] * 0.6)), aspect=size[0] / size[1]
    )
    if anatomy is None:
        draw = random_soft_tissue if machine.probe.radius else random_neck
        anatomy = draw(rng, machine.field_of_view)
    return Sweep(int(rng.integers(2**63)), machine, anatomy, size, step, correlation, exported)


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
    exported: tuple[int, int] | None = None,
    processes: int = 1,
) -> Iterator[SimulatedFrame]:
    """Simulate a sweep frame by frame.

    Parameters
    ----------
    rng : numpy.random.Generator
        Everything random comes from it: equal seeds give equal pixels, whatever the number of processes.
    frames : int
    size, machine, anatomy, convex, step, correlation, exported
        As in :func:`draw_sweep`.
    processes : int
        Processes that share the frames; 1 computes in this one.

    Yields
    ------
    SimulatedFrame
    """
    sweep = draw_sweep(
        rng,
        size=size,
        machine=machine,
        anatomy=anatomy,
        convex=convex,
        step=step,
        correlation=correlation,
        exported=exported,
    )
    yield from ordered_map(sweep.frame, frames, processes)
