"""How a machine sees an anatomy: scatterers, point-spread function, envelope - and the same without speckle.

Unresolved scatterers are white noise with the variance of the echogenicity, on a grid fine enough for the carrier.
Convolved with a depth-dependent point-spread function, modulated axially at the carrier, they give fully developed
speckle. The truth is the mean power through the same point-spread function: what an average over infinitely many
independent arrangements of scatterers would show.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from .anatomy import Scene
from .fields import Array

Complex = NDArray[np.complex64]
FWHM_PER_SIGMA = 2.3548


@dataclass(frozen=True)
class PointSpread:
    """Width of the point-spread function on the sampling grid.

    Parameters
    ----------
    axial_fwhm : float
        Full width at half maximum of the pulse envelope, in rows.
    lateral_fwhm : float32 array, shape (rows,)
        Full width at half maximum of the beam in every row, in columns.
    cycles : float
        Carrier periods within the axial width.
    """

    axial_fwhm: float
    lateral_fwhm: Array
    cycles: float = 1.6


@dataclass(frozen=True)
class Echo:
    """What reaches the receiver, before compression.

    Attributes
    ----------
    power : float32, shape (rows, columns)
        Squared envelope of one arrangement of scatterers.
    mean_power : float32, same shape
        Its expectation.
    speckle_share : float32, same shape, 0 to 1
        Share of the expectation that comes from unresolved scatterers and noise (1: fully developed speckle).
    """

    power: Array
    mean_power: Array
    speckle_share: Array


def receive(
    scene: Scene,
    spread: PointSpread,
    scatterers: Array,
    noise: Complex,
    *,
    row_mm: float,
    noise_db: Array,
) -> Echo:
    """Image a scene with one arrangement of scatterers and electronic noise.

    Parameters
    ----------
    scene : Scene, shape (rows, columns)
    spread : PointSpread
    scatterers : float32, shape (rows * oversampling(spread), columns)
        Standard normal amplitudes; keep most of them from frame to frame in a sweep.
    noise : complex64, shape (rows, columns)
        Circular standard normal (variance 1).
    row_mm : float
        Row pitch, mm.
    noise_db : float32, shape (rows, 1)
        Noise power in every row, dB.
    """
    loss = np.cumsum(scene.attenuation, axis=0) * row_mm
    diffuse = from_db(scene.diffuse_db - loss)
    coherent = np.sqrt(from_db(scene.specular_db - loss))
    speckle = axial_speckle(diffuse, spread, scatterers)
    static_noise = axial_smooth(noise, spread.axial_fwhm) * np.sqrt(from_db(noise_db) / white_gain(spread))
    steady = axial_smooth(coherent, spread.axial_fwhm)
    field = lateral_smooth(speckle, spread.lateral_fwhm, unit_power=True)
    reflector = lateral_smooth(steady.astype(np.complex64), spread.lateral_fwhm, unit_power=False)
    total = field + reflector + static_noise
    diffuse_mean = mean_power(diffuse, spread) + from_db(noise_db)
    reflector_power = np.abs(reflector) ** 2
    expectation = diffuse_mean + reflector_power
    return Echo(
        power=np.asarray(total.real**2 + total.imag**2, np.float32),
        mean_power=np.asarray(expectation, np.float32),
        speckle_share=np.asarray(diffuse_mean / expectation, np.float32),
    )


def oversampling(spread: PointSpread) -> int:
    """Rows of scatterers per image row that the carrier needs."""
    return int(np.ceil(3.0 * spread.cycles / spread.axial_fwhm))


def axial_speckle(diffuse: Array, spread: PointSpread, scatterers: Array) -> Complex:
    """Convolve scatterers with the modulated pulse; return the complex envelope at image rows, mean power `diffuse`.

    The one-sided band around the carrier is cut out of the spectrum, which gives the analytic signal, its shift to
    base band and the decimation to image rows at once.
    """
    rows, _ = diffuse.shape
    factor = scatterers.shape[0] // rows
    amplitudes = scatterers * np.repeat(np.sqrt(diffuse), factor, axis=0)
    spectrum = fft.rfft(amplitudes, axis=0)
    center = round(spread.cycles / spread.axial_fwhm * rows)
    band = center + np.rint(np.fft.fftfreq(rows) * rows).astype(int)
    inside = (band >= 0) & (band < spectrum.shape[0])
    gain = np.exp(-0.5 * (2 * np.pi * (band - center) / rows * sigma(spread.axial_fwhm)) ** 2) * inside
    scale = rows / np.sqrt(np.sum(gain**2) * scatterers.shape[0])
    taken = spectrum[np.clip(band, 0, spectrum.shape[0] - 1)] * (gain * scale)[:, None].astype(np.float32)
    return np.asarray(fft.ifft(taken, axis=0), np.complex64)


def axial_smooth(field: NDArray[np.generic], fwhm: float) -> Complex:
    """Convolve along rows with the pulse envelope (unit gain for a constant)."""
    frequencies = np.fft.fftfreq(field.shape[0])
    gain = np.exp(-0.5 * (2 * np.pi * frequencies * sigma(fwhm)) ** 2).astype(np.float32)
    return np.asarray(fft.ifft(fft.fft(field, axis=0) * gain[:, None], axis=0), np.complex64)


def white_gain(spread: PointSpread) -> float:
    """Mean power of white noise of unit variance after :func:`axial_smooth`."""
    frequencies = np.fft.fftfreq(1024)
    return float(np.mean(np.exp(-((2 * np.pi * frequencies * sigma(spread.axial_fwhm)) ** 2))))


def lateral_smooth(field: Complex, fwhm: Array, *, unit_power: bool) -> Complex:
    """Convolve every row with its own beam width; keep the mean power of white noise, or the level of a constant."""
    frequencies = np.fft.fftfreq(field.shape[1]).astype(np.float32)
    gain = np.exp(-0.5 * (2 * np.pi * frequencies * sigma(fwhm)[:, None]) ** 2)
    if unit_power:
        gain = gain / np.sqrt(np.mean(gain**2, axis=1, keepdims=True))
    return np.asarray(fft.ifft(fft.fft(field, axis=1) * gain.astype(np.float32), axis=1), np.complex64)


def mean_power(diffuse: Array, spread: PointSpread) -> Array:
    """Return the expected power: the echogenicity through the squared point-spread function."""
    narrow = PointSpread(spread.axial_fwhm / np.sqrt(2), np.asarray(spread.lateral_fwhm / np.sqrt(2), np.float32))
    smooth = axial_smooth(diffuse, narrow.axial_fwhm)
    power = lateral_smooth(smooth, narrow.lateral_fwhm, unit_power=False).real
    return np.asarray(np.maximum(power, diffuse.min()), np.float32)


def from_db(level: Array) -> Array:
    """Power from dB."""
    return np.asarray(10 ** (np.asarray(level, np.float32) / 10), np.float32)


def sigma(fwhm: Any) -> Any:
    """Return the standard deviation of a Gaussian amplitude profile of the given full width at half maximum."""
    return fwhm / FWHM_PER_SIGMA
