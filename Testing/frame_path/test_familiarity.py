"""Frames unlike those of a model's training get a warning, with their numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage
from Speckle2SelfLib import Despeckler
from Speckle2SelfLib.bundle import load_bundle
from Speckle2SelfLib.frame_path.familiarity import Familiarity, TrainedOn, ranges
from Speckle2SelfLib.settings import DespeckleSettings

SIZE = (96, 128)


@pytest.fixture(scope="module")
def despeckler() -> Despeckler:
    return Despeckler(device="cpu", precision="fp32")


def speckle(frames: int, sigma: float, seed: int = 3) -> NDArray[np.uint8]:
    """Log-compressed speckle whose grain is about 2.4 sigma, uint8 (N, H, W)."""
    generator = np.random.default_rng(seed)
    made = []
    for _ in range(frames):
        parts = (ndimage.gaussian_filter(generator.standard_normal(SIZE), sigma) for _ in range(2))
        envelope = np.hypot(*parts)
        made.append(255 * (1 + 20 * np.log10(envelope / envelope.max() + 1e-4) / 40))
    return np.clip(made, 0, 255).astype(np.uint8)


def notes_of(despeckler: Despeckler, frames: NDArray[np.uint8]) -> list[str]:
    familiarity = despeckler.familiarity()
    for _ in despeckler.stream(frames, familiarity=familiarity):
        pass
    return familiarity.notes()


def test_frames_like_those_of_the_training_get_no_warning(despeckler: Despeckler) -> None:
    assert notes_of(despeckler, speckle(3, sigma=1.2)) == []


def test_grain_finer_than_the_trainings_is_told_with_its_frames(despeckler: Despeckler) -> None:
    frames = speckle(5, sigma=1.2)
    frames[[1, 2, 4]] = np.random.default_rng(0).integers(0, 250, (3, *SIZE))
    (note,) = notes_of(despeckler, frames)
    assert "speckle grain outside the model's training in 3 of 5 frames (2 to 3, 5, counted from 1)" in note
    assert "trained on 1.26 to 3.62 x 1.67 to 12.5" in note


def test_dark_frames_are_told_with_their_numbers(despeckler: Despeckler) -> None:
    frames = speckle(8, sigma=1.2)
    frames[3] //= 16  # the probe lost contact
    (note,) = [one for one in notes_of(despeckler, frames) if "gray levels" in one]
    assert "in 1 of 8 frames (4, counted from 1)" in note


def test_a_model_that_says_nothing_of_its_training_warns_of_nothing() -> None:
    familiarity = Familiarity(TrainedOn())
    despeckler = Despeckler(device="cpu", precision="fp32")
    frames = np.random.default_rng(0).integers(0, 255, (1, *SIZE)).astype(np.uint8)
    for _ in despeckler.stream(frames, familiarity=familiarity):
        pass
    assert familiarity.notes() == []


def test_looking_changes_no_pixel(despeckler: Despeckler) -> None:
    frames = speckle(2, sigma=1.2)
    plain = [frame for _, frame in despeckler.stream(frames)]
    watched = [frame for _, frame in despeckler.stream(frames, familiarity=despeckler.familiarity())]
    assert all(np.array_equal(one, other) for one, other in zip(plain, watched, strict=True))


def test_frames_that_are_only_copied_get_no_warning(despeckler: Despeckler) -> None:
    frames = np.random.default_rng(0).integers(60, 220, (2, *SIZE)).astype(np.uint8)
    copying = despeckler.with_settings(despeckler.settings.replace(strength=0.0))
    familiarity = copying.familiarity()
    given = copying.stream(frames, statistics=copying.analyze(frames), familiarity=familiarity)
    np.testing.assert_array_equal([frame for _, frame in given], frames)
    assert familiarity.notes() == []


def test_the_published_preset_takes_no_statistics_and_gives_no_warning() -> None:
    despeckler = Despeckler(settings=DespeckleSettings(preset="published", device="cpu"))
    assert notes_of(despeckler, speckle(1, sigma=0.3)) == []


def test_the_shipped_model_says_what_it_was_trained_on() -> None:
    known = load_bundle("default").trained_on
    assert known.grain is not None
    assert known.mean is not None
    assert known.brightest is not None
    assert 0 <= known.mean[0] < known.mean[1] < known.brightest[1]


def test_many_frame_numbers_are_cut_short() -> None:
    assert ranges(dict.fromkeys([0, 1, 2, 6])) == "1 to 3, 7"
    assert ranges(dict.fromkeys(range(0, 40, 2))) == "1, 3, 5, 7, 9, 11, ..."


def test_the_command_line_reports_the_warning(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import json

    from Speckle2SelfLib.__main__ import main

    noise = np.random.default_rng(0).integers(60, 220, (2, *SIZE)).astype(np.uint8)
    import SimpleITK

    SimpleITK.WriteImage(SimpleITK.GetImageFromArray(noise), str(tmp_path / "noise.nrrd"))
    report = tmp_path / "report.json"
    arguments = ["despeckle", str(tmp_path / "noise.nrrd"), str(tmp_path / "out.nrrd"), "--json", str(report)]
    assert main([*arguments, "--device", "cpu"]) == 0
    assert "speckle grain outside the model's training in all 2 frames" in capsys.readouterr().err
    assert "all 2 frames" in json.loads(report.read_text())["results"][0]["notes"][0]
