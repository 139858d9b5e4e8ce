"""``speckle2self train``: from files to a bundle, interruption, and what it refuses."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from Speckle2SelfLib.__main__ import main
from Speckle2SelfLib.bundle import load_bundle
from training_support import a_sweep

QUICK = ["--steps", "2", "--batch-size", "2", "--crop", "32", "--device", "cpu", "--validate-every", "1"]


@pytest.fixture
def sweep(tmp_path: Path) -> str:
    import nrrd

    path = tmp_path / "sweep.nrrd"
    nrrd.write(str(path), np.ascontiguousarray(a_sweep().transpose(2, 1, 0)))
    return str(path)


def test_a_file_becomes_a_model_that_despeckles(tmp_path: Path, sweep: str, capsys: pytest.CaptureFixture[str]) -> None:
    model, result = tmp_path / "model", tmp_path / "result.nrrd"
    assert main(["train", sweep, str(model), *QUICK, "--scales", "1,0.5", "--network", "skips,residual"]) == 0
    said = capsys.readouterr()
    assert "Training on 4 frames: sweep.nrrd [0:4]" in said.err
    assert "Step 2 of 2" in said.err
    assert main(["despeckle", sweep, str(result), "--model", str(model)]) == 0
    bundle = load_bundle(model)
    assert (bundle.name, bundle.encoders) == ("model", 2)
    assert bundle.options.skips
    assert not bundle.options.feature_norm
    assert (tmp_path / "model-training" / "curves.png").is_file()


def test_an_output_that_exists_and_a_missing_input_are_refused(
    tmp_path: Path, sweep: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "model").mkdir()
    assert main(["train", sweep, str(tmp_path / "model")]) == 1
    assert "'model' exists already" in capsys.readouterr().err
    assert main(["train", "nowhere.nrrd", str(tmp_path / "other")]) == 1
    assert "does not exist" in capsys.readouterr().err
    assert main(["train", sweep, str(tmp_path / "other"), "--validation", sweep]) == 1
    assert "is also trained on" in capsys.readouterr().err
    assert main(["train", sweep, str(tmp_path / "other"), "--crop", "33"]) == 1
    assert "multiple of 16" in capsys.readouterr().err
    assert not (tmp_path / "other-training").exists()


def test_ctrl_c_saves_a_checkpoint_and_says_how_to_go_on(tmp_path: Path, sweep: str) -> None:
    command = [sys.executable, "-m", "Speckle2SelfLib", "train", sweep, str(tmp_path / "model"), *QUICK]
    command[command.index("--steps") + 1] = "5000"
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        lines = []
        for line in process.stderr:
            lines.append(line)
            if line.startswith("Step 2 "):
                os.kill(process.pid, signal.SIGINT)
                break
        said = "".join(lines) + process.stderr.read()
    assert process.returncode in (130, -signal.SIGINT)
    assert "give the same command again" in said
    assert (tmp_path / "model-training" / "last.pt").is_file()
    assert not (tmp_path / "model").exists()
    command[command.index("--steps") + 1] = "4"
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "Going on after step" in done.stderr
    assert done.returncode == 0
    assert load_bundle(tmp_path / "model").metadata["speckle2self"]["training"]["trained_steps"] >= 4
