"""Two processes of torchrun train as one does."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from Speckle2SelfLib.errors import SettingsError
from Speckle2SelfTrainingLib.training import FrameSource, Training, split_sources
from Speckle2SelfTrainingLib.training.distributed import Team
from training_support import REPOSITORY, a_sweep, quick

SCRIPT = """
import sys
from pathlib import Path
import torch
sys.path.insert(0, str(Path({repository!r}) / "Testing" / "training"))
from training_support import a_training, quick
torch.set_num_threads(1)
training = a_training(Path(sys.argv[1]), quick(steps=6, batch_size=4, learning_rate=1e-4, validate_every=3))
training.run()
training.team.leave()
"""


def run_processes(script: Path, folder: Path, count: int) -> list[dict[str, str]]:
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={count}"]
    done = subprocess.run([*launcher, str(script), str(folder)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    with open(folder / "curves.csv", newline="") as file:
        return list(csv.DictReader(file))


def test_two_processes_have_the_loss_curve_of_one(tmp_path: Path) -> None:
    script = tmp_path / "train.py"
    script.write_text(SCRIPT.format(repository=str(REPOSITORY)))
    one, two = (run_processes(script, tmp_path / str(count), count) for count in (1, 2))
    assert len(one) == len(two) == 6
    for name in ("loss", "reconstruction", "consistency"):
        np.testing.assert_allclose(
            [float(row[name]) for row in two], [float(row[name]) for row in one], rtol=5e-3, err_msg=name
        )
    assert float(two[5]["validation_loss"]) == pytest.approx(float(one[5]["validation_loss"]), rel=0.02)


def test_a_batch_that_cannot_be_shared_is_refused() -> None:
    with pytest.raises(SettingsError, match="multiple of the 2 processes"):
        Team(0, 2, "cpu").check_batch(3)
    source = FrameSource.from_array("sweep", a_sweep())
    assert Training is not None
    assert len(split_sources([source])[0]) == 1
    assert quick().batch_size % 2 == 0
