"""The measures on frames whose answer is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage
from Speckle2SelfTrainingLib import measures


def test_equivalent_looks_and_contrast_of_known_noise() -> None:
    rng = np.random.default_rng(0)
    frame = np.concatenate([rng.normal(100, 10, (80, 80)), rng.normal(40, 10, (80, 80))])
    tissue, lumen = (0, 0, 80, 80), (80, 0, 80, 80)
    assert measures.equivalent_looks(frame, tissue) == pytest.approx(100, rel=0.06)
    assert measures.contrast_to_noise(frame, tissue, lumen) == pytest.approx(60 / np.sqrt(200), rel=0.05)
    assert measures.equivalent_looks(np.full((9, 9), 5.0), (0, 0, 9, 9)) == float("inf")


def test_edges_kept_is_one_for_the_input_falls_with_blur_and_ignores_gain() -> None:
    frame = np.zeros((120, 120))
    frame[30:90, 30:90] = 100
    frame = ndimage.gaussian_filter(frame, 1) + 20
    assert measures.edges_kept(frame, frame) == pytest.approx(1)
    assert measures.edges_kept(3 * frame, frame) == pytest.approx(1)
    blurred = ndimage.gaussian_filter(frame, 4)
    assert measures.edges_kept(blurred, frame, 3.0) < 0.85
    assert measures.edges_kept(blurred, frame, 1.0) < measures.edges_kept(blurred, frame, 3.0)


def test_homogeneity_of_a_flat_frame_is_one_and_of_a_checkerboard_follows_the_definition() -> None:
    assert measures.homogeneity(np.full((20, 20), 9, np.uint8)) == pytest.approx(1)
    board = (np.indices((20, 20)).sum(0) % 2 * 10).astype(np.uint8)
    assert measures.homogeneity(board) == pytest.approx(1 / (1 + 10**2))


def test_measures_with_truth_reward_the_truth() -> None:
    truth = np.random.default_rng(1).integers(0, 255, (64, 64), dtype=np.uint8)
    noisy = np.clip(truth + np.random.default_rng(2).normal(0, 20, truth.shape), 0, 255).astype(np.uint8)
    assert measures.ssim(truth, truth, 255) == pytest.approx(1)
    assert measures.psnr(noisy, truth, 255) == pytest.approx(10 * np.log10(255**2 / 20**2), abs=0.6)


def test_the_flattest_box_lies_in_the_flat_part() -> None:
    frame = np.random.default_rng(0).normal(100, 5, (128, 128))
    frame[:, :64] += 60 * np.sin(np.arange(64) / 4)
    row, column, height, width = measures.flattest_box(frame)
    assert column >= 56
    assert (height, width) == (24, 24)
    assert 0 <= row <= 104


def test_the_published_input_frames_measure_as_published(shared: Path) -> None:
    import json

    from PIL import Image, ImageSequence

    folder = shared / "data" / "published-carotid-comparison"
    boxes = json.loads((folder / "boxes.json").read_text())
    looks, contrasts = [], []
    for number in (1, 2, 3):
        with Image.open(folder / f"Input_0{number}.gif") as gif:
            frames = [np.array(frame.convert("L")) for frame in ImageSequence.Iterator(gif)]
        for index, frame in enumerate(frames):
            key = f"{number}.{index}"
            if key not in boxes["tissue"]:
                continue
            tissue, lumen = (
                (row, column, height, width)
                for column, row, width, height in (boxes["tissue"][key], boxes["lumen"][key])
            )
            looks.append(measures.equivalent_looks(frame, tissue))
            contrasts.append(measures.contrast_to_noise(frame, tissue, lumen))
    assert np.mean(looks) == pytest.approx(8.9, abs=0.05)
    assert np.mean(contrasts) == pytest.approx(2.36, abs=0.01)
