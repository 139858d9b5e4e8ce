"""The benchmark "Does despeckling help?": its plan, its measures, its intervals and its tables."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Benchmarks"))

from segmentation_study.inputs import (
    EVERY,
    ORIGINAL,
    OURS,
    SUBJECTS,
    Subject,
    block_means,
    filter_subject,
    frame_files,
    load_subject,
    make_filter,
)
from segmentation_study.intervals import estimate, seed_spread
from segmentation_study.plan import FOLDS, MAIN_INPUTS, Run, all_runs, labelled_frames
from segmentation_study.quality import Quality, measure
from segmentation_study.results import (
    DICE,
    HAUSDORFF,
    Record,
    append_record,
    differences,
    read_records,
    run_of,
    scores,
    to_record,
)
from segmentation_study.table import make_rows, report

Mask = NDArray[np.bool_]
FOUR = {"S01": 50, "S02": 50, "S03": 50, "S04": 50}


def a_disc(row: int, column: int, radius: float) -> Mask:
    rows, columns = np.indices((120, 140))
    return (rows - row) ** 2 + (columns - column) ** 2 <= radius**2


def a_record(run: Run, values: dict[str, list[float]], exams: dict[str, list[str]]) -> Record:
    quality = {
        subject: [Quality(dice, float("nan") if dice == 0 else 10 * (1 - dice), 100 * (1 - dice)) for dice in row]
        for subject, row in values.items()
    }
    return to_record(run, quality, exams, settings={}, seconds=1.0)


def records_of(run: Run, gain: float = 0.0) -> Record:
    """A run whose Dice differs by subject, exam and seed, and by `gain`."""
    values, exams = {}, {}
    for subject in run.test_subjects:
        base = 0.8 + 0.02 * SUBJECTS.index(subject) + 0.01 * run.seed + gain
        values[subject] = [base, base + 0.01, base + 0.04, base + 0.05]
        exams[subject] = ["first", "first", "second", "second"]
    return a_record(run, values, exams)


def test_no_subject_is_trained_and_tested_on() -> None:
    for run in all_runs():
        assert not set(run.training_subjects) & set(run.test_subjects)
        assert sorted((*run.training_subjects, *run.test_subjects)) == list(SUBJECTS)
    assert sorted(subject for fold in FOLDS for subject in fold) == list(SUBJECTS)


def test_a_study_that_stops_early_has_compared_like_with_like() -> None:
    runs = all_runs()
    assert len(runs) == len(set(runs)) == 54
    for stop in range(0, 12, len(MAIN_INPUTS)):
        assert [run.source for run in runs[stop : stop + len(MAIN_INPUTS)]] == list(MAIN_INPUTS)
        assert len({(run.fold, run.seed) for run in runs[stop : stop + len(MAIN_INPUTS)]}) == 1
    few = [run for run in runs if run.labelled]
    for original, ours in zip(few[::2], few[1::2], strict=True):
        assert (original.source, ours.source) == (ORIGINAL, OURS)
        assert replace(original, source=OURS) == ours


@pytest.mark.parametrize("labelled", [10, 30])
@pytest.mark.parametrize("seed", [0, 1])
def test_few_labels_are_spread_over_the_subjects_and_their_frames(labelled: int, seed: int) -> None:
    chosen = labelled_frames(FOUR, labelled, seed)
    sizes = [len(frames) for frames in chosen.values()]
    assert sum(sizes) == labelled
    assert max(sizes) - min(sizes) <= 1
    for frames in chosen.values():
        assert len(set(frames)) == len(frames)
        assert 0 <= min(frames) <= max(frames) < 50
        assert max(frames) - min(frames) >= 50 * (len(frames) - 1) // len(frames) - 1
    assert chosen == labelled_frames(FOUR, labelled, seed)
    assert chosen != labelled_frames(FOUR, labelled, seed + 1)


def test_without_a_number_all_frames_are_labelled() -> None:
    assert labelled_frames({"S01": 3, "S02": 2}, None, 0) == {"S01": [0, 1, 2], "S02": [0, 1]}


def test_a_shifted_lumen_is_as_far_off_as_it_was_shifted() -> None:
    truth = a_disc(60, 70, 30)
    same = measure(truth, truth)
    assert (same.dice, same.hausdorff, same.diameter) == (1.0, 0.0, 0.0)
    shifted = measure(a_disc(60, 76, 30), truth)
    assert shifted.hausdorff == pytest.approx(6, abs=0.5)
    assert shifted.diameter == 0
    assert shifted.dice == pytest.approx(2 * (truth & a_disc(60, 76, 30)).sum() / (2 * truth.sum()))


def test_a_wider_lumen_has_an_error_of_its_diameter() -> None:
    wider = measure(a_disc(60, 70, 33), a_disc(60, 70, 30))
    assert wider.diameter == pytest.approx(10, abs=0.5)
    assert wider.hausdorff == pytest.approx(3, abs=0.5)


def test_a_lumen_that_is_not_found_has_no_distance() -> None:
    missed = measure(np.zeros((120, 140), bool), a_disc(60, 70, 30))
    assert (missed.dice, missed.diameter) == (0.0, 100.0)
    assert np.isnan(missed.hausdorff)


def test_frames_are_averaged_over_two_by_two_pixels_and_the_last_odd_one_counts_alone() -> None:
    frame = np.array([[0, 4, 10], [8, 4, 20], [6, 2, 7]], np.uint8)
    assert block_means(frame).tolist() == [[4.0, 15.0], [4.0, 7.0]]


def test_half_size_masks_are_pixels_that_the_lumen_covers_half_or_more() -> None:
    mask = np.array([[[1, 1, 0, 0], [0, 0, 1, 0]]], np.uint8)
    assert Subject("S01", ("exam",), mask).small_masks.tolist() == [[[1, 0]]]


@pytest.fixture
def a_folder(tmp_path: Path) -> Path:
    """Five frames of two exams of one subject, each of its own gray level, with masks."""
    from PIL import Image

    (tmp_path / "S01").mkdir()
    for number, exam in enumerate(("a", "a", "a", "b", "b")):
        frame = np.full((33, 40), 10 * (number + 1), np.uint8)
        mask = np.zeros((33, 40), bool)
        mask[number] = True
        Image.fromarray(frame).save(tmp_path / "S01" / f"{exam}_{number}.png")
        Image.fromarray(mask).save(tmp_path / "S01" / f"{exam}_{number}_mask.png")
    return tmp_path


def test_the_frames_that_take_part_belong_to_their_masks(a_folder: Path) -> None:
    subject = load_subject(a_folder, "S01")
    frames = filter_subject(frame_files(a_folder, "S01"), make_filter(ORIGINAL))
    assert frames.shape == (3, 17, 20)
    assert [frame.max() for frame in frames] == [10, 30, 50]
    assert subject.exams == ("a", "a", "b")
    assert [int(np.argmax(mask.any(axis=1))) for mask in subject.masks] == [0, 2, 4]
    assert EVERY == 2


def test_the_interval_is_that_of_few_subjects_and_not_of_many_frames() -> None:
    means = {name: 0.8 + 0.02 * number for number, name in enumerate(SUBJECTS)}
    exams = ("one",) * 50
    few = estimate({name: (exams[:2], np.full((1, 2), mean)) for name, mean in means.items()})
    many = estimate({name: (exams, np.full((1, 50), mean)) for name, mean in means.items()})
    assert (many.low, many.high) == (few.low, few.high)
    assert many.mean == pytest.approx(np.mean(list(means.values())))
    expected = 1.96 * np.std(list(means.values())) / np.sqrt(len(means))
    assert (many.high - many.low) / 2 == pytest.approx(expected, rel=0.12)


def test_exams_and_seeds_that_differ_widen_the_interval() -> None:
    alike = np.full((2, 4), 0.9)
    by_exam = np.array([[0.8, 0.8, 1.0, 1.0]] * 2)
    by_seed = np.array([[0.8] * 4, [1.0] * 4])
    widths = []
    for values in (alike, by_exam, by_seed):
        one = estimate(dict.fromkeys(SUBJECTS, (("a", "a", "b", "b"), values)))
        assert one.mean == pytest.approx(0.9)
        widths.append(one.high - one.low)
    assert widths[0] == pytest.approx(0)
    assert min(widths[1:]) > 0.05


def test_values_that_are_no_number_are_left_out() -> None:
    values = np.array([[2.0, np.nan, 4.0, np.nan]])
    one = estimate({"S01": (("a", "a", "a", "b"), values)})
    assert [one.mean, one.low, one.high] == pytest.approx([3.0] * 3)


def test_differences_are_taken_frame_by_frame_where_both_were_run() -> None:
    runs = [Run(ORIGINAL, None, fold, seed) for fold in range(3) for seed in (0, 1)]
    records = [records_of(run) for run in runs]
    records += [records_of(replace(run, source=OURS), 0.02) for run in runs if (run.fold, run.seed) != (1, 1)]
    change = differences(records, OURS, ORIGINAL, None, DICE)
    assert {name: values.shape for name, (_, values) in change.items()} == {
        name: (1 if name in FOLDS[1] else 2, 4) for name in SUBJECTS
    }
    one = estimate(change)
    assert [one.mean, one.low, one.high] == pytest.approx([0.02] * 3)


def test_the_spread_of_seeds_is_the_mean_over_subjects() -> None:
    records = [records_of(Run(ORIGINAL, None, fold, seed)) for fold in range(3) for seed in (0, 1)]
    assert seed_spread(scores(records, ORIGINAL, None, DICE)) == pytest.approx(0.01)


def test_a_line_that_a_stop_cut_off_costs_only_its_own_run(tmp_path: Path) -> None:
    path, run = tmp_path / "runs.jsonl", Run(ORIGINAL, 10, 2, 1)
    append_record(path, records_of(run))
    path.write_text(path.read_text() + '{"source": "orig')
    append_record(path, records_of(replace(run, seed=0)))
    assert [run_of(record) for record in read_records(path)] == [run, replace(run, seed=0)]


def test_a_lumen_not_found_is_counted_in_the_table() -> None:
    values = {"S05": [0.9, 0.0], "S06": [0.9, 0.9]}
    record = a_record(Run(ORIGINAL, None, 2, 0), values, {"S05": ["a", "b"], "S06": ["a", "b"]})
    row = make_rows([record])[0]
    assert row.missed == 0.25
    assert row.values[HAUSDORFF].mean == pytest.approx(1.0)
    assert "| 25.0 % | 1 |" in report([record])


def test_the_report_says_by_how_much_and_in_how_many_subjects() -> None:
    records = [records_of(Run(ORIGINAL, None, fold, 0)) for fold in range(3)]
    records += [records_of(Run(OURS, None, fold, 0), gain) for fold, gain in enumerate((0.02, 0.02, -0.01))]
    text = report(records)
    assert "| Speckle2Self, strength 0.8 | all | +0.010 (" in text
    assert ") | 4 of 6 | −0.1 (" in text
    assert "S05 and S06 alone" in text
    clean = text.split("S05 and S06 alone")[1]
    assert "−0.010 (−0.010 to −0.010) | 0 of 2" in clean


def test_a_run_trains_on_its_subjects_and_measures_every_frame_of_the_others() -> None:
    pytest.importorskip("monai")
    from segmentation_study.training import run_one, training_settings

    rng = np.random.default_rng(0)
    masks = np.stack([a_disc(60, 50 + 10 * index, 25) for index in range(4)]).astype(np.uint8)
    subjects = {name: Subject(name, ("a", "a", "b", "b"), masks) for name in SUBJECTS}
    frames = {
        name: (rng.random((4, 60, 70)) * 60 + 150 * (1 - block_means(masks))).astype(np.uint8) for name in SUBJECTS
    }
    settings = training_settings(0, steps=60, batch_size=2, crop=128)
    run = Run(ORIGINAL, 4, 1, 0)
    quality = run_one(run, frames, subjects, settings)
    assert list(quality) == ["S03", "S04"]
    assert all(len(values) == 4 and all(0 <= one.dice <= 1 for one in values) for values in quality.values())
    assert np.mean([one.dice for one in quality["S04"]]) > 0.5
    tested_elsewhere = {**frames, "S03": frames["S03"][::-1]}
    again = run_one(run, tested_elsewhere, subjects, settings)
    assert again["S04"] == quality["S04"]
