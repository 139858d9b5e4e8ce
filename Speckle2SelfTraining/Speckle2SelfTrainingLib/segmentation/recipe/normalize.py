"""One range for frames of every gain, type and dynamic range."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Gray = NDArray[Any]

LOW, HIGH = 1.0, 99.5
"""Percentiles of a frame that become 0 and 1."""

SAMPLES = 1 << 15
"""Pixels that the percentiles are read from, about: sorting all of a large frame would take long."""


def normalize(image: Gray, keep: NDArray[np.bool_] | None = None) -> NDArray[np.float32]:
    """Scale a frame's luminance to 0..1 by its own percentiles; what lies beyond is clipped.

    Parameters
    ----------
    image : real array (H, W)
    keep : bool array (H, W), optional
        Pixels that are picture; the others become 0 and do not count.

    Returns
    -------
    float32 array (H, W)
        A frame of one value becomes 0.
    """
    step = max(1, int(np.sqrt(image.size / SAMPLES)))
    sample = image[::step, ::step]
    if keep is not None:
        inside = sample[keep[::step, ::step]]
        sample = inside if inside.size else sample
    low, high = (float(value) for value in np.percentile(sample, (LOW, HIGH)))
    if not high > low:
        # A frame with one bright line in 200 pixels of black is still a picture.
        low, high = float(image.min()), float(image.max())
    if not high > low:
        return np.zeros(image.shape, np.float32)
    scaled = (image.astype(np.float32) - np.float32(low)) / np.float32(high - low)
    np.clip(scaled, 0, 1, out=scaled)
    if keep is not None:
        scaled[~keep] = 0
    return scaled
