"""Counted levels give the percentiles and means of NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from Speckle2SelfLib.frame_path.levels import count_levels
from Speckle2SelfLib.frame_path.statistics import robust_range

COUNTED = (np.uint8, np.int8, np.uint16, np.int16)


@settings(deadline=None, max_examples=30)
@given(dtype=st.sampled_from(COUNTED), seed=st.integers(0, 999), share=st.floats(0, 100), masked=st.booleans())
def test_percentiles_means_and_extremes_are_those_of_all_valid_pixels(
    dtype: type, seed: int, share: float, masked: bool
) -> None:
    rng = np.random.default_rng(seed)
    limits = np.iinfo(dtype)
    frames = rng.integers(limits.min, limits.max, (2, 9, 7), dtype, endpoint=True)
    valid = rng.random((9, 7)) < 0.6 if masked else None
    pixels = frames if valid is None else frames[:, valid]
    counts = count_levels(frames, valid)
    assert counts.total == pixels.size
    assert counts.percentile(share) == pytest.approx(np.percentile(pixels.astype(float), share), abs=1e-6)
    assert counts.mean() == pytest.approx(pixels.mean())
    assert counts.extremes() == (pixels.min(), pixels.max())


def test_frames_that_may_only_be_read_are_counted_in_any_order_of_memory() -> None:
    frame = np.random.default_rng(0).integers(0, 256, (20, 30), np.uint8)
    frame.flags.writeable = False
    assert (count_levels(frame.T, None).counts == np.bincount(frame.ravel(), minlength=256)).all()


def test_the_range_of_whole_numbers_is_that_of_the_same_floating_point_numbers() -> None:
    rng = np.random.default_rng(1)
    stack = rng.integers(0, 200, (3, 40, 50)).astype(np.uint8)
    valid = rng.random((40, 50)) < 0.5
    for mask in (None, valid, np.zeros_like(valid)):
        floating = mask if mask is not None and mask.any() else None
        assert robust_range(stack, mask) == robust_range(stack.astype(np.float32), floating)
    assert robust_range(np.where(valid, 7, 9).astype(np.uint8)[None], valid) == (7, 7)
