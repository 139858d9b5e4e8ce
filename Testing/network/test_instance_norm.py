"""The instance norm of the network keeps the order of values in memory and computes what PyTorch's does."""

from __future__ import annotations

import pytest
import torch
from Speckle2SelfLib.network import InstanceNorm
from torch.nn import functional as F  # noqa: N812 - torch's own convention


@pytest.mark.parametrize("shape", [(3, 16, 20, 12), (1, 8, 6, 10), (2, 1, 32, 32)])
def test_channels_last_features_are_normed_as_others_and_keep_their_order(shape: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    features, weights = 5 + 3 * torch.randn(shape), torch.randn(shape)
    results = []
    for given, norm in ((features, F.instance_norm), (features, InstanceNorm(shape[1]))):
        order = torch.contiguous_format if norm is F.instance_norm else torch.channels_last
        taken = given.clone(memory_format=order).requires_grad_()
        normed = norm(taken)
        (gradient,) = torch.autograd.grad((weights * normed).sum(), taken)
        assert normed.is_contiguous(memory_format=order)
        results.append((normed, gradient))
    for reference, ours in zip(*results, strict=True):
        torch.testing.assert_close(ours, reference, rtol=1e-4, atol=1e-4)


def test_samples_of_a_batch_are_normed_each_by_itself() -> None:
    torch.manual_seed(0)
    features = torch.stack([torch.randn(8, 16, 16), 100 + 7 * torch.randn(8, 16, 16)])
    normed = InstanceNorm(8)(features.contiguous(memory_format=torch.channels_last))
    torch.testing.assert_close(normed.mean(dim=(2, 3)), torch.zeros(2, 8), rtol=0, atol=1e-4)
    torch.testing.assert_close(normed.var(dim=(2, 3), correction=0), torch.ones(2, 8), rtol=0, atol=1e-3)


def test_means_and_deviations_of_bf16_features_are_not_rounded() -> None:
    torch.manual_seed(0)
    features = (40.3 + torch.randn(2, 8, 32, 32)).bfloat16().contiguous(memory_format=torch.channels_last)
    normed = InstanceNorm(8)(features)
    assert normed.dtype == torch.bfloat16
    assert float(normed.double().mean(dim=(2, 3)).abs().max()) < 0.01
