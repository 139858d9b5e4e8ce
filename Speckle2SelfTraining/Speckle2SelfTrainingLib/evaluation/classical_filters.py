"""Classical filters of scikit-image, SciPy and SimpleITK on frames in [0, 1]; each returns the shape it was given."""

from __future__ import annotations

from typing import Any

import numpy as np

from .frames import LEVELS, Unit

WAVELET, WAVELET_LEVELS = "sym4", 5


def non_local_means(frame: Unit, *, patch: int, distance: int, h: float) -> Unit:
    """Non-local means of scikit-image (Buades et al. 2005), fast mode."""
    from skimage.restoration import denoise_nl_means

    return _unit(denoise_nl_means(frame, patch_size=patch, patch_distance=distance, h=h, fast_mode=True))


def total_variation(frame: Unit, *, weight: float) -> Unit:
    """Total variation of scikit-image (Chambolle 2004)."""
    from skimage.restoration import denoise_tv_chambolle

    return _unit(denoise_tv_chambolle(frame, weight=weight))


def wavelet(frame: Unit, *, sigma: float, method: str) -> Unit:
    """Soft wavelet thresholding of scikit-image (Chang et al. 2000), averaged over shifts of the grid."""
    import pywt
    from skimage.restoration import cycle_spin, denoise_wavelet

    levels = min(WAVELET_LEVELS, pywt.dwt_max_level(min(frame.shape), WAVELET))
    options = {"sigma": sigma, "method": method, "mode": "soft", "wavelet": WAVELET, "wavelet_levels": levels}
    return _unit(cycle_spin(frame, denoise_wavelet, max_shifts=3, func_kw=options, workers=1))


def bilateral(frame: Unit, *, domain: float, intensity: float) -> Unit:
    """Bilateral filter of SimpleITK (Tomasi and Manduchi 1998)."""
    import SimpleITK as sitk  # noqa: N813 - its usual name

    return _itk(sitk.Bilateral(_image(frame), domain, intensity))


def median(frame: Unit, *, size: int) -> Unit:
    """Median in a square window."""
    from scipy import ndimage

    return _unit(ndimage.median_filter(frame, size, mode="nearest"))


def curvature_diffusion(frame: Unit, *, iterations: int, conductance: float, time_step: float = 0.0625) -> Unit:
    """Diffuse by modified curvature: SimpleITK (Whitaker and Xue 2001)."""
    import SimpleITK as sitk  # noqa: N813 - its usual name

    return _itk(sitk.CurvatureAnisotropicDiffusion(_image(frame), time_step, conductance, 1, iterations))


def gradient_diffusion(frame: Unit, *, iterations: int, conductance: float, time_step: float = 0.125) -> Unit:
    """Gradient anisotropic diffusion of SimpleITK (Perona and Malik 1990)."""
    import SimpleITK as sitk  # noqa: N813 - its usual name

    return _itk(sitk.GradientAnisotropicDiffusion(_image(frame), time_step, conductance, 1, iterations))


def patch_based(frame: Unit, *, sigma: float, radius: int, samples: int, iterations: int) -> Unit:
    """Patch-based denoising of SimpleITK (Awate and Whitaker 2006).

    Parameters
    ----------
    sigma : float
        Bandwidth of the kernel, gray levels of 255.
    radius : int
        Of a patch, pixels.
    samples : int
        Patches compared with each pixel.
    iterations : int
    """
    import SimpleITK as sitk  # noqa: N813 - its usual name

    denoiser = sitk.PatchBasedDenoisingImageFilter()
    denoiser.SetPatchRadius(radius)
    denoiser.SetNumberOfSamplePatches(samples)
    denoiser.SetKernelBandwidthSigma(sigma)
    denoiser.SetNumberOfIterations(iterations)
    denoiser.SetNumberOfThreads(1)  # its sampling depends on how many threads share it
    return _itk(denoiser.Execute(_image(frame * np.float32(LEVELS)))) / np.float32(LEVELS)


def _image(frame: Unit) -> Any:
    import SimpleITK as sitk  # noqa: N813 - its usual name

    return sitk.GetImageFromArray(np.ascontiguousarray(frame, np.float32))


def _itk(image: Any) -> Unit:
    import SimpleITK as sitk  # noqa: N813 - its usual name

    return _unit(sitk.GetArrayFromImage(image))


def _unit(values: Any) -> Unit:
    return np.asarray(values, np.float32)
