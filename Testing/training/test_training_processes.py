"""Two processes of torchrun train as one does."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from Speckle2SelfLib.errors import SettingsError
from Speckle2SelfTrainingLib.training.distributed import Team
from training_support import REPOSITORY, a_training, quick

# Instance norm over the few places that small crops leave would blow rounding errors up.
SETTINGS = {
    "steps": 5,
    "batch_size": 4,
    "learning_rate": 1e-4,
    "precision": "fp32",  # the order in which parts are added up must not show
    "scales": (1.0, 0.5),
    "network": {"feature_norm": False, "output_norm": False, "output_relu": False},
}
SCRIPT = """
import json, sys
from pathlib import Path
import torch
sys.path.insert(0, str(Path({repository!r}) / "Testing" / "training"))
from training_support import a_training, quick
torch.set_num_threads(1)
training = a_training(Path(sys.argv[1]), quick(**json.loads({settings!r})))
training.run()
training.team.leave()
threads = [path.read_text().strip() for path in Path("/proc/self/task").glob("*/comm")]
if any("gloo" in name for name in threads):
    sys.exit(f"threads of the communication outlive it: {{threads}}")
"""


def losses_in(folder: Path, name: str) -> list[float]:
    with open(folder / "curves.csv", newline="") as file:
        return [float(row[name]) for row in csv.DictReader(file) if row[name]]


def test_two_processes_have_the_loss_curve_of_one(tmp_path: Path) -> None:
    script = tmp_path / "train.py"
    script.write_text(SCRIPT.format(repository=str(REPOSITORY), settings=json.dumps(SETTINGS)))
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    done = subprocess.run([*launcher, str(script), str(tmp_path / "two")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    a_training(tmp_path / "one", quick(**SETTINGS)).run()
    for name, tolerance in (("loss", 2e-3), ("reconstruction", 2e-3), ("consistency", 1e-2), ("validation_loss", 1e-2)):
        one, two = losses_in(tmp_path / "one", name), losses_in(tmp_path / "two", name)
        assert len(one) == len(two) > 0
        np.testing.assert_allclose(two, one, rtol=tolerance, err_msg=name)


def test_a_batch_that_cannot_be_shared_is_refused() -> None:
    with pytest.raises(SettingsError, match="multiple of the 2 processes"):
        Team(0, 2, "cpu").check_batch(3)
