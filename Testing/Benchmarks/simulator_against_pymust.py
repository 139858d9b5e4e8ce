"""Compare the simulator with PyMUST, an independent one, on one scene: uniform tissue with an anechoic cyst.

PyMUST (LGPL) computes what every element of an array receives from every scatterer. Its images are formed here by delay
and sum, compounded over a few plane waves. Our simulator is told only the width of PyMUST's response to one
scatterer; what is compared is what follows from it: statistics, grain and contrast.

Run it with an interpreter that has NumPy, SciPy and ``pymust`` (an environment of its own will do)::

    python Testing/Benchmarks/simulator_against_pymust.py
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy import signal, sparse

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / name) for name in ("Speckle2Self", "Speckle2SelfTraining", "Testing/simulation")]

from Speckle2SelfTrainingLib.simulation.imaging import PointSpread, Receiver  # noqa: E402
from Speckle2SelfTrainingLib.simulation.scene import QUIET_DB, Scene  # noqa: E402
from speckle_support import autocorrelation, half_width  # noqa: E402 - found through the line above

SOUND, ELEMENTS, F_NUMBER = 1540.0, 64, 1.5
ROW_MM, COLUMN_MM = 0.04, 0.08
MARGIN_MM = 1.0  # scatterers around the picture
SHOWN_DB = 50.0
CORE, BORDER_MM = 0.6, 0.6  # share of the cyst that is measured, and tissue around it that is left out
CYST = "cyst, mean power in its core, dB"


@dataclass(frozen=True)
class Setup:
    """The scene and how it is seen.

    Parameters
    ----------
    side : float
        Width and height of the picture, mm.
    middle : float
        Depth of its center, mm.
    cyst : float
        Radius of the cyst in its center, mm.
    density : float
        Scatterers per mm^2.
    angles : tuple of float
        Tilts of the plane waves, degrees.
    """

    side: float = 7.0
    middle: float = 20.0
    cyst: float = 1.6
    density: float = 150.0
    angles: tuple[float, ...] = (-12.0, -6.0, 0.0, 6.0, 12.0)

    @property
    def grid(self) -> tuple[np.ndarray, np.ndarray]:
        """Depth and width of every pixel, mm."""
        down = np.arange(round(self.side / ROW_MM)) * ROW_MM + self.middle - self.side / 2
        across = (np.arange(round(self.side / COLUMN_MM)) + 0.5) * COLUMN_MM - self.side / 2
        depth, width = np.meshgrid(down, across, indexing="ij")
        return depth, width


class PyMustArray:
    """A linear array of PyMUST with its beamformers.

    Parameters
    ----------
    setup : Setup
    """

    def __init__(self, setup: Setup) -> None:
        import pymust

        self._pymust, self._setup = pymust, setup
        self.param = pymust.getparam("L11-5v")
        self.param.Nelements, self.param.fs, self.param.c = ELEMENTS, 4 * self.param.fc, SOUND
        self.param.fnumber = F_NUMBER
        self._delays = [pymust.txdelay(self.param, np.deg2rad(angle)) for angle in setup.angles]
        self._matrices: dict[tuple[int, int], sparse.csr_matrix] = {}

    def image(self, depth_mm: np.ndarray, width_mm: np.ndarray, strength: np.ndarray) -> np.ndarray:
        """Return the complex image of scatterers."""
        total: Any = 0
        for index, delays in enumerate(self._delays):
            self.param.TXdelay = delays  # PyMUST remembers the last one and then insists on it
            received, _ = self._pymust.simus(width_mm * 1e-3, depth_mm * 1e-3, strength, delays, self.param)
            base_band = self._pymust.rf2iq(received, self.param)
            total = total + self._beamform(base_band, index)
        return np.asarray(total)

    def _beamform(self, base_band: np.ndarray, index: int) -> np.ndarray:
        depth, width = self._setup.grid
        key = (index, base_band.shape[0])
        if key not in self._matrices:
            arguments = (base_band, width * 1e-3, depth * 1e-3, self._delays[index], self.param)
            self._matrices[key] = self._pymust.dasmtx(*arguments).tocsr()
        flat = self._matrices[key] @ base_band.flatten(order="F")
        return np.asarray(flat).reshape(depth.shape, order="F")


def pymust_power(setup: Setup, seed: int) -> tuple[np.ndarray, tuple[float, float], float]:
    """Return PyMUST's picture of the scene (power), the full widths of its response (mm) and :func:`cyst_through`."""
    array = PyMustArray(setup)
    point = np.abs(array.image(np.array([setup.middle]), np.array([0.0]), np.array([1.0])))
    row, column = np.unravel_index(int(point.argmax()), point.shape)
    widths = full_width(point[:, column]) * ROW_MM, full_width(point[row]) * COLUMN_MM
    rng = np.random.default_rng(seed)
    reach = setup.side / 2 + MARGIN_MM
    count = round(setup.density * (2 * reach) ** 2)
    down, across = rng.uniform(-reach, reach, (2, count))
    # Equal strengths: random ones would need several times as many scatterers for fully developed speckle.
    outside = np.hypot(down, across) > setup.cyst
    image = array.image(setup.middle + down[outside], across[outside], np.ones(int(outside.sum())))
    return np.abs(image) ** 2, widths, cyst_through(np.abs(point) ** 2, (row, column), setup)


def cyst_through(response: np.ndarray, peak: tuple[int, int], setup: Setup) -> float:
    """Return the power in the cyst's core against the tissue (dB) that our truth expects of a given response.

    Our truth is the echogenicity convolved with the squared point-spread function, here the whole one of PyMUST.
    """
    rows, columns = (round(2 * (setup.side / 2 + MARGIN_MM) / pitch) for pitch in (ROW_MM, COLUMN_MM))
    down = (np.arange(rows) - rows // 2) * ROW_MM
    across = (np.arange(columns) - columns // 2) * COLUMN_MM
    radius = np.hypot(down[:, None], across)
    power = signal.fftconvolve((radius > setup.cyst).astype(float), response)
    power = power[peak[0] : peak[0] + rows, peak[1] : peak[1] + columns]
    shown = (np.abs(down) < setup.side / 2)[:, None] & (np.abs(across) < setup.side / 2)
    core, tissue = power[radius < CORE * setup.cyst], power[(radius > setup.cyst + BORDER_MM) & shown]
    return float(10 * np.log10(core.mean() / tissue.mean()))


def our_power(setup: Setup, widths: tuple[float, float], frequency: float, seed: int, side_lobes: bool) -> np.ndarray:
    """Return the power that our simulator shows of the scene with a point-spread function of these widths (mm)."""
    depth, width = setup.grid
    rows, columns = depth.shape
    inside = np.hypot(depth - setup.middle, width) < setup.cyst
    diffuse = np.where(inside, QUIET_DB, 0).astype(np.float32)
    scene = Scene(diffuse, np.full_like(diffuse, QUIET_DB), np.zeros_like(diffuse), inside)
    lateral = np.full(rows, widths[1] / COLUMN_MM, np.float32)
    cycles = 2 * widths[0] * 1e-3 * frequency / SOUND
    spread = PointSpread(widths[0] / ROW_MM, lateral, cycles, side_lobes)
    receiver = Receiver(spread, columns, ROW_MM, np.full((rows, 1), -200, np.float32))
    scatterers = np.random.default_rng(seed).standard_normal(receiver.scatterer_shape, dtype=np.float32)
    return receiver.look(receiver.expect(scene), scatterers, np.zeros((rows, columns), np.complex64))


def full_width(profile: np.ndarray) -> float:
    """Full width at half maximum of a profile with one peak, in samples."""
    half, peak = profile.max() / 2, int(profile.argmax())
    left = peak - int(np.argmax(profile[peak::-1] < half))
    right = peak + int(np.argmax(profile[peak:] < half))
    before = left + (half - profile[left]) / (profile[left + 1] - profile[left])
    after = right - (half - profile[right]) / (profile[right - 1] - profile[right])
    return float(after - before)


def measure(power: np.ndarray, setup: Setup) -> dict[str, float]:
    """Return statistics, grain and contrast of one image of the scene."""
    depth, width = setup.grid
    radius = np.hypot(depth - setup.middle, width)
    tissue = radius > setup.cyst + BORDER_MM
    # The mean power falls with depth and towards the sides of the array; speckle statistics must not see that.
    level = smooth_level(power, tissue)
    even = power / level
    envelope = np.sqrt(even[tissue])
    corner = round((setup.side / 2 - setup.cyst - 0.5) / ROW_MM)
    bands = np.stack([even[:corner], even[-corner:]])
    decibels = 10 * np.log10(np.maximum(even / even[tissue].mean(), 1e-12))
    core = radius < CORE * setup.cyst
    gray = np.clip(decibels / SHOWN_DB + 1, 0, 1)
    dark, bright = gray[core], gray[tissue]
    return {
        "MSR of the envelope": float(envelope.mean() / envelope.std()),
        "mean log below log mean, dB": float(-decibels[tissue].mean()),
        "grain of the power, axial, mm": half_width(autocorrelation(bands, 1, 20)) * ROW_MM,
        "grain of the power, lateral, mm": half_width(autocorrelation(bands, 2, 20)) * COLUMN_MM,
        CYST: float(10 * np.log10(even[core].mean() / even[tissue].mean())),
        f"CNR of the cyst at {SHOWN_DB:g} dB": float(
            (bright.mean() - dark.mean()) / np.hypot(bright.std(), dark.std())
        ),
        "gCNR of the cyst": generalized_cnr(dark, bright),
    }


def smooth_level(power: np.ndarray, tissue: np.ndarray) -> np.ndarray:
    """Return the tissue's mean power as a quadratic surface in dB, fitted to the tissue alone."""
    rows, columns = np.indices(power.shape)
    v, u = rows / power.shape[0] - 0.5, columns / power.shape[1] - 0.5
    terms = np.stack([np.ones_like(v), v, u, v * v, u * u, u * v], axis=-1)
    found = np.linalg.lstsq(terms[tissue], 10 * np.log10(power[tissue] + 1e-30), rcond=None)[0]
    return 10 ** (terms @ found / 10)


def generalized_cnr(dark: np.ndarray, bright: np.ndarray) -> float:
    """One minus the overlap of both histograms of gray levels in [0, 1]."""
    shares = [np.histogram(values, 256, (0, 1))[0] / values.size for values in (dark, bright)]
    return float(1 - np.minimum(*shares).sum())


def compare(setup: Setup, seeds: int) -> dict[str, dict[str, float]]:
    """Return the measures of PyMUST and of our simulator; ours as the mean over several arrangements."""
    power, widths, through = pymust_power(setup, seed=0)
    frequency = 7.6e6  # of the L11-5v
    result = {"PyMUST": measure(power, setup)}
    for name, side_lobes in (("ours, Gaussian beam", False), ("ours, beam with side lobes", True)):
        found = [measure(our_power(setup, widths, frequency, seed, side_lobes), setup) for seed in range(seeds)]
        result[name] = {key: float(np.mean([one[key] for one in found])) for key in found[0]}
    result["our truth through PyMUST's response"] = {CYST: through}
    result["point-spread function given, mm"] = {"axial": widths[0], "lateral": widths[1]}
    return result


def main() -> int:
    """Run the comparison and print it as a table and, where asked, as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    start = time.perf_counter()
    result = compare(Setup(), seeds=8)
    widths = result.pop("point-spread function given, mm")
    print(f"PyMUST's point-spread function: {widths['axial']:.3f} mm axial, {widths['lateral']:.3f} mm lateral")
    print("\n| measure | " + " | ".join(result) + " |")
    print("|---" * (len(result) + 1) + "|")
    for key in result["PyMUST"]:
        cells = (f"{column[key]:.3g}" if key in column else "-" for column in result.values())
        print(f"| {key} | " + " | ".join(cells) + " |")
    print(f"\n{time.perf_counter() - start:.0f} s")
    if arguments.json:
        arguments.json.write_text(json.dumps({**result, "point-spread function, mm": widths}, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
