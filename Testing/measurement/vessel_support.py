"""Simulated transverse vessels whose diameter is known by how they are made."""

from __future__ import annotations

import math

import numpy as np
from Speckle2SelfTrainingLib.simulation.anatomy import TissueStack
from Speckle2SelfTrainingLib.simulation.display import GrayMap
from Speckle2SelfTrainingLib.simulation.machine import Machine
from Speckle2SelfTrainingLib.simulation.probes import Probe
from Speckle2SelfTrainingLib.simulation.scene import QUIET_DB, Scene
from Speckle2SelfTrainingLib.simulation.sweep import Sweep, draw_sweep
from Speckle2SelfTrainingLib.simulation.vessels import Vessel

BORDER_MM = 0.1  # wide, so that samples do not step over it


def a_machine(side_mm: float, pixels: int) -> Machine:
    """A linear probe with a square field of view, whose beams and samples are close enough for coarse pixels."""
    # No multiple of the pixels: a pixel between two samples of a mask would belong to neither.
    probe = Probe(side_mm, side_mm, max(pixels, 403), max(pixels, 271))
    return Machine(probe, 0.25, 0.4, side_mm / 2, 1.8, GrayMap(25.0, 60.0), -60.0, 0.1)


def a_vessel_sweep(seed: int, spacing: float, pixels: int) -> tuple[Sweep, Vessel]:
    """A sweep of tissue in layers with one artery in the middle, at random."""
    rng = np.random.default_rng(seed)
    side = spacing * pixels
    radius = float(rng.uniform(2.2, min(4.2, 0.3 * side)))
    center = (0.5 * side + float(rng.uniform(-0.3, 0.3)), float(rng.uniform(-0.3, 0.3)))
    vessel = Vessel.random(rng, (side, side), longitudinal=False, vein=False).moved(center, radius)
    anatomy = TissueStack(rng, (side, side), layers=2, vessels=[vessel])
    return draw_sweep(rng, size=(pixels, pixels), machine=a_machine(side, pixels), anatomy=anatomy), vessel


def known_diameter(vessel: Vessel, time: float) -> float:
    """Of the circle with the area of the elliptic lumen, which widens with the beat."""
    return 2 * math.sqrt(vessel.radii[0] * vessel.radii[1]) * (1 + vessel.pulse * math.sin(9 * time))


class RoundVessel:
    """Uniform tissue with one round vessel without echoes: half the power of the tissue is received at its border."""

    def __init__(self, center: tuple[float, float], radius: float) -> None:
        self._center, self._radius = center, radius

    def sample(self, depth: np.ndarray, width: np.ndarray, time: float = 0.0) -> Scene:
        outside = np.hypot(depth - self._center[0], width - self._center[1]) - self._radius
        power = np.clip(outside / BORDER_MM + 0.5, 10 ** (QUIET_DB / 10), 1)
        quiet = np.full(depth.shape, QUIET_DB, np.float32)
        return Scene(np.asarray(10 * np.log10(power), np.float32), quiet, np.zeros_like(quiet), outside < 0)


def a_round_vessel_sweep(seed: int, spacing: float, pixels: int) -> tuple[Sweep, float]:
    """A sweep of such a vessel, and its diameter in mm."""
    rng = np.random.default_rng(seed)
    side = spacing * pixels
    radius = float(rng.uniform(2.2, min(4.2, 0.3 * side)))
    center = (0.5 * side + float(rng.uniform(-0.3, 0.3)), float(rng.uniform(-0.3, 0.3)))
    anatomy = RoundVessel(center, radius)
    return draw_sweep(rng, size=(pixels, pixels), machine=a_machine(side, pixels), anatomy=anatomy), 2 * radius


def at_half_power(clean: np.ndarray, machine: Machine) -> np.ndarray:
    """Pixels of a clean frame (uint8) darker than half the power of the tissue, in which the frame is mostly tissue."""
    tissue = float(np.median(clean))
    half = 10 * math.log10(2) / machine.gray_map.dynamic_range * 255
    return np.asarray(clean < tissue - half)
