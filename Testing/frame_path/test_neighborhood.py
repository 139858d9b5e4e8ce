"""Means and extremes around pixels are those of SciPy."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from Speckle2SelfLib.frame_path.neighborhood import (
    box_mean,
    dilated,
    eroded,
    gaussian_mean,
    local_maximum,
    local_minimum,
)

sides = st.integers(1, 40)


def a_frame(rows: int, columns: int) -> np.ndarray:
    return np.random.default_rng(rows * 50 + columns).random((rows, columns))


@settings(deadline=None, max_examples=40)
@given(rows=sides, columns=sides, reach=st.tuples(st.integers(0, 12), st.integers(0, 12)))
def test_local_extremes_are_exact_on_any_size(rows: int, columns: int, reach: tuple[int, int]) -> None:
    frame = a_frame(rows, columns)
    size = [2 * length + 1 for length in reach]
    given_frame = torch.from_numpy(frame)
    np.testing.assert_array_equal(local_maximum(given_frame, reach).numpy(), ndimage.maximum_filter(frame, size))
    np.testing.assert_array_equal(local_minimum(given_frame, reach).numpy(), ndimage.minimum_filter(frame, size))


@settings(deadline=None, max_examples=20)
@given(rows=sides, columns=sides)
def test_box_means_are_exact_on_any_size(rows: int, columns: int) -> None:
    frame = a_frame(rows, columns)
    result = box_mean(torch.from_numpy(frame)[None, None])[0, 0].numpy()
    np.testing.assert_allclose(result, ndimage.uniform_filter(frame, 3, mode="nearest"), rtol=1e-12)


@pytest.mark.parametrize("shape", [(60, 45), (3, 70), (1, 1)])
@pytest.mark.parametrize("sigma", [1.0, 4.0])
def test_gaussian_means_are_exact_also_where_the_frame_is_smaller_than_the_gaussian(
    shape: tuple[int, int], sigma: float
) -> None:
    frame = a_frame(*shape)
    result = gaussian_mean(torch.from_numpy(frame), sigma).numpy()
    np.testing.assert_allclose(result, ndimage.gaussian_filter(frame, sigma), rtol=1e-12)


@pytest.mark.parametrize("size", [2, 3, 6, 7])
def test_squares_erode_and_dilate_masks_as_in_scipy(size: int) -> None:
    mask = ndimage.gaussian_filter(a_frame(50, 43), 1.5) > 0.5
    square = np.ones((size, size), bool)
    assert 0 < eroded(mask, size, outside=True).mean() < mask.mean() < dilated(mask, size).mean() < 1
    for outside in (False, True):
        expected = ndimage.binary_erosion(mask, square, border_value=outside)
        np.testing.assert_array_equal(eroded(mask, size, outside=outside), expected)
    np.testing.assert_array_equal(dilated(mask, size), ndimage.binary_dilation(mask, square))
    closed = eroded(dilated(mask, size), size, outside=False)
    np.testing.assert_array_equal(closed, ndimage.binary_closing(mask, square))
