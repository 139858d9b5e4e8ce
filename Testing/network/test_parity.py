"""The network, the perturbation and the losses against numbers made with the authors' published code."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from Speckle2SelfLib.bundle import load_bundle
from Speckle2SelfLib.despeckler import Despeckler
from Speckle2SelfLib.network import SpeckleNetwork
from Speckle2SelfLib.perturbation import normalize_min_max, perturb, resample_down_and_up
from Speckle2SelfTrainingLib.losses import consistency_loss, reconstruction_loss

VIEWS = ("full", "half", "quarter")


def parity_network() -> SpeckleNetwork:
    """A network filled by the recipe of the reference run."""
    network = SpeckleNetwork()
    rng = np.random.default_rng(20250706)
    state = network.state_dict()
    for key in sorted(state):
        shape = tuple(state[key].shape)
        scale = np.sqrt(2 / np.prod(shape[1:])) if len(shape) > 1 else 0.05
        state[key] = torch.from_numpy((rng.standard_normal(shape) * scale).astype(np.float32))
    network.load_state_dict(state)
    return network.eval()


@pytest.fixture(scope="module")
def reference(shared: Path) -> dict[str, np.ndarray]:
    return dict(np.load(shared / "parity" / "parity.npz"))


def tensor(array: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(array.astype(np.float32))[None, None]


def test_the_views_equal_those_of_the_published_code(reference: dict[str, np.ndarray]) -> None:
    for view, name in zip(perturb(tensor(reference["image"])), VIEWS, strict=True):
        np.testing.assert_allclose(view[0, 0].numpy(), reference[f"perturbed_{name}"], rtol=0, atol=1e-6)


def test_outputs_and_losses_equal_those_of_the_published_code(reference: dict[str, np.ndarray]) -> None:
    views = [tensor(reference[f"perturbed_{name}"]) for name in VIEWS]
    with torch.no_grad():
        outputs = parity_network()(views)
    for output, name in zip(outputs, VIEWS, strict=True):
        np.testing.assert_allclose(output[0, 0].numpy(), reference[f"out_{name}"], rtol=1e-4, atol=1e-5)
    assert reconstruction_loss(outputs, views).item() == pytest.approx(
        float(reference["reconstruction_loss"]), rel=1e-5
    )
    assert consistency_loss(outputs).item() == pytest.approx(float(reference["consistency_loss"]), rel=1e-5)


def test_parameter_names_and_shapes_equal_those_of_the_authors_state_dict(shared: Path) -> None:
    expected = json.loads((shared / "parity" / "state_dict_keys.json").read_text())
    assert {key: list(value.shape) for key, value in SpeckleNetwork().state_dict().items()} == expected


def test_the_published_preset_is_the_authors_inference(reference: dict[str, np.ndarray], tmp_path: Path) -> None:
    checkpoint = tmp_path / "model_2833.pth"
    torch.save(parity_network().state_dict(), checkpoint)
    frame = reference["image"]
    result = Despeckler(str(checkpoint), preset="published")(frame)
    assert result.dtype == np.float32
    np.testing.assert_allclose(result, np.clip(reference["out_full"], 0, 1), rtol=1e-4, atol=1e-5)


def test_an_authors_checkpoint_loads_by_name_and_can_be_fine_tuned(tmp_path: Path) -> None:
    checkpoint = tmp_path / "model_2999.pth"
    torch.save(parity_network().state_dict(), checkpoint)
    bundle = load_bundle(checkpoint)
    assert bundle.encoders == 3
    assert sum(value.numel() for value in bundle.network(3).parameters()) == 7_821_825
    assert sum(value.numel() for value in bundle.network(1).parameters()) == 3_910_785
    assert bundle.options.output_norm
    assert bundle.options.output_relu


def test_a_constant_frame_is_normalized_to_zeros() -> None:
    assert torch.equal(normalize_min_max(torch.full((2, 1, 8, 8), 7.0)), torch.zeros(2, 1, 8, 8))


def test_halving_averages_pairs_without_anti_aliasing_of_a_quarter() -> None:
    ramp = torch.arange(16.0).reshape(1, 1, 1, 16).expand(1, 1, 16, 16)
    # Half-pixel centers: the small pixel of a quarter lies between the second and the third of four.
    quarter = torch.nn.functional.interpolate(ramp, size=(4, 4), mode="bilinear")
    assert quarter[0, 0, 0].tolist() == [1.5, 5.5, 9.5, 13.5]
    assert torch.equal(resample_down_and_up(ramp, 1.0), ramp)
    assert resample_down_and_up(ramp, 0.25)[0, 0, 0, 0].item() == 1.5


def test_losses_of_equal_outputs_are_zero_and_count_every_pair() -> None:
    outputs = [torch.full((1, 1, 4, 4), value) for value in (0.0, 1.0, 3.0)]
    assert consistency_loss(outputs).item() == pytest.approx(1 + 3 + 2)
    assert reconstruction_loss(outputs, outputs).item() == 0
    assert reconstruction_loss(outputs, outputs[:1] * 3).item() == pytest.approx(0 + 1 + 9)
