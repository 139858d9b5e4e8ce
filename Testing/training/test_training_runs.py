"""A training learns, is validated, stops, resumes exactly, survives trouble, and leaves a bundle that works."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from Speckle2SelfLib.bundle import load_bundle
from Speckle2SelfLib.despeckler import Despeckler
from Speckle2SelfLib.errors import Cancelled, InputError, OutputError, SettingsError
from Speckle2SelfTrainingLib.training import (
    FrameSource,
    Training,
    TrainingProgress,
    adaptation_settings,
    save_trained,
    split_sources,
)
from training_support import REPOSITORY, a_sweep, a_training, losses_of, quick

SCRIPT = """
import sys
from pathlib import Path
sys.path.insert(0, str(Path({repository!r}) / "Testing" / "training"))
from training_support import a_training, quick
training = a_training(Path(sys.argv[1]), quick(steps=6, save_every=2, validate_every=3, scales=(1,)))
training.run(lambda progress: print(progress.step, flush=True))
"""


def rows_of(folder: Path) -> list[dict[str, str]]:
    with open(folder / "curves.csv", newline="") as file:
        return list(csv.DictReader(file))


def test_a_training_lowers_its_loss_and_leaves_a_bundle_that_despeckles(tmp_path: Path) -> None:
    told: list[TrainingProgress] = []
    training = a_training(tmp_path / "run", quick(steps=16, validate_every=8, augmentation={}))
    result = training.run(told.append)
    losses = [row["loss"] or 0.0 for row in result.curves]
    assert np.mean(losses[-4:]) < 0.8 * np.mean(losses[:4])
    assert (result.steps, result.stopped, result.best_step) == (16, "steps", 16)
    assert [progress.step for progress in told] == list(range(1, 17))
    assert told[7].validation_loss is not None
    assert told[7].preview is not None
    assert told[7].preview[0].shape == told[7].preview[1].shape
    assert told[6].validation_loss is None
    assert told[-1].seconds_left == 0
    bundle = save_trained(training, result, tmp_path / "model", "my machine")
    despeckled = Despeckler(bundle)(a_sweep(2))
    assert despeckled.shape == (2, 48, 64)
    assert len(rows_of(tmp_path / "run")) == 16
    assert (tmp_path / "run" / "curves.png").stat().st_size > 5000


def test_the_metadata_says_everything_and_names_no_folder(tmp_path: Path) -> None:
    import nrrd

    path = tmp_path / "patient sweep.nrrd"
    nrrd.write(str(path), np.ascontiguousarray(a_sweep().transpose(2, 1, 0)))
    settings = quick(steps=2, validate_every=1)
    training = Training(settings, *split_sources([FrameSource.from_path(path)]), tmp_path / "run", device="cpu")
    save_trained(training, training.run(), tmp_path / "model")
    bundle = load_bundle(tmp_path / "model")
    section = bundle.metadata["speckle2self"]
    assert section["training"]["trained_steps"] == 2
    assert section["training"]["scales"] == [1.0, 0.5, 0.25]
    (source,) = section["sources"]["training"]
    assert source["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (source["name"], source["frames"]) == ("patient sweep.nrrd [0:4]", 4)
    assert section["trained"]["curves"][-1]["step"] == 2
    assert section["versions"]["torch"]
    assert str(tmp_path) not in json.dumps(bundle.metadata)
    assert bundle.encoders == 3


def test_a_killed_training_resumes_exactly(tmp_path: Path) -> None:
    settings = quick(steps=6, save_every=2, validate_every=3, scales=(1,))
    expected = losses_of(a_training(tmp_path / "whole", settings.replace(save_every=100)))
    script = SCRIPT.format(repository=str(REPOSITORY))
    with subprocess.Popen([sys.executable, "-c", script, str(tmp_path / "killed")], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if int(line) == 4:
                os.kill(process.pid, signal.SIGKILL)
                break
    resumed = a_training(tmp_path / "killed", settings)
    assert 0 < resumed.step < 6
    result = resumed.run()
    assert [row["loss"] for row in result.curves] == expected
    assert [row["step"] for row in result.curves] == list(range(1, 7))
    assert not list((tmp_path / "killed").glob(".*"))
    assert rows_of(tmp_path / "killed")[5]["loss"] == str(expected[5])


def test_a_cancelled_training_goes_on_exactly_with_its_average_and_its_best(tmp_path: Path) -> None:
    settings = quick(steps=6, validate_every=2, average=0.5, schedule="cosine", clip=1.0, scales=(1,))
    whole = a_training(tmp_path / "whole", settings)
    expected = whole.run()
    with pytest.raises(Cancelled, match="after step 3 of 6"):
        a_training(tmp_path / "parts", settings).run(lambda progress: progress.step < 3)
    resumed = a_training(tmp_path / "parts", settings)
    assert resumed.step == 3
    result = resumed.run()
    for name in ("loss", "validation_loss", "learning_rate"):
        assert [row[name] for row in result.curves] == [row[name] for row in expected.curves]
    assert (result.best_step, result.best_loss) == (expected.best_step, expected.best_loss)
    for one, other in zip(whole.best_network().parameters(), resumed.best_network().parameters(), strict=True):
        assert one.equal(other)


def test_a_folder_with_another_training_is_refused(tmp_path: Path) -> None:
    a_training(tmp_path, quick(steps=1, scales=(1,))).run()
    with pytest.raises(SettingsError, match=r"learning_rate 0\.001, not 0\.01"):
        a_training(tmp_path, quick(steps=1, scales=(1,), learning_rate=0.01))
    other = FrameSource.from_array("sweep", a_sweep(seed=5))
    with pytest.raises(InputError, match="other frames"):
        Training(quick(steps=1, scales=(1,)), *split_sources([other]), tmp_path, device="cpu")
    assert a_training(tmp_path, quick(steps=2, scales=(1,))).step == 1
    (tmp_path / "last.pt").write_bytes(b"damaged")
    with pytest.raises(InputError, match="damaged"):
        a_training(tmp_path, quick(steps=1, scales=(1,)))


def test_a_training_without_progress_stops_early_and_one_without_time_too(tmp_path: Path) -> None:
    # So large a rate throws the weights about: soon no validation is better than the best before.
    settings = quick(steps=50, learning_rate=0.3, validate_every=1, patience=2, scales=(1,))
    result = a_training(tmp_path / "patience", settings).run()
    assert result.stopped == "patience"
    assert result.steps - result.best_step == 2
    late = a_training(tmp_path / "minutes", quick(steps=50, minutes=0.001, validate_every=50, scales=(1,))).run()
    assert late.stopped == "minutes"
    assert late.steps < 50
    assert late.best_loss is not None


def test_a_full_disk_is_said_in_one_sentence_and_the_last_checkpoint_stays(tmp_path: Path) -> None:
    settings = quick(steps=2, save_every=1, validate_every=2, scales=(1,))
    training = a_training(tmp_path, settings)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill(progress: TrainingProgress) -> None:
        if progress.step == 2:
            resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, limits[1]))

    try:
        with pytest.raises(OutputError, match="disk is full"):
            training.run(fill)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert not list(tmp_path.glob(".*"))
    assert a_training(tmp_path, settings).step == 1


def test_a_batch_in_parts_has_the_gradient_of_the_whole(tmp_path: Path) -> None:
    # Instance norm over the few places of a small crop would blow rounding errors up.
    network = {"feature_norm": False, "output_norm": False, "output_relu": False}
    settings = quick(steps=3, batch_size=4, scales=(1, 0.5), learning_rate=1e-4, network=network, precision="fp32")
    whole = losses_of(a_training(tmp_path / "whole", settings))
    parted = a_training(tmp_path / "parts", settings)
    parted.loop._part = 3
    np.testing.assert_allclose(losses_of(parted), whole, rtol=2e-3)


MEMORY_SCRIPT = """
import resource, sys
from pathlib import Path
sys.path.insert(0, str(Path({repository!r}) / "Testing" / "training"))
import torch
torch.set_num_threads(1)
from training_support import a_training, quick
training = a_training(Path(sys.argv[1]), quick(steps=1, batch_size=16, crop=256, scales=(1,), precision="fp32"))
used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 750 * 2**20,) * 2)
losses = training.loop.advance()
print(losses["loss"], training.loop.notes)
"""


@pytest.mark.skipif(not Path("/proc/self/statm").is_file(), reason="the memory of a process is limited on Linux only")
def test_a_batch_too_large_for_the_memory_is_halved(tmp_path: Path) -> None:
    script = MEMORY_SCRIPT.format(repository=str(REPOSITORY))
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=False)
    assert "batch halved to parts of 8" in done.stdout, done.stdout + done.stderr[-2000:]


def test_precisions_are_checked_against_the_device(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="fp16"):
        a_training(tmp_path / "fp16", quick(precision="fp16"))
    half, full = (
        losses_of(a_training(tmp_path / name, quick(steps=1, precision=name, scales=(1,)))) for name in ("bf16", "fp32")
    )
    assert half != full
    np.testing.assert_allclose(half, full, rtol=0.05)


def test_a_loss_that_explodes_is_said(tmp_path: Path) -> None:
    training = a_training(tmp_path, quick(steps=2))
    with torch.no_grad():
        next(training.loop.network.parameters()).fill_(float("nan"))
    with pytest.raises(SettingsError, match="smaller learning rate"):
        training.run()


@pytest.mark.parametrize(
    "changes",
    [
        {"antialias": True},
        {"shifted": True},
        {"scale_jitter": 0.2},
        {"gradient_weight": 1.0},
        {"edge_weight": 4.0},
        {"normalize": "sweep"},
        {"network": {"feature_norm": False, "output_norm": False, "output_relu": False, "skips": True}},
        {"scales": (1.0, 0.5)},
        {"scales": (1.0,)},
        {"shared_encoder": True},
        {"reconstruction": "l1", "consistency": "mse"},
        {"fit": "crop"},
    ],
    ids=lambda changes: ",".join(changes),
)
def test_every_switch_changes_the_training(tmp_path: Path, changes: dict[str, Any]) -> None:
    plain = a_training(tmp_path / "plain", quick(steps=1)).loop.advance()
    switched = a_training(tmp_path / "switched", quick(steps=1, **changes)).loop.advance()
    assert np.isfinite(switched["loss"])
    assert switched["loss"] != plain["loss"]


def test_real_frames_and_simulated_pairs_are_joined(tmp_path: Path) -> None:
    sources = [FrameSource.from_array("sweep", a_sweep(5, (96, 96))), FrameSource.simulated(3)]
    settings = quick(steps=1, fit="crop", normalize="sweep", batch_size=4, supervised_weight=1.0, match_grain=True)
    training = Training(settings, *split_sources(sources), tmp_path, device="cpu")
    assert (len(training.store.real), len(training.store.paired)) == (4, 2)
    batch = training.loop._batches.make(0)
    assert batch.paired.tolist() == [0, 1, 0, 1]
    losses = training.run().curves[0]
    assert (losses["supervised"] or 0) > 0
    assert (losses["consistency"] or 0) > 0


@pytest.mark.parametrize("base", ["default", "checkpoint"])
def test_a_bundle_and_a_checkpoint_of_the_authors_are_adapted(tmp_path: Path, base: str, a_model: str) -> None:
    settings = adaptation_settings(steps=2, crop=32, batch_size=2, validate_every=2, simulated_frames=2)
    training = a_training(tmp_path / "run", settings, base=a_model if base == "checkpoint" else base)
    assert (len(training.store.real), len(training.store.paired)) == (4, 2)
    result = training.run()
    assert all((row["supervised"] or 0) > 0 for row in result.curves)
    assert all((row["teacher"] or 0) >= 0 for row in result.curves)
    save_trained(training, result, tmp_path / "model")
    bundle = load_bundle(tmp_path / "model")
    told = bundle.metadata["speckle2self"]["base"]
    assert told["sha256"] == load_bundle(a_model if base == "checkpoint" else base).sha256
    assert bundle.options == load_bundle(a_model if base == "checkpoint" else base).options
    assert Despeckler(tmp_path / "model")(a_sweep(1)[0]).shape == (48, 64)


def test_a_checkpoint_with_one_encoder_can_be_trained_on_with_three(tmp_path: Path, a_model: str) -> None:
    training = a_training(tmp_path, quick(steps=1), base=a_model)
    assert any("copies" in note for note in training.notes)
    state = training.loop.network.state_dict()
    name = "conv_block_1.conv.weight"
    assert state[f"encoder_lowRes.{name}"].equal(state[f"encoder_highRes.{name}"])
    assert np.isfinite(training.run().curves[0]["loss"])


def test_an_output_that_exists_is_not_replaced(tmp_path: Path) -> None:
    training = a_training(tmp_path / "run", quick(steps=1))
    result = training.run()
    save_trained(training, result, tmp_path / "model")
    with pytest.raises(OutputError, match="exists already"):
        save_trained(training, result, tmp_path / "model")
