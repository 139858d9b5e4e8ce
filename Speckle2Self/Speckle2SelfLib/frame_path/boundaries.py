"""Where boundaries lie in a despeckled frame: there, a lower strength gives the input back first."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - torch's own convention

# Change of normalized gray per pixel: shading of tissue stays below, walls and fascia lie above.
NO_BOUNDARY, FULL_BOUNDARY = 0.045, 0.1
WIDTH = 5


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
    share = boundary_share(after)
    fine = after - _box(_box(_box(_box(after))))
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
    smooth = _box(_box(frames))
    rows = F.pad(smooth[:, :, 2:] - smooth[:, :, :-2], (0, 0, 1, 1))
    columns = F.pad(smooth[..., 2:] - smooth[..., :-2], (1, 1, 0, 0))
    slope = 0.5 * torch.hypot(rows, columns)
    share = ((slope - NO_BOUNDARY) / (FULL_BOUNDARY - NO_BOUNDARY)).clamp(0, 1)
    return _box(_box(F.max_pool2d(share, WIDTH, stride=1, padding=WIDTH // 2)))


def _box(frames: Tensor) -> Tensor:
    return F.avg_pool2d(F.pad(frames, (1, 1, 1, 1), mode="replicate"), 3, stride=1)
