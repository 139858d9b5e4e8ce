"""Where boundaries lie in a despeckled frame: there, a lower strength gives the input back first."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - torch's own convention

from .neighborhood import box_mean, local_maximum

# Change of normalized gray per pixel: shading of tissue stays below, walls and fascia lie above.
NO_BOUNDARY, FULL_BOUNDARY = 0.045, 0.1
REACH = 2


def restore_boundaries(before: Tensor, after: Tensor, detail: float, crispness: float) -> Tensor:
    """Bring back what smoothing takes from boundaries: a share of the input, and their contrast.

    Parameters
    ----------
    before, after : float Tensor, shape (N, 1, H, W), normalized gray
        Frame with and without its speckle.
    detail : float
        Share of the input that comes back on a boundary, 0 to 1.
    crispness : float
        Share of the fine structure of `after` that is added on a boundary (unsharp masking).
    """
    if detail == 0 and crispness == 0:
        return after
    smooth = box_mean(box_mean(after))
    share = _share_of_slope(smooth)
    fine = after - box_mean(box_mean(smooth))
    return after + share * (detail * (before - after) + crispness * fine)


def boundary_share(frames: Tensor) -> Tensor:
    """Return how much of a boundary lies at every pixel, 0 (flat or shaded tissue) to 1 (wall, fascia).

    Parameters
    ----------
    frames : float Tensor, shape (N, 1, H, W), H and W at least 16, normalized gray without speckle

    Returns
    -------
    Tensor of the same shape
    """
    return _share_of_slope(box_mean(box_mean(frames)))


def _share_of_slope(smooth: Tensor) -> Tensor:
    rows = F.pad(smooth[:, :, 2:] - smooth[:, :, :-2], (0, 0, 1, 1))
    columns = F.pad(smooth[..., 2:] - smooth[..., :-2], (1, 1, 0, 0))
    slope = 0.5 * torch.hypot(rows, columns)
    share = ((slope - NO_BOUNDARY) / (FULL_BOUNDARY - NO_BOUNDARY)).clamp(0, 1)
    return box_mean(box_mean(local_maximum(share, (REACH, REACH))))
