"""A frozen base model whose answers are averaged over flips and shifts.

What such an average loses is what depends on the position of the pixels: facets, worms and flicker, but no boundary.
"""

from __future__ import annotations

import torch
from Speckle2SelfLib.network import STRIDE, SpeckleNetwork
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - torch's own convention

# Flips (rows, columns) and shifts in pixels: the network's grid of 16 is met at other places each time.
POSES = (
    (False, False, 0, 0),
    (True, True, 5, 11),
    (False, True, 11, 5),
    (True, False, 8, 8),
    (False, False, 8, 3),
    (True, True, 13, 0),
    (False, True, 3, 13),
    (True, False, 0, 8),
)


AGREEMENT_SIDE = 9
AGREEMENT_SCALE = 0.03


def agreement(one: Tensor, other: Tensor) -> Tensor:
    """Return how far two answers agree around every pixel, 0 to 1; both (N, 1, H, W), normalized gray."""
    reach = AGREEMENT_SIDE // 2
    difference = F.pad((one - other).abs(), (reach,) * 4, mode="reflect")
    return torch.exp(-((F.avg_pool2d(difference, AGREEMENT_SIDE, stride=1) / AGREEMENT_SCALE) ** 2))


class Teacher:
    """Answers of a frozen network.

    Parameters
    ----------
    network : SpeckleNetwork
        Is put into evaluation mode and never trained.
    views : int
        How many poses are averaged, 1 to 8.
    """

    def __init__(self, network: SpeckleNetwork, views: int) -> None:
        self._network = network.eval().requires_grad_(False)
        self._poses = POSES[:views]

    @torch.no_grad()
    def __call__(self, frames: Tensor, strengths: Tensor, neighbors: Tensor | None = None) -> Tensor:
        """Return the averaged answer.

        Parameters
        ----------
        frames : Tensor, shape (N, 1, H, W)
        strengths : Tensor, shape (N,)
            Conditions of the network.
        neighbors : Tensor, shape (N, K, H, W), optional
            Frames around every one. Their answers count as far as they agree with the frame's own over a few pixels:
            what moved in between does not agree, residual speckle does.
        """
        answer = self._mean_answer(frames, strengths)
        if neighbors is None or not neighbors.shape[1]:
            return answer
        total, weights = answer.clone(), torch.ones_like(answer)
        for place in range(neighbors.shape[1]):
            other = self._mean_answer(neighbors[:, place : place + 1], strengths)
            weight = agreement(answer, other)
            total += weight * other
            weights += weight
        return total / weights

    def _mean_answer(self, frames: Tensor, strengths: Tensor) -> Tensor:
        total = torch.zeros_like(frames)
        for pose in self._poses:
            total += self._answer(frames, strengths, *pose)
        return total / len(self._poses)

    def _answer(self, frames: Tensor, strengths: Tensor, rows: bool, columns: bool, down: int, right: int) -> Tensor:
        height, width = frames.shape[-2:]
        axes = [axis for axis, flipped in ((-2, rows), (-1, columns)) if flipped]
        posed = frames.flip(axes) if axes else frames
        if down or right:
            pad = (right, STRIDE - right, down, STRIDE - down)
            posed = F.pad(posed, pad, mode="reflect")
        answer = self._network.despeckle(posed.contiguous(memory_format=torch.channels_last), strengths).float()
        answer = answer[..., down : down + height, right : right + width]
        return answer.flip(axes) if axes else answer
