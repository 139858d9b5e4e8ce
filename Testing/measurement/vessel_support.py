"""Simulated transverse vessels whose diameter is known by how they are made."""

from __future__ import annotations

import math

import numpy as np
from Speckle2SelfTrainingLib.simulation.anatomy import TissueStack
from Speckle2SelfTrainingLib.simulation.display import GrayMap
from Speckle2SelfTrainingLib.simulation.machine import Machine
from Speckle2SelfTrainingLib.simulation.probes import Probe
from Speckle2SelfTrainingLib.simulation.sweep import Sweep, draw_sweep
from Speckle2SelfTrainingLib.simulation.vessels import Vessel


def a_machine(side_mm: float, pixels: int) -> Machine:
    """A linear probe whose square field of view has this many pixels."""
    probe = Probe(side_mm, side_mm, pixels, max(64, int(0.6 * pixels)))
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
