"""A segmentation training learns, stops, resumes exactly, and leaves a bundle that segments."""

from __future__ import annotations

import csv
import json
import os
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from labelled_samples import SPACING, a_source, a_training, labelled_frames, losses_of, quick, train_on
from Speckle2SelfLib.errors import Cancelled, InputError, OutputError, SettingsError
from Speckle2SelfTrainingLib.segmentation import Segmenter, load_segmentation_model
from Speckle2SelfTrainingLib.segmentation.training import (
    LabelledSource,
    SegmentationProgress,
    SegmentationTraining,
    adaptation_settings,
    save_segmentation_model,
    split_by_subject,
)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[SegmentationTraining, Path, list[SegmentationProgress]]:
    """A training that has learned what a lumen is, its bundle, and what it told."""
    folder, told = tmp_path_factory.mktemp("trained"), list[SegmentationProgress]()
    settings = quick(steps=40, validate_every=20, learning_rate=0.01, batch_size=4, crop=64, average=0.5)
    training = a_training(folder / "run", settings)
    result = training.run(told.append)
    return training, save_segmentation_model(training, result, folder / "model", "phantom"), told


def test_a_training_learns_the_lumen_of_another_subject(trained: Any) -> None:
    training, _, told = trained
    assert [progress.step for progress in told] == list(range(1, 41))
    assert told[-1].validation_dice > 0.9
    assert told[-1].validation_loss == pytest.approx(1 - told[-1].validation_dice)
    assert told[-1].loss < 0.5 * told[0].loss
    before, after = told[-1].preview
    assert before.shape == after.shape == (64, 64)
    assert (after != before).any()
    assert told[0].validation_dice is None
    assert told[-1].seconds_left == 0
    with open(training.folder / "curves.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 40
    assert float(rows[-1]["validation_dice"]) == told[-1].validation_dice
    assert (training.folder / "curves.png").stat().st_size > 5000


def test_the_bundle_segments_and_says_everything_but_no_folder(trained: Any, tmp_path: Path) -> None:
    training, bundle, _ = trained
    frames, masks = labelled_frames(2, seed=9)
    found = Segmenter(bundle, device="cpu")(frames, SPACING)
    dice = 2 * (found * masks).sum() / (found.sum() + masks.sum())
    assert dice > 0.85
    metadata = load_segmentation_model(bundle).metadata
    section = metadata["speckle2self"]
    assert section["training"]["trained_steps"] == 40
    assert section["subjects"] in (
        {"training": ["S1"], "validation": ["S2"]},
        {"training": ["S2"], "validation": ["S1"]},
    )
    (source,) = section["sources"]["training"]
    assert (source["frames"], source["frames_with_lumen"], source["size"]) == (4, 4, [64, 64])
    assert len(source["sha256"]) == 64
    assert section["trained"]["curves"][-1]["step"] == 40
    assert metadata["eval_metrics"]["mean_dice"] > 0.9
    assert str(training.folder.parent) not in json.dumps(metadata)
    with pytest.raises(OutputError, match="exists already"):
        save_segmentation_model(training, training.run(), bundle)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes of POSIX")
def test_a_killed_training_resumes_exactly(tmp_path: Path) -> None:
    settings = quick(steps=6, save_every=2, validate_every=3, average=0.5)
    whole = a_training(tmp_path / "whole", settings.replace(save_every=100))
    expected = losses_of(whole)
    # A copy of this process, which has loaded everything already, is killed when it reports step 5.
    process = os.fork()
    if process == 0:
        try:
            a_training(tmp_path / "killed", settings).run(_kill_at_step_5)
        finally:
            os._exit(1)
    assert os.WTERMSIG(os.waitpid(process, 0)[1]) == signal.SIGKILL
    resumed = a_training(tmp_path / "killed", settings)
    assert resumed.step == 4
    result = resumed.run()
    assert [row["loss"] for row in result.curves] == expected
    assert not list((tmp_path / "killed").glob(".*"))
    for one, other in zip(whole.best_network().parameters(), resumed.best_network().parameters(), strict=True):
        assert one.equal(other)


def _kill_at_step_5(progress: SegmentationProgress) -> None:
    if progress.step == 5:
        os.kill(os.getpid(), signal.SIGKILL)


def test_a_cancelled_training_goes_on_and_another_one_is_refused(tmp_path: Path) -> None:
    settings = quick(steps=4, validate_every=2)
    with pytest.raises(Cancelled, match="after step 3 of 4"):
        a_training(tmp_path, settings).run(lambda progress: progress.step < 3)
    assert a_training(tmp_path, settings).step == 3
    with pytest.raises(SettingsError, match=r"learning_rate 0\.001, not 0\.01"):
        a_training(tmp_path, settings.replace(learning_rate=0.01))
    with pytest.raises(InputError, match="other frames or masks"):
        a_training(tmp_path, settings, [a_source("S1", seed=5), a_source("S2", seed=6)])
    with pytest.raises(InputError, match="another network"):
        a_training(tmp_path, settings, network_def=None)


def test_batches_made_beforehand_change_nothing(tmp_path: Path) -> None:
    expected = losses_of(a_training(tmp_path / "now"))
    assert losses_of(a_training(tmp_path / "before", quick(prefetch=True))) == expected


def test_a_batch_too_large_for_the_memory_is_halved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    training = a_training(tmp_path, quick(steps=1))
    forward, network = training.loop.network.forward, training.loop.network

    def forward_of_one(images: torch.Tensor) -> torch.Tensor:
        if network.training and len(images) > 1:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return forward(images)

    monkeypatch.setattr(network, "forward", forward_of_one)
    result = training.run()
    assert any("batch halved to parts of 1" in note for note in result.notes)
    assert np.isfinite(result.curves[0]["loss"])


def test_without_held_out_frames_the_last_weights_are_kept(tmp_path: Path) -> None:
    sources = [a_source()]
    with pytest.raises(InputError, match="hold some out, or set keep to 'last'"):
        train_on(tmp_path / "best", sources, [])
    training = train_on(tmp_path / "last", sources, [], quick(keep="last", steps=2))
    result = training.run()
    assert (result.best_step, result.best_loss) == (2, None)
    kept, last = training.best_network().state_dict(), training.loop.weights
    assert all(kept[name].equal(last[name]) for name in last)


def test_a_base_that_stays_better_is_kept(trained: Any, tmp_path: Path) -> None:
    _, bundle, _ = trained
    harmful = quick(steps=2, validate_every=1, learning_rate=1.0, average=0.0, clip=None)
    result = a_training(tmp_path, harmful, base=bundle).run()
    assert result.best_step == 0
    assert "Dice of the held-out frames went from" in result.notes[-1]
    spoiled = a_training(tmp_path / "last", harmful.replace(keep="last"), base=bundle).run()
    assert "Dice of the held-out frames fell from" in spoiled.notes[-1]
    with pytest.raises(SettingsError, match="need a model to start from"):
        a_training(tmp_path / "none", quick(base_weight=1.0))


def test_what_is_saved_can_be_drawn_to_the_base(trained: Any, tmp_path: Path) -> None:
    _, bundle, _ = trained
    base = load_segmentation_model(bundle).network().state_dict()
    settings = quick(steps=2, average=0.0, keep="last", freeze_norm=True)
    whole, half = (
        a_training(tmp_path / str(blend), settings.replace(blend=blend), base=bundle) for blend in (1.0, 0.5)
    )
    assert losses_of(whole) == losses_of(half)
    full, drawn = whole.best_network().state_dict(), half.best_network().state_dict()
    weights = [name for name, value in full.items() if value.is_floating_point()]
    assert any(not full[name].equal(base[name]) for name in weights)
    assert all(drawn[name].allclose((full[name] + base[name]) / 2, atol=1e-6) for name in weights)
    statistics = [name for name in weights if "running" in name]
    assert statistics
    assert all(full[name].equal(base[name]) for name in statistics)


def test_frames_without_a_label_keep_the_answers_of_the_base(trained: Any, tmp_path: Path) -> None:
    _, bundle, _ = trained
    frames, masks = labelled_frames(4, seed=4)
    masks[2:] = 255
    source = LabelledSource.from_arrays("partly corrected", frames, masks, SPACING, subject="S1")
    settings = quick(keep="last", base_weight=0.5, unlabelled_share=0.5, batch_size=16, steps=1)
    (row,) = train_on(tmp_path, [source], [], settings, base=bundle).run().curves
    assert row["base"] > 0
    assert row["loss"] == pytest.approx(row["labelled"] + 0.5 * row["base"])


def test_the_dice_before_is_told_with_the_model(trained: Any, tmp_path: Path) -> None:
    _, bundle, _ = trained
    corrected = a_training(tmp_path / "run", quick(steps=2, learning_rate=1e-6), base=bundle)
    result = corrected.run()
    saved = load_segmentation_model(save_segmentation_model(corrected, result, tmp_path / "model"))
    told = saved.metadata["speckle2self"]["trained"]
    assert told["validation_dice_before"] == pytest.approx(corrected.dice_before, abs=1e-6)
    assert told["validation_dice_before"] > 0.8
    assert told["validation_dice"] >= told["validation_dice_before"]
    assert saved.metadata["speckle2self"]["base"]["sha256"] == load_segmentation_model(bundle).sha256
    assert a_training(tmp_path / "run", quick(steps=2, learning_rate=1e-6), base=bundle).dice_before is not None


def test_a_handful_of_corrected_frames_is_learned_from_entirely(trained: Any, tmp_path: Path) -> None:
    _, bundle, _ = trained
    frames, masks = labelled_frames(3, seed=11)
    corrected = LabelledSource.from_arrays("corrected", 255 - frames, masks, SPACING, subject="S7")
    settings = adaptation_settings(steps=20, validate_every=10, crop=64, learning_rate=0.01, average=0.5, blend=1.0)
    split = split_by_subject([corrected], share=settings.validation_share)
    assert (split.training, split.held_out) == ([corrected], [])
    told: list[SegmentationProgress] = []
    training = train_on(tmp_path / "run", split.training, [], settings, base=bundle)
    result = training.run(told.append)
    assert told[-1].learned_dice > training.dice_before + 0.1
    assert told[-1].validation_dice is None
    assert told[-1].preview is not None
    assert f"Dice of the 3 frames learned from went from {training.dice_before:.3f} to" in result.notes[-1]
    section = load_segmentation_model(save_segmentation_model(training, result, tmp_path / "model")).metadata
    assert section["eval_metrics"] == {}
    assert section["speckle2self"]["trained"]["learned_dice"] == pytest.approx(told[-1].learned_dice, abs=1e-6)
