"""What is computed on a coarser grid is close to what the pixels give."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from Speckle2SelfLib.frame_path.coarse import enlarge, shrink, smooth
from Speckle2SelfLib.frame_path.neighborhood import turned_gaussian_mean
from torch.nn import functional as F  # noqa: N812 - torch's own convention


def noise(*shape: int) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(3).standard_normal(shape).astype(np.float32))


@pytest.mark.parametrize("cell", [2, 4, 8])
@pytest.mark.parametrize("size", [(64, 48), (37, 50), (5, 9)])
def test_cells_have_the_mean_of_their_pixels_also_at_the_far_edges(cell: int, size: tuple[int, int]) -> None:
    frames = noise(2, 1, *size)
    expected = F.avg_pool2d(frames, cell, ceil_mode=True, count_include_pad=False)
    torch.testing.assert_close(shrink(frames, cell), expected)


@pytest.mark.parametrize("cell", [2, 4, 8])
def test_cells_are_enlarged_bilinearly_between_their_centers(cell: int) -> None:
    cells = noise(2, 1, 6, 9)
    size = (6 * cell, 9 * cell)
    expected = F.interpolate(cells, size=size, mode="bilinear", align_corners=False)
    torch.testing.assert_close(enlarge(cells, size, cell), expected)
    torch.testing.assert_close(enlarge(cells, (size[0] - 1, size[1] - 1), cell), expected[..., :-1, :-1])


@pytest.mark.parametrize("sigma", [4.0, 5.0])
@pytest.mark.parametrize(("size", "share"), [((128, 96), 0.001), ((61, 70), 0.03)])
def test_smoothing_on_a_coarser_grid_is_close_to_the_exact_gaussian(
    sigma: float, size: tuple[int, int], share: float
) -> None:
    frame = noise(*size)
    difference = smooth(frame, sigma) - turned_gaussian_mean(frame, sigma).T
    assert float(difference.std()) < share * float(frame.std())


def test_a_constant_frame_stays_as_it_is() -> None:
    torch.testing.assert_close(smooth(torch.full((33, 41), 3.0), 5.0), torch.full((33, 41), 3.0))
