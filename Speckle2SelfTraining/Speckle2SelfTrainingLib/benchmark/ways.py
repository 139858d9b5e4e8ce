"""Ways of running a network that ours is compared with."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from Speckle2SelfLib.bundle import load_bundle
from Speckle2SelfLib.network import SpeckleNetwork
from Speckle2SelfLib.perturbation import normalize_min_max
from torch import nn
from torch.nn import functional as F  # noqa: N812 - torch's own convention

Frame = NDArray[Any]


class AuthorsWay:
    """The published inference re-enacted: three encoders and three passes of the decoder, fp32, one frame at a time.

    All three encoders get the frame itself (the coarser views are for training only), and the zeros around the
    features of a plain convolution are added in a step of their own. The weights are random: they do not change the
    time.

    Parameters
    ----------
    device : str
    """

    def __init__(self, device: str) -> None:
        torch.manual_seed(0)
        self._network = SpeckleNetwork(encoders=3).eval().to(device)
        for layer in self._network.modules():
            if isinstance(layer, nn.Conv2d):
                layer.padding = (0, 0)
                layer.register_forward_pre_hook(_pad)
        self._device = device

    @torch.no_grad()
    def __call__(self, frame: Frame) -> NDArray[np.float32]:
        """Despeckle one frame (H, W), continued to a multiple of 16 by zeros."""
        normalized = normalize_min_max(_tensor(frame, self._device))
        clean = self._network([normalized] * 3)[0].clamp(0, 1)
        return np.asarray(clean[0, 0, : frame.shape[0], : frame.shape[1]].cpu().numpy())


class PlainWay:
    """The network of a model as PyTorch runs it when nobody thinks of speed: one pass, eager, fp32, one frame.

    Parameters
    ----------
    model : str
    device : str
    """

    def __init__(self, model: str, device: str) -> None:
        self._network = load_bundle(model).network().eval().to(device)
        self._device = device

    @torch.no_grad()
    def __call__(self, frame: Frame) -> NDArray[np.float32]:
        """Despeckle one frame (H, W), continued to a multiple of 16 by zeros."""
        clean = self._network.despeckle(normalize_min_max(_tensor(frame, self._device)), 1.0)
        return np.asarray(clean[0, 0, : frame.shape[0], : frame.shape[1]].float().cpu().numpy())


def _pad(layer: nn.Module, given: tuple[torch.Tensor]) -> torch.Tensor:
    return F.pad(given[0], (1, 1, 1, 1))


def _tensor(frame: Frame, device: str) -> torch.Tensor:
    rows, columns = (-length % 16 for length in frame.shape)
    padded = np.pad(np.asarray(frame, np.float32), ((0, rows), (0, columns)))
    return torch.from_numpy(padded)[None, None].to(device)
