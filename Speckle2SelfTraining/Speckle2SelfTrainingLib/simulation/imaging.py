"""How a machine sees an anatomy: scatterers, point-spread function, envelope - and the same without speckle.

Unresolved scatterers are white noise with the variance of the echogenicity, on a grid fine enough for the carrier.
Convolved with a depth-dependent point-spread function, modulated axially at the carrier, they give fully developed
speckle. The truth is the mean power through the same point-spread function: what an average over infinitely many
independent arrangements of scatterers would show.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from .fields import Array
from .scene import Scene

Complex = NDArray[np.complex64]
FWHM_PER_SIGMA = 2.3548


@dataclass(frozen=True)
class PointSpread:
    """Width and shape of the point-spread function on the sampling grid.

    Parameters
    ----------
    axial_fwhm : float
        Full width at half maximum of the pulse envelope, in rows.
    lateral_fwhm : float32 array, shape (rows,)
        Full width at half maximum of the beam in every row, in columns.
    cycles : float
        Carrier periods within the axial width.
    side_lobes : bool
        Beam of an unapodized aperture (two-way: a squared sinc) instead of a Gaussian one.
    """

    axial_fwhm: float
    lateral_fwhm: Array
    cycles: float = 1.6
    side_lobes: bool = False


@dataclass(frozen=True)
class Expectation:
    """What does not depend on the arrangement of scatterers.

    Attributes
    ----------
    mean_power : float32, shape (rows, columns)
        Expected squared envelope.
    speckle_share : float32, same shape, 0 to 1
        Share of the expectation that comes from unresolved scatterers and noise (1: fully developed speckle).
    reflector : float32, same shape
        Field of the coherent reflectors.
    amplitude : float32, padded shape
        Amplitude of the unresolved scatterers.
    """

    mean_power: Array
    speckle_share: Array
    reflector: Array
    amplitude: Array


class Receiver:
    """A point-spread function, noise and attenuation, ready to image scenes of one shape.

    The frame is continued beyond its borders by its outermost samples, because a Fourier transform would otherwise
    let the bottom shine into the top.

    Parameters
    ----------
    spread : PointSpread
    columns : int
    row_mm : float
        Row pitch, mm.
    noise_db : float32, shape (rows, 1)
        Noise power in every row, dB.
    """

    def __init__(self, spread: PointSpread, columns: int, row_mm: float, noise_db: Array) -> None:
        rows = len(spread.lateral_fwhm)
        margins = (1.5 * spread.axial_fwhm + 1, (3.0 if spread.side_lobes else 1.5) * float(spread.lateral_fwhm.max()))
        self.spread, self.shape, self.row_mm = spread, (rows, columns), row_mm
        self._before = (int(np.ceil(margins[0])), int(np.ceil(margins[1])))
        self.padded = tuple(
            fft.next_fast_len(length + 2 * margin) for length, margin in zip(self.shape, self._before, strict=True)
        )
        self.oversampling = int(np.ceil(3.0 * spread.cycles / spread.axial_fwhm))
        self._noise_power = from_db(noise_db)

    @property
    def scatterer_shape(self) -> tuple[int, int]:
        """Shape of the array of scatterer amplitudes that :meth:`look` takes."""
        return self.padded[0] * self.oversampling, self.padded[1]

    def expect(self, scene: Scene) -> Expectation:
        """Return what an average over infinitely many arrangements of scatterers would show of a scene."""
        loss = np.cumsum(scene.attenuation, axis=0) * np.float32(self.row_mm)
        diffuse = from_db(scene.diffuse_db - loss)
        coherent = np.sqrt(from_db(scene.specular_db - loss))
        padded = self._pad(diffuse)
        # Double precision, because rounding in a transform spreads over all rows, and a quiet lumen lies 80 dB below
        # a bright wall.
        reflector = self._crop(self._blur(self._pad(coherent), self._axial_gain, self._lateral_gain))
        diffuse_mean = self._crop(
            self._blur(padded.astype(np.float64), self._axial_power_gain, self._lateral_power_gain)
        )
        diffuse_mean = np.maximum(diffuse_mean, diffuse.min()) + self._noise_power
        expectation = diffuse_mean + reflector**2
        return Expectation(expectation, diffuse_mean / expectation, reflector, np.sqrt(padded))

    def look(self, expectation: Expectation, scatterers: Array, noise: Complex) -> Array:
        """Return the power (squared envelope) of one arrangement of scatterers with electronic noise.

        Parameters
        ----------
        expectation : Expectation
        scatterers : float32, shape :attr:`scatterer_shape`
            Standard normal amplitudes.
        noise : complex64, shape (rows, columns)
            Circular standard normal (variance 1).
        """
        along = self._analytic(expectation.amplitude, scatterers)
        spectrum = fft.fft(along, axis=1, overwrite_x=True)
        spectrum *= self._lateral_gain * self._unit_power
        field = self._crop(fft.ifft(spectrum, axis=1, overwrite_x=True)) + expectation.reflector
        field += self._filtered_noise(noise)
        return np.asarray(field.real**2 + field.imag**2, np.float32)

    def _analytic(self, amplitude: Array, scatterers: Array) -> Complex:
        """Convolve scatterers with the modulated pulse; return the complex envelope, mean power amplitude squared.

        The one-sided band around the carrier is cut out of the spectrum, which gives the analytic signal, its shift
        to base band and the decimation to image rows at once.
        """
        rows, columns = self.padded
        fine = scatterers.reshape(rows, self.oversampling, columns) * amplitude[:, None]
        spectrum = fft.rfft(fine.reshape(-1, columns), axis=0, overwrite_x=True)
        taken = spectrum[self._band]
        taken *= self._band_gain
        return np.asarray(fft.ifft(taken, axis=0, overwrite_x=True), np.complex64)

    @cached_property
    def _band(self) -> NDArray[np.intp]:
        band = self._band_centered + round(self.spread.cycles / self.spread.axial_fwhm * self.padded[0])
        return np.asarray(np.clip(band, 0, self.padded[0] * self.oversampling // 2), np.intp)

    @cached_property
    def _band_centered(self) -> NDArray[np.intp]:
        rows = self.padded[0]
        return np.asarray(np.rint(np.fft.fftfreq(rows) * rows), np.intp)

    @cached_property
    def _band_gain(self) -> Complex:
        rows = self.padded[0]
        band = self._band_centered + round(self.spread.cycles / self.spread.axial_fwhm * rows)
        inside = (band >= 0) & (band <= rows * self.oversampling // 2)
        gain = np.exp(-0.5 * (2 * np.pi * self._band_centered / rows * sigma(self.spread.axial_fwhm)) ** 2) * inside
        scale = rows / np.sqrt(np.sum(gain**2) * rows * self.oversampling)
        # A row of the image lies in the middle of its rows of scatterers, not at the first of them.
        middle = np.exp(2j * np.pi * self._band_centered / rows * (self.oversampling - 1) / (2 * self.oversampling))
        return np.asarray((gain * scale * middle)[:, None], np.complex64)

    @cached_property
    def _axial_gain(self) -> Array:
        """Gain of the pulse envelope for a steady field, (padded rows, 1): 1 at frequency 0."""
        frequencies = np.fft.fftfreq(self.padded[0])
        gain = np.exp(-0.5 * (2 * np.pi * frequencies * sigma(self.spread.axial_fwhm)) ** 2)
        return np.asarray(gain[:, None], np.float32)

    @cached_property
    def _lateral_gain(self) -> Array:
        """Gain of the beam in every row, (padded rows, padded columns): 1 at frequency 0."""
        frequencies = np.abs(np.fft.fftfreq(self.padded[1]))
        width = np.pad(self.spread.lateral_fwhm, self._padding[0], mode="edge")[:, None]
        if self.spread.side_lobes:  # a squared sinc is 0.886 / cutoff wide at half maximum
            return np.asarray(np.maximum(1 - frequencies * width / 0.886, 0), np.float32)
        return np.asarray(np.exp(-0.5 * (2 * np.pi * frequencies * sigma(width)) ** 2), np.float32)

    @cached_property
    def _unit_power(self) -> Array:
        """Factor per row that keeps the mean power of white noise."""
        return np.asarray(1 / np.sqrt(np.mean(self._lateral_gain**2, axis=1, keepdims=True)), np.float32)

    @cached_property
    def _axial_power_gain(self) -> NDArray[np.float64]:
        """Gain of the squared pulse, which sees every row of the scene as a block of rows of scatterers."""
        rows, fine = self.padded[0], self.oversampling
        spectrum = np.zeros(rows * fine, np.complex128)
        spectrum[self._band_centered] = self._band_gain[:, 0]
        kernel = (np.abs(fft.ifft(spectrum)) ** 2)[-np.arange(rows * fine)].reshape(rows, fine).sum(axis=1)
        return np.asarray(np.abs(fft.fft(kernel / kernel.sum()))[:, None], np.float64)

    @cached_property
    def _lateral_power_gain(self) -> NDArray[np.float64]:
        """Gain of the squared beam, 1 at frequency 0."""
        kernel = fft.irfft(
            self._lateral_gain[:, : self.padded[1] // 2 + 1].astype(np.float64), n=self.padded[1], axis=1
        )
        kernel *= kernel
        kernel /= kernel.sum(axis=1, keepdims=True)
        return np.asarray(fft.fft(kernel, axis=1).real, np.float64)

    @cached_property
    def _noise_amplitude(self) -> Array:
        return np.asarray(np.sqrt(self._noise_power / np.mean(self._noise_gain**2)), np.float32)

    @cached_property
    def _noise_gain(self) -> Array:
        frequencies = np.fft.fftfreq(self.shape[0])
        gain = np.exp(-0.5 * (2 * np.pi * frequencies * sigma(self.spread.axial_fwhm)) ** 2)
        return np.asarray(gain[:, None], np.float32)

    def _filtered_noise(self, noise: Complex) -> Complex:
        """Electronic noise passes the receive filter but belongs to its beam alone."""
        spectrum = fft.fft(noise, axis=0)
        spectrum *= self._noise_gain
        return np.asarray(fft.ifft(spectrum, axis=0, overwrite_x=True) * self._noise_amplitude, np.complex64)

    @property
    def _padding(self) -> tuple[tuple[int, int], tuple[int, int]]:
        first, second = (
            (before, padded - length - before)
            for before, padded, length in zip(self._before, self.padded, self.shape, strict=True)
        )
        return first, second

    def _pad(self, field: Array) -> Array:
        return np.pad(field, self._padding, mode="edge")

    def _crop(self, field: Any) -> Any:
        (top, left), (rows, columns) = self._before, self.shape
        return field[top : top + rows, left : left + columns]

    def _blur(self, field: NDArray[Any], axial_gain: NDArray[Any], lateral_gain: NDArray[Any]) -> Array:
        """Convolve a real field with symmetric kernels given by their gains."""
        half = fft.rfft(field, axis=0)
        half *= axial_gain[: half.shape[0]]
        smooth = fft.irfft(half, n=self.padded[0], axis=0, overwrite_x=True)
        half = fft.rfft(smooth, axis=1, overwrite_x=True)
        half *= lateral_gain[:, : half.shape[1]]
        return np.asarray(fft.irfft(half, n=self.padded[1], axis=1, overwrite_x=True), np.float32)


def from_db(level: Array) -> Array:
    """Power from dB."""
    return np.asarray(np.power(np.float32(10), np.asarray(level, np.float32) / np.float32(10)), np.float32)


def sigma(fwhm: Any) -> Any:
    """Return the standard deviation of a Gaussian amplitude profile of the given full width at half maximum."""
    return fwhm / FWHM_PER_SIGMA
