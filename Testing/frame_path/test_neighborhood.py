"""Means and extremes around pixels are those of SciPy."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from Speckle2SelfLib.frame_path.neighborhood import local_maximum, smoothed, turned_gaussian_mean
from Speckle2SelfLib.frame_path.shapes import (
    dilated,
    eroded,
    grown_within,
    spread,
    surrounding_maximum,
    surrounding_minimum,
)

sides = st.integers(1, 40)


def a_frame(rows: int, columns: int) -> np.ndarray:
    return np.random.default_rng(rows * 50 + columns).random((rows, columns))


@settings(deadline=None, max_examples=40)
@given(rows=sides, columns=sides, reach=st.tuples(st.integers(0, 12), st.integers(0, 12)))
def test_local_extremes_are_exact_on_any_size(rows: int, columns: int, reach: tuple[int, int]) -> None:
    frame = a_frame(rows, columns)
    size = [2 * length + 1 for length in reach]
    levels = (255 * frame).astype(np.uint8)
    for each in (frame, levels, levels.astype(np.int16) - 128):
        np.testing.assert_array_equal(surrounding_maximum(each, reach), ndimage.maximum_filter(each, size))
        np.testing.assert_array_equal(surrounding_minimum(each, reach), ndimage.minimum_filter(each, size))
    square = local_maximum(torch.from_numpy(frame), reach[0]).numpy()
    np.testing.assert_array_equal(square, ndimage.maximum_filter(frame, 2 * reach[0] + 1))


@settings(deadline=None, max_examples=20)
@given(rows=sides, columns=sides)
def test_means_of_means_are_exact_on_any_size(rows: int, columns: int) -> None:
    frame = a_frame(rows, columns)
    result = smoothed(torch.from_numpy(np.stack([frame, frame[::-1].copy()]))[:, None]).numpy()
    for each, expected in zip(result[:, 0], (frame, frame[::-1]), strict=True):
        once = ndimage.uniform_filter(expected, 3, mode="nearest")
        np.testing.assert_allclose(each, ndimage.uniform_filter(once, 3, mode="nearest"), rtol=1e-12)


@pytest.mark.parametrize("shape", [(60, 45), (3, 70), (1, 1)])
@pytest.mark.parametrize("sigma", [1.0, 4.0])
def test_gaussian_means_are_exact_also_where_the_frame_is_smaller_than_the_gaussian(
    shape: tuple[int, int], sigma: float
) -> None:
    frame = a_frame(*shape)
    result = turned_gaussian_mean(torch.from_numpy(frame), sigma).numpy().T
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


@pytest.mark.parametrize("steps", [1, 4, 9])
def test_a_mask_grows_within_another_as_in_scipy(steps: int) -> None:
    allowed = ndimage.gaussian_filter(a_frame(50, 43), 1.5) > 0.49
    allowed[0], allowed[:, -1] = True, True
    seed = allowed & (a_frame(43, 50).T > 0.97)
    expected = ndimage.binary_dilation(seed, np.ones((3, 3), bool), iterations=steps, mask=allowed)
    grown = grown_within(seed, allowed, steps)
    np.testing.assert_array_equal(grown, expected)
    assert seed.sum() < grown.sum() < allowed.sum()


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_a_mask_spreads_along_rows_and_columns_as_in_scipy(steps: int) -> None:
    mask = a_frame(31, 45) > 0.97
    mask[0, 0], mask[-1, 7], mask[5, -1] = True, True, True
    np.testing.assert_array_equal(spread(mask, steps), ndimage.binary_dilation(mask, iterations=steps))
