"""``speckle2self train-segmentation``: from files to a model that segments, what it says, and what it refuses."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from labelled_samples import a_training, labelled_frames, quick
from Speckle2SelfLib.__main__ import main
from Speckle2SelfTrainingLib.segmentation import load_segmentation_model
from Speckle2SelfTrainingLib.segmentation.training import save_segmentation_model

QUICK = ["--steps", "2", "--batch-size", "2", "--crop", "32", "--device", "cpu", "--validate-every", "1"]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Two subjects, each a sweep with a label map."""
    import nrrd

    for number in (1, 2):
        folder = tmp_path / "data" / f"S0{number}"
        folder.mkdir(parents=True)
        for name, frames in zip(("sweep", "sweep_mask"), labelled_frames(3, seed=number), strict=True):
            nrrd.write(str(folder / f"{name}.nrrd"), np.ascontiguousarray(frames.transpose(2, 1, 0)))
    return tmp_path / "data"


@pytest.fixture
def small_model(tmp_path: Path) -> str:
    """A bundle with a small network, to continue from."""
    training = a_training(tmp_path / "small run", quick(steps=1))
    return str(save_segmentation_model(training, training.run(), tmp_path / "small"))


def test_labelled_sweeps_become_a_model(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = tmp_path / "first"
    assert main(["train-segmentation", str(data), str(first), *QUICK]) == 0
    said = capsys.readouterr()
    assert "Training on 3 frames: sweep.nrrd" in said.err
    assert "Step 2 of 2" in said.err
    assert "held-out Dice" in said.err
    assert "Wrote" in said.out
    model = load_segmentation_model(first)
    assert model.name == "first"
    assert (tmp_path / "first-training" / "curves.png").is_file()


def test_a_model_is_continued_from_with_corrected_frames(
    data: Path, tmp_path: Path, small_model: str, capsys: pytest.CaptureFixture[str]
) -> None:
    second = tmp_path / "second"
    corrected = f"patient:{data / 'S01' / 'sweep.nrrd'}={data / 'S01' / 'sweep_mask.nrrd'}"
    assert main(["train-segmentation", corrected, str(second), "--model", small_model, *QUICK]) == 0
    assert "The Dice of the 3 frames learned from went from" in capsys.readouterr().out
    model = load_segmentation_model(second)
    assert model.name == "second"
    assert model.metadata["speckle2self"]["base"]["name"] == "small"
    assert model.metadata["speckle2self"]["subjects"]["training"] == ["patient"]
    assert model.metadata["speckle2self"]["training"]["learning_rate"] < 1e-3
    assert model.metadata["speckle2self"]["training"]["blend"] < 1


def test_leaving_one_out_prints_and_keeps_a_table(
    data: Path, tmp_path: Path, small_model: str, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--leave-one-out", "--model", small_model, *QUICK]
    assert main(["train-segmentation", str(data), str(tmp_path / "table"), *options]) == 0
    said = capsys.readouterr()
    assert "1 of 2: without S01" in said.err
    assert said.out.startswith("| subject | frames | Dice |")
    assert said.out == (tmp_path / "table" / "subjects.md").read_text()


def test_nonsense_is_refused_in_one_sentence(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = str(tmp_path / "model")
    for options, words in (
        (["--crop", "33"], "multiple of 32"),
        (["--validation", str(data / "S01")], "'S01' is both trained on and validated on"),
        (["--model", "nonsense"], "nonsense"),
        (["--leave-one-out", "--validation", str(data)], "leave --validation out"),
        (["--blend", "0.5"], "need a model to start from"),
        (["--negatives", str(tmp_path / "nowhere")], "does not exist"),
    ):
        assert main(["train-segmentation", str(data), output, *QUICK, *options]) == 1
        assert words in capsys.readouterr().err
    assert not Path(output).exists()
    assert not Path(f"{output}-training").exists()


def test_without_monai_nothing_is_made_and_it_is_said_as_when_segmenting(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "monai", None)
    assert main(["train-segmentation", str(data), str(tmp_path / "model"), *QUICK]) == 1
    assert "Segmentation needs the Python package 'monai'" in capsys.readouterr().err
    assert list(tmp_path.glob("model*")) == []
