"""The arithmetic that is chosen without being asked for gives the same picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from Speckle2SelfLib import Despeckler
from Speckle2SelfLib.engine import Engine
from Speckle2SelfLib.files import open_sweep
from Speckle2SelfLib.precision import Abilities, abilities, choose_precision, fastest_precision
from Speckle2SelfTrainingLib.segmentation.segmenter import Segmenter
from Speckle2SelfTrainingLib.simulation.sweep import simulate_sweep

LOWEST_PSNR = 45.0  # dB, against fp32
REAL_FRAMES = ("carotid-sweep/sweep_23f.nrrd", "pocus/*.nrrd", "liver-sweep/*.igs.mha")


def psnr(result: np.ndarray, reference: np.ndarray) -> float:
    difference = result.astype(np.float64) - reference
    return float(20 * np.log10(255 / np.sqrt((difference**2).mean())))


@pytest.mark.parametrize("strength", [0.3, 0.5, 0.8, 1.0])
def test_bf16_gives_the_picture_of_fp32_on_simulated_frames(strength: float) -> None:
    frames = simulate_sweep(np.random.default_rng(2), frames=2, size=(160, 128))
    sweep = np.stack([frame.speckled for frame in frames])
    exact = Despeckler(precision="fp32", strength=strength)(sweep)
    assert psnr(sweep, exact) < 35
    assert psnr(Despeckler(precision="bf16", strength=strength)(sweep), exact) >= LOWEST_PSNR


@pytest.mark.parametrize("pattern", REAL_FRAMES)
def test_bf16_gives_the_picture_of_fp32_on_real_frames(shared: Path, pattern: str) -> None:
    frames = open_sweep(next((shared / "data").glob(pattern))).frames
    frame = np.asarray(frames[len(frames) // 2])
    exact = Despeckler(precision="fp32")(frame)
    assert psnr(frame, exact) < LOWEST_PSNR
    assert psnr(Despeckler(precision="bf16")(frame), exact) >= LOWEST_PSNR


def test_the_automatic_precision_is_the_fastest_of_the_device_and_stands_in_the_provenance() -> None:
    despeckler = Despeckler(device="cpu")
    fastest = choose_precision(abilities("cpu"), calibrated=True)
    assert despeckler.engine.precision == fastest
    assert despeckler.provenance()["Precision"] == fastest
    assert Despeckler(device="cpu", precision="fp32").provenance()["Precision"] == "fp32"


def test_a_cpu_that_does_not_compute_in_bf16_takes_fp32(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = {"_is_avx512_bf16_supported": False, "_is_amx_tile_supported": False}
    for name, answer in answers.items():
        monkeypatch.setattr(torch.cpu, name, lambda answer=answer: answer)
    assert fastest_precision("cpu") == "fp32"
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: True)
    assert fastest_precision("cpu") == "bf16"
    assert fastest_precision("cuda:0") == "fp32"


@pytest.mark.parametrize(
    ("can", "calibrated", "chosen"),
    [
        (Abilities(), True, "fp32"),
        (Abilities(int8=True), True, "int8"),
        (Abilities(int8=True), False, "fp32"),
        (Abilities(int8=True, bf16=True), True, "int8"),
        (Abilities(int8=True, bf16=True), False, "bf16"),
        (Abilities(bf16=True, fp16=True), True, "bf16"),
        (Abilities(fp16=True), True, "fp16"),
    ],
)
def test_the_fastest_arithmetic_that_the_device_and_the_model_bear_is_chosen(
    can: Abilities, calibrated: bool, chosen: str
) -> None:
    assert choose_precision(can, calibrated=calibrated) == chosen


def test_a_device_that_pytorch_knows_nothing_of_computes_in_fp32() -> None:
    assert abilities("mps") == Abilities()
    if not torch.cuda.is_available():
        assert abilities("cuda:0") == Abilities()


def test_networks_whose_norms_enlarge_rounding_stay_in_fp32(a_model: str) -> None:
    assert Despeckler(a_model).engine.precision == "fp32"
    assert Despeckler(a_model, preset="published").engine.precision == "fp32"
    assert Despeckler(a_model, precision="bf16").engine.precision == "bf16"


def test_despeckling_and_segmenting_take_the_same_automatic_precision(a_lumen_model: Path) -> None:
    assert Segmenter(a_lumen_model, "cpu").engine.precision == fastest_precision("cpu")


def test_an_engine_that_leaves_the_gpu_takes_the_fastest_precision_of_the_cpu() -> None:
    engine = Engine(Despeckler().model.network(), "cpu")
    engine.precision = "fp32"
    engine._move("cpu")
    assert engine.precision == fastest_precision("cpu")
