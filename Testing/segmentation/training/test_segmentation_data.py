"""Labelled frames from files and arrays: what is read, who is held out, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from labelled_samples import SPACING, a_source, a_training, labelled_frames, quick, train_on, two_subjects
from PIL import Image
from Speckle2SelfLib.errors import InputError, SettingsError
from Speckle2SelfTrainingLib.segmentation.training import (
    LabelledSource,
    SegmentationTrainingSettings,
    adaptation_settings,
    gather_labelled,
    gather_negatives,
    split_by_subject,
)
from Speckle2SelfTrainingLib.segmentation.training.store import load_labelled


def write_png(path: Path, image: np.ndarray) -> None:
    import SimpleITK as sitk  # noqa: N813 - the name that everyone uses

    path.parent.mkdir(parents=True, exist_ok=True)
    sitk.WriteImage(sitk.GetImageFromArray(image), str(path))


def write_nrrd(path: Path, frames: np.ndarray, spacing: float = 0.2) -> None:
    import nrrd

    path.parent.mkdir(parents=True, exist_ok=True)
    header = {"space": "left-posterior-superior", "space directions": np.diag([spacing, spacing, 1.0])}
    nrrd.write(str(path), np.ascontiguousarray(frames.transpose(2, 1, 0)), header)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Two subjects as folders of images with masks, white for the lumen, and one as a sweep with a label map."""
    for number, subject in enumerate(("S01", "S02")):
        frames, masks = labelled_frames(3, seed=number)
        for index, (frame, mask) in enumerate(zip(frames, masks, strict=True)):
            write_png(tmp_path / "data" / subject / f"exam_{index}.png", frame)
            write_png(tmp_path / "data" / subject / f"exam_{index}_mask.png", 255 * mask)
    (tmp_path / "data" / "S03").mkdir()
    frames, masks = labelled_frames(4, seed=7)
    write_nrrd(tmp_path / "data" / "S03" / "sweep.nrrd", frames)
    write_nrrd(tmp_path / "data" / "S03" / "sweep_mask.nrrd", masks)
    return tmp_path / "data"


def test_the_folders_of_a_folder_are_subjects_and_sweeps_find_their_labels(data: Path) -> None:
    sources = gather_labelled([data])
    assert [(source.name, source.subject, len(source)) for source in sources] == [
        ("S01", "S01", 3),
        ("S02", "S02", 3),
        ("sweep.nrrd", "S03", 4),
    ]
    assert np.array_equal(np.stack([sources[0].masks[index] for index in range(3)]), labelled_frames(3, seed=0)[1])
    assert np.array_equal(sources[1].frames[2], labelled_frames(3, seed=1)[0][2])
    assert sources[0].spacing is None
    assert sources[2].spacing == pytest.approx((0.2, 0.2))
    store = load_labelled(sources, 100)
    assert [source["frames_with_lumen"] for source in store.sources] == [3, 3, 4]
    assert store.subjects == ["S01", "S02", "S03"]


def test_dots_in_names_belong_to_them_and_each_image_gets_its_own_mask(tmp_path: Path) -> None:
    frames, masks = labelled_frames(3, seed=3)
    for index, (frame, mask) in enumerate(zip(frames, masks, strict=True)):
        write_png(tmp_path / "S1" / f"1.2.840.{index}.png", frame)
        write_png(tmp_path / "S1" / f"1.2.840.{index}_mask.png", mask)
    source = LabelledSource.from_files(tmp_path / "S1")
    assert len(source) == 3
    for index in range(3):
        np.testing.assert_array_equal(source.frames[index], frames[index])
        np.testing.assert_array_equal(source.masks[index], masks[index])
    write_nrrd(tmp_path / "S2" / "visit.2.nrrd", frames)
    write_nrrd(tmp_path / "S2" / "visit.2_mask.nrrd", masks)
    np.testing.assert_array_equal(LabelledSource.from_files(tmp_path / "S2" / "visit.2.nrrd").masks[1], masks[1])


def test_masks_with_a_palette_have_the_values_that_they_store(tmp_path: Path) -> None:
    frames, masks = labelled_frames(1, seed=3)
    write_png(tmp_path / "S1" / "a.png", frames[0])
    image = Image.frombytes("P", masks[0].shape[::-1], masks[0].tobytes())
    image.putpalette([0, 0, 0, 200, 0, 0])
    image.save(tmp_path / "S1" / "a_mask.png")
    np.testing.assert_array_equal(LabelledSource.from_files(tmp_path / "S1").masks[0], masks[0])


def test_subject_and_labels_can_be_said(data: Path) -> None:
    sweep, labels = data / "S03" / "sweep.nrrd", data / "S03" / "sweep_mask.nrrd"
    (source,) = gather_labelled([f"patient 4:{sweep}={labels}"])
    assert source.subject == "patient 4"
    (source,) = gather_labelled([str(sweep)])
    assert source.subject == "S03"
    with pytest.raises(InputError, match="does not exist"):
        gather_labelled([data / "nothing"])


def test_a_value_among_several_must_be_named(tmp_path: Path) -> None:
    frames, masks = labelled_frames(2)
    write_nrrd(tmp_path / "sweep.nrrd", frames)
    labels = 2 * masks
    labels[:, 0, :5] = 1
    write_nrrd(tmp_path / "sweep_mask.nrrd", labels)
    with pytest.raises(InputError, match="holds the labels 1, 2; say which"):
        gather_labelled([tmp_path])
    (source,) = gather_labelled([tmp_path], label=2)
    assert np.array_equal(source.masks[1], masks[1])
    with pytest.raises(InputError, match="has no label 3; its labels are 1, 2"):
        gather_labelled([tmp_path], label=3)


def test_a_picture_a_short_label_map_and_a_lonely_mask_are_refused(tmp_path: Path) -> None:
    frames, masks = labelled_frames(3)
    write_nrrd(tmp_path / "sweep.nrrd", frames)
    write_nrrd(tmp_path / "short.nrrd", masks[:2])
    write_nrrd(tmp_path / "small.nrrd", masks[:, :32])
    for name, words in (
        ("sweep", "as an image does"),
        ("short", "has 2 frames, but sweep.nrrd has 3"),
        ("small", "of 32 x 64 pixels, but sweep.nrrd of 64 x 64"),
    ):
        with pytest.raises(InputError, match=words):
            LabelledSource.from_files(tmp_path / "sweep.nrrd", tmp_path / f"{name}.nrrd")
    write_png(tmp_path / "pairs" / "a.png", frames[0])
    write_png(tmp_path / "pairs" / "a_mask.png", masks[0])
    write_png(tmp_path / "pairs" / "b_mask.png", masks[1])
    with pytest.raises(InputError, match=r"mask 'b_mask\.png' in 'pairs' has no image"):
        gather_labelled([tmp_path / "pairs"])


def test_images_without_a_mask_are_left_out_and_that_is_said(tmp_path: Path) -> None:
    frames, masks = labelled_frames(3)
    for index in range(3):
        write_png(tmp_path / f"{index}.png", frames[index])
    with pytest.raises(InputError, match="holds no frames with labels: masks are called NAME_mask"):
        gather_labelled([tmp_path])
    write_png(tmp_path / "1_mask.png", masks[1])
    (source,) = gather_labelled([tmp_path])
    assert len(source) == 1
    assert "2 images of" in load_labelled([source], 10).notes[0]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"masks": lambda m: 0 * m}, "None of the 4 masks shows a lumen"),
        ({"masks": lambda m: m[:, :32]}, "Mask 0 of 'bad' has 32 x 64 pixels, but its frame 64 x 64"),
        ({"masks": lambda m: 3 * m}, "holds the values 0, 3: 0 .background., 1 .lumen. and 255"),
        ({"masks": lambda m: labelled_frames(4)[0]}, "different values, as a picture does"),
        ({"masks": lambda m: m[:3]}, "'bad' has 4 frames but 3 masks"),
        ({"frames": lambda f: f[:0], "masks": lambda m: m[:0]}, "'bad' holds no frames"),
        ({"frames": lambda f: np.where(f > 200, np.nan, f.astype(np.float32))}, "not finite numbers"),
        ({"frames": lambda f: f[:, :8], "masks": lambda m: m[:, :8]}, "has 8 x 64 pixels: 16 to"),
        ({"frames": lambda f: np.stack([f] * 3, -1)}, "must be gray"),
    ],
)
def test_what_cannot_be_learned_from_is_refused_in_one_sentence(
    tmp_path: Path, change: dict[str, Any], words: str
) -> None:
    frames, masks = labelled_frames(4)
    with pytest.raises(InputError, match=words) as refused:  # noqa: PT012 - some are refused at once, some when read
        source = LabelledSource.from_arrays(
            "bad", change.get("frames", np.asarray)(frames), change.get("masks", np.asarray)(masks), subject="S9"
        )
        train_on(tmp_path, [source], [], quick(keep="last"))
    assert str(refused.value).count(". ") == 0


def test_subjects_are_held_out_as_a_whole() -> None:
    sources = [a_source(f"S{number}", seed=number, name=f"sweep {part}") for number in range(5) for part in "ab"]
    split = split_by_subject(sources, seed=3)
    assert {source.subject for source in split.training}.isdisjoint(source.subject for source in split.held_out)
    assert len(split.training) == 8
    assert len({source.subject for source in split.held_out}) == 1
    assert split.notes == []


def test_a_subject_on_either_side_is_refused_under_any_name(tmp_path: Path) -> None:
    source = a_source("S1", seed=1)
    with pytest.raises(InputError, match="subject 'S1' is both trained on and validated on"):
        split_by_subject([source, a_source("S2")], [a_source("S1", seed=4)])
    renamed = a_source("S3", seed=1)
    with pytest.raises(InputError, match="is also one of the subject 'S1'"):
        train_on(tmp_path, [source], [renamed])


def test_of_a_single_subject_the_end_is_held_out_behind_a_gap_and_that_is_said(tmp_path: Path) -> None:
    split = split_by_subject([a_source(count=12), a_source(count=8, seed=5)])
    assert [len(source) for source in split.training] == [12, 1]
    assert [len(source) for source in split.held_out] == [4]
    training = train_on(tmp_path, split.training, split.held_out, quick(steps=1), notes=split.notes)
    assert "All frames are of one subject, 'S1': its last 4 are held out behind a gap of 3." in training.run().notes[0]
    with pytest.raises(InputError, match="is the only frame: training needs at least two"):
        split_by_subject([a_source(count=1)])
    with pytest.raises(InputError, match="no frames to train on"):
        split_by_subject([])


def test_frames_without_a_lumen_are_drawn_as_often_as_asked_and_tell_false_alarms(tmp_path: Path) -> None:
    for index, frame in enumerate(labelled_frames(2, seed=8)[0]):
        write_png(tmp_path / "liver" / f"{index}.png", frame)
    write_nrrd(tmp_path / "liver" / "sweep.nrrd", labelled_frames(3)[0])
    negative, sweep = gather_negatives([tmp_path / "liver"])
    assert (negative.subject, len(negative)) == ("without lumen: liver", 2)
    assert (sweep.subject, len(sweep), sweep.masks[2].max()) == ("without lumen: liver", 3, 0)
    split = split_by_subject([*two_subjects(), negative])
    assert negative in split.training
    settings = quick(batch_size=50, negative_share=0.4)
    training = train_on(tmp_path / "run", split.training, split.held_out, settings)
    batch = training.loop._batches.make(0)
    assert 0.2 < float((batch.targets.amax((1, 2, 3)) == 0).float().mean()) < 0.6
    rows = train_on(tmp_path / "run 2", split.held_out, [negative], quick(steps=1)).run().curves
    assert 0 <= rows[0]["validation_false_alarms"] <= 1


def test_pixels_without_a_label_count_neither_way(tmp_path: Path) -> None:
    frames, masks = labelled_frames(2)
    masks[:, :, 32:] = 255
    source = LabelledSource.from_arrays("half", frames, masks, SPACING, subject="S1")
    training = train_on(tmp_path, [source], [], quick(keep="last", crop=64))
    batch = training.loop._batches.make(0)
    assert 0.2 < float(batch.valid.mean()) < 0.8
    assert float((batch.targets * (1 - batch.valid)).max()) < 0.6


def test_a_step_has_the_same_batch_whenever_it_is_made_and_processes_share_it(tmp_path: Path) -> None:
    batches = a_training(tmp_path, quick(batch_size=4)).loop._batches
    whole = batches.make(3)
    assert whole.images.equal(batches.make(3).images)
    assert not whole.images.equal(batches.make(4).images)
    for rank in (0, 1):
        assert batches.make(3, rank, 2).images.equal(whole.images[2 * rank : 2 * rank + 2])


def test_settings_survive_json_and_nonsense_is_refused() -> None:
    settings = adaptation_settings(seed=5)
    assert SegmentationTrainingSettings.from_json(settings.to_json()) == settings
    for changes in (
        {"crop": 100}, {"steps": 0}, {"keep": "middle"}, {"precision": "int8"}, {"augmentation": {"zoom": [2, 1]}},
        {"augmentation": {"spin": 1}}, {"augmentation": {"mirror": 2}}, {"nothing": 1}, {"prefetch": 1},
        {"validation_share": 1.5}, {"augmentation": 3},
    ):  # fmt: skip
        with pytest.raises(SettingsError):
            settings.replace(**changes)
