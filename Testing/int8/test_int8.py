"""The network in eight bits: the same picture, for every frame, thread and size, or a clear answer why not."""

from __future__ import annotations

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from Speckle2SelfLib import Despeckler
from Speckle2SelfLib.archive.despeckling import LoadedDespeckling
from Speckle2SelfLib.bundle import load_bundle, save_bundle, shipped_models
from Speckle2SelfLib.engine import Engine
from Speckle2SelfLib.errors import DeviceError, ModelError
from Speckle2SelfLib.int8.calibration import Calibration
from Speckle2SelfLib.int8.convolution import Convolution, Doubling, LastDoubling
from Speckle2SelfLib.int8.grid import ChannelGrids, Grid
from Speckle2SelfLib.int8.support import int8_problem
from Speckle2SelfLib.network import NetworkOptions, SpeckleNetwork
from Speckle2SelfTrainingLib.calibration import calibrate_bundle, calibration_of
from Speckle2SelfTrainingLib.simulation.sweep import simulate_sweep
from torch import Tensor, nn

LOWEST_PSNR = 45.0  # dB, against fp32
PLAIN = NetworkOptions(feature_norm=False, output_norm=False, output_relu=False, residual=True, channels=8)

needs_int8 = pytest.mark.skipif(int8_problem() is not None, reason=f"int8 cannot be used: {int8_problem()}")


def psnr(result: np.ndarray, reference: np.ndarray) -> float:
    difference = result.astype(np.float64) - reference
    return float(20 * np.log10(255 / np.sqrt((difference**2).mean())))


def simulated(size: tuple[int, int], frames: int = 1) -> np.ndarray:
    sweep = simulate_sweep(np.random.default_rng(11), frames=frames, size=size)
    return np.stack([frame.speckled for frame in sweep])


def copied(model: str, folder: Path) -> Path:
    shutil.copytree(shipped_models()[model], folder)
    return folder


def edit_calibration(folder: Path, value: Any) -> None:
    place = folder / "configs" / "metadata.json"
    metadata = json.loads(place.read_text(encoding="utf-8"))
    metadata["speckle2self"].pop("int8", None)
    if value is not None:
        metadata["speckle2self"]["int8"] = value
    place.write_text(json.dumps(metadata), encoding="utf-8")


def calibration_in(folder: Path) -> dict[str, Any]:
    metadata = json.loads((folder / "configs" / "metadata.json").read_text(encoding="utf-8"))
    calibration: dict[str, Any] = metadata["speckle2self"]["int8"]
    return calibration


@needs_int8
@pytest.mark.parametrize("strength", [0.3, 0.8, 1.0])
@pytest.mark.parametrize("model", ["default", "live"])
def test_int8_gives_the_picture_of_fp32_on_simulated_frames(model: str, strength: float) -> None:
    sweep = simulated((160, 128))
    exact = Despeckler(model, precision="fp32", strength=strength)(sweep)
    assert psnr(sweep, exact) < 35
    assert psnr(Despeckler(model, precision="int8", strength=strength)(sweep), exact) >= LOWEST_PSNR


@needs_int8
@pytest.mark.parametrize("pattern", ["carotid-sweep/sweep_23f.nrrd", "pocus/*.nrrd", "liver-sweep/*.igs.mha"])
def test_int8_gives_the_picture_of_fp32_on_real_frames(shared: Path, pattern: str) -> None:
    from Speckle2SelfLib.files import open_sweep

    frames = open_sweep(next((shared / "data").glob(pattern))).frames
    frame = np.asarray(frames[len(frames) // 2])
    exact = Despeckler(precision="fp32")(frame)
    assert psnr(Despeckler(precision="int8")(frame), exact) >= LOWEST_PSNR


@needs_int8
@pytest.mark.parametrize("size", [(32, 32), (48, 112), (176, 64), (16, 400)])
def test_every_size_of_frames_can_be_computed(size: tuple[int, int]) -> None:
    frame = simulated((max(64, size[0]), size[1]))[0][: size[0]]
    exact = Despeckler("live", precision="fp32", mask=False, scale=1)(frame)
    assert psnr(Despeckler("live", precision="int8", mask=False, scale=1)(frame), exact) >= LOWEST_PSNR


@needs_int8
def test_a_frame_comes_out_equal_alone_in_a_batch_and_in_threads() -> None:
    sweep = simulated((96, 128), 6)
    despeckler = Despeckler("live", precision="int8")
    statistics = despeckler.analyze(sweep)
    before = torch.get_num_threads()
    torch.set_num_threads(4)
    try:
        threaded = np.stack([frame for _, frame in despeckler.stream(sweep, statistics=statistics)])
    finally:
        torch.set_num_threads(before)
    for index in (5, 2, 0):
        ((_, alone),) = despeckler.stream(sweep[index : index + 1], statistics=statistics)
        assert np.array_equal(alone, threaded[index])
    batched = np.stack(
        [frame for _, frame in Despeckler("live", precision="int8", batch_size=3).stream(sweep, statistics=statistics)]
    )
    assert np.array_equal(batched, threaded)


@needs_int8
def test_many_threads_share_one_engine() -> None:
    bundle = load_bundle("live")
    engine = Engine(bundle.network(), "cpu", "int8", calibration=bundle.calibration)
    frames = torch.rand(8, 1, 64, 48, generator=torch.Generator().manual_seed(2))
    expected = [engine.run(frame[None], 1.0) for frame in frames]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda frame: engine.run(frame[None], 1.0), [*frames] * 3))
    assert all(torch.equal(one, other) for one, other in zip(found, expected * 3, strict=True))


@needs_int8
@pytest.mark.parametrize("options", [PLAIN, replace(PLAIN, skips=True, conditioned=True)])
def test_networks_of_other_shapes_run_in_int8(options: NetworkOptions) -> None:
    torch.manual_seed(4)
    network = SpeckleNetwork(options, 2).eval()
    calibration = calibration_of(network, 1.5 if options.conditioned else None)
    frame = torch.from_numpy(simulated((96, 96)).astype(np.float32) / 255)[:, None]
    exact = Engine(network, "cpu", "fp32").run(frame, 1.0) - frame
    rounded = Engine(network, "cpu", "int8", calibration=calibration).run(frame, 1.0) - frame
    assert float((rounded - exact).std() / (exact - exact.mean()).std()) < 0.06


def unlike_ultrasound() -> dict[str, np.ndarray]:
    rows, columns = np.indices((64, 80))
    noise = np.random.default_rng(3).random((64, 80))
    return {
        "grid of lines": np.where((rows % 8 == 0) | (columns % 8 == 0), 255, 40).astype(np.uint8),
        "checkerboard": ((rows + columns) % 2 * 255).astype(np.uint8),
        "black and white noise": ((noise > 0.5) * 255).astype(np.uint8),
        "gray noise": (noise * 255).astype(np.uint8),
    }


@needs_int8
@pytest.mark.parametrize("model", ["default", "live"])
@pytest.mark.parametrize("kind", unlike_ultrasound())
def test_frames_unlike_those_of_the_calibration_keep_the_picture_of_fp32(model: str, kind: str) -> None:
    frame = unlike_ultrasound()[kind]
    exact = Despeckler(model, precision="fp32", mask=False, strength=1)(frame)
    assert psnr(Despeckler(model, precision="int8", mask=False, strength=1)(frame), exact) >= LOWEST_PSNR


@needs_int8
def test_a_frame_beyond_the_calibration_changes_no_other_of_its_batch() -> None:
    bundle = load_bundle("live")
    engine = Engine(bundle.network(), "cpu", "int8", calibration=bundle.calibration)
    usual, unlike = simulated((64, 80))[0], unlike_ultrasound()["checkerboard"]
    frames = torch.from_numpy(np.stack([usual, unlike, usual]).astype(np.float32) / 255)[:, None]
    alone = torch.cat([engine.run(frame[None], 1.0) for frame in frames])
    assert torch.equal(engine.run(frames, 1.0), alone)


@needs_int8
def test_a_relu_on_the_output_is_kept() -> None:
    torch.manual_seed(6)
    network = SpeckleNetwork(replace(PLAIN, output_relu=True), 1).eval()
    with torch.no_grad():
        network.get_parameter("decoder.conv_block_4.conv.bias").fill_(-1)
    frame = torch.from_numpy(simulated((64, 64)).astype(np.float32) / 255)[:, None]
    calibration = calibration_of(network, None)
    assert torch.equal(Engine(network, "cpu", "int8", calibration=calibration).run(frame, 1.0), frame)


def test_a_calibration_of_other_weights_is_not_used(tmp_path: Path) -> None:
    folder = copied("live", tmp_path / "exchanged")
    edit_calibration(folder, {**calibration_in(folder), "weights": "0" * 64})
    assert load_bundle(folder).calibration is None


def test_an_archive_tells_one_calibration_from_another(tmp_path: Path) -> None:
    folder = copied("live", tmp_path / "finer")
    calibration = calibration_in(folder)
    calibration["ranges"] = {name: [low / 4, high / 4] for name, (low, high) in calibration["ranges"].items()}
    edit_calibration(folder, calibration)
    finer, shipped = (LoadedDespeckling(Despeckler(model, device="cpu")).made_with for model in (folder, "live"))
    assert finer["model_sha256"] == shipped["model_sha256"]
    assert finer["calibration"] != shipped["calibration"]


def test_a_bundle_without_calibration_runs_in_another_precision(tmp_path: Path) -> None:
    folder = copied("live", tmp_path / "old")
    edit_calibration(folder, None)
    assert Despeckler(folder, device="cpu").engine.precision in ("bf16", "fp32")
    with pytest.raises((ModelError, DeviceError), match=r"int8 cannot be used: .*choose the precision auto\.$"):
        Despeckler(folder, device="cpu", precision="int8")


def test_a_calibration_that_only_later_versions_know_is_left_alone(tmp_path: Path) -> None:
    folder = copied("live", tmp_path / "new")
    edit_calibration(folder, {"version": 2, "tables": [1, 2, 3]})
    assert Despeckler(folder, device="cpu").engine.precision in ("bf16", "fp32")


@pytest.mark.parametrize(
    "value",
    [
        7,
        [],
        {},
        {"version": True},
        {"version": "1", "ranges": {}},
        {"version": 1},
        {"version": 1, "ranges": [], "channels": {}},
        {"version": 1, "ranges": {"a": [0, 1, 2]}, "channels": {}},
        {"version": 1, "ranges": {"a": [0.5, 1]}, "channels": {}},
        {"version": 1, "ranges": {"a": [0, 0]}, "channels": {}},
        {"version": 1, "ranges": {"a": [0, float("nan")]}, "channels": {}},
        {"version": 1, "ranges": {"a": [0, 1e30]}, "channels": {}},
        {"version": 1, "ranges": {"a": [False, True]}, "channels": {}},
        {"version": 1, "ranges": {str(i): [0, 1] for i in range(1000)}, "channels": {}},
        {"version": 1, "ranges": {}, "channels": {"a": []}},
        {"version": 1, "ranges": {}, "channels": {"a": [[0, 1]] * 1000}},
    ],
)
def test_a_malformed_calibration_is_refused_in_one_sentence(tmp_path: Path, value: Any) -> None:
    folder = copied("live", tmp_path / "broken")
    edit_calibration(folder, value)
    with pytest.raises(ModelError, match=r"^The metadata .* has a malformed 'speckle2self.int8': [^\n]*\.$"):
        load_bundle(folder)


@needs_int8
@pytest.mark.parametrize("part", ["ranges", "channels"])
def test_a_calibration_of_another_network_leads_to_another_precision_and_a_note(tmp_path: Path, part: str) -> None:
    folder = copied("live", tmp_path / "other")
    calibration = calibration_in(folder)
    name = next(iter(calibration[part]))
    if part == "ranges":
        del calibration["ranges"][name]
    else:
        calibration["channels"][name].pop()
    edit_calibration(folder, calibration)
    engine = Despeckler(folder, device="cpu").engine
    assert engine.precision in ("bf16", "fp32")
    assert any("int8" in note and f"Continuing in {engine.precision}." in note for note in engine.notes)
    with pytest.raises((ModelError, DeviceError), match="int8 cannot be used"):
        Despeckler(folder, device="cpu", precision="int8")


def test_networks_with_norms_have_no_calibration_and_refuse_int8(a_model: str) -> None:
    assert calibration_of(SpeckleNetwork(NetworkOptions(channels=8), 1).eval(), None) is None
    with pytest.raises((ModelError, DeviceError), match="int8"):
        Despeckler(a_model, device="cpu", precision="int8")


def test_the_calibration_of_the_shipped_bundles_is_what_calibrating_gives(tmp_path: Path) -> None:
    folder = copied("live", tmp_path / "again")
    shipped = Calibration.from_dict(calibration_in(folder))
    assert shipped is not None
    assert calibrate_bundle(folder)
    again = Calibration.from_dict(calibration_in(folder))
    assert again is not None
    for name, limits in shipped.ranges.items():
        assert again.ranges[name] == pytest.approx(limits, rel=0.02, abs=0.02)
    assert again.channels.keys() == shipped.channels.keys()


def test_saving_other_weights_drops_the_calibration_of_the_ones_before(tmp_path: Path) -> None:
    old = load_bundle("live")
    assert old.calibration is not None
    folder = save_bundle(tmp_path / "new", old.network(), old.metadata)
    assert load_bundle(folder).calibration is None
    folder = save_bundle(tmp_path / "new", old.network(), old.metadata, old.calibration)
    kept = load_bundle(folder).calibration
    assert kept is not None
    assert (kept.ranges, kept.channels) == (old.calibration.ranges, old.calibration.channels)


@needs_int8
def test_int8_on_a_gpu_is_refused() -> None:
    from Speckle2SelfLib.int8 import network_in_int8

    bundle = load_bundle("live")
    with pytest.raises(DeviceError, match="CPU only"):
        network_in_int8(bundle.network(), bundle.calibration, "cuda:0")


@needs_int8
def test_a_network_with_norms_is_refused_even_with_a_calibration() -> None:
    from Speckle2SelfLib.int8 import network_in_int8

    with pytest.raises(ModelError, match="norms"):
        network_in_int8(SpeckleNetwork(NetworkOptions(channels=8), 1), load_bundle("live").calibration, "cpu")


def on_a_grid(features: Tensor, grid: Grid) -> Tensor:
    numbers = (features / grid.scale + grid.zero).round().clamp(0, 255).to(torch.uint8)
    return numbers.contiguous(memory_format=torch.channels_last)


def value_of(numbers: Tensor, grid: Grid) -> Tensor:
    return (numbers.float() - grid.zero) * grid.scale


@needs_int8
@pytest.mark.parametrize("relu", [False, True])
def test_layers_compute_what_those_of_pytorch_compute(relu: bool) -> None:
    torch.manual_seed(5)
    given, made = Grid.covering(-1.0, 2.0), Grid.covering(0.0 if relu else -6.0, 6.0)
    features = torch.rand(2, 24, 10, 14) * 3 - 1
    numbers = on_a_grid(features, given)
    plain, doubling = nn.Conv2d(24, 16, 3, stride=2, padding=1), nn.ConvTranspose2d(24, 16, 3, 2, 1, 1)
    weights = [(each.weight.detach(), each.bias.detach()) for each in (plain, doubling) if each.bias is not None]
    ours: list[Convolution | Doubling] = [
        Convolution(*weights[0], given, made, stride=2, padding=1, relu=relu),
        Doubling(*weights[1], given, made, relu=relu),
    ]
    with torch.inference_mode():
        for layer, own in zip((plain, doubling), ours, strict=True):
            expected = layer(value_of(numbers, given))
            expected = expected.relu() if relu else expected
            result = own(numbers)
            assert result.shape == expected.shape
            assert result.is_contiguous(memory_format=torch.channels_last)
            assert float((value_of(result, made) - expected).abs().max()) < made.scale
        last = LastDoubling(*weights[1], torch.float32)
        assert torch.allclose(
            last(features.contiguous(memory_format=torch.channels_last)), doubling(features), atol=1e-5
        )


def test_grids_of_channels_cover_their_ranges_as_finely_as_they_can() -> None:
    ranges = [(-1.0, 3.0), (0.0, 0.5), (-0.2, 0.1)]
    grids = ChannelGrids(ranges)
    for channel, (low, high) in enumerate(ranges):
        edges = torch.zeros(1, 3, 1, 3)
        edges[0, channel, 0] = torch.tensor([low, 0.0, high])
        numbers = grids.take(edges)[0, channel, 0].float() - grids.shared.zero
        assert torch.allclose(numbers * grids.steps[channel], edges[0, channel, 0], atol=float(grids.steps[channel]))
    outside = grids.take(torch.full((1, 3, 1, 1), 100.0))
    assert torch.equal(outside.flatten(), torch.full((3,), 255, dtype=torch.uint8))
