"""What is trained on and what is held out: files, folders, arrays, and everything that must be refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from Speckle2SelfLib.errors import InputError, ModelError
from Speckle2SelfTrainingLib.training import (
    FrameSource,
    Training,
    gather_sources,
    published_settings,
    split_sources,
)
from Speckle2SelfTrainingLib.training.store import load_frames
from training_support import a_sweep, a_training, quick


def save_images(folder: Path, frames: np.ndarray) -> None:
    folder.mkdir(parents=True)
    for index, frame in enumerate(frames):
        Image.fromarray(frame).save(folder / f"frame_{index}.png")


def save_volume(path: Path, frames: np.ndarray) -> Path:
    import nrrd

    nrrd.write(str(path), np.ascontiguousarray(frames.transpose(2, 1, 0)))
    return path


def test_the_images_of_a_folder_are_one_sweep_and_its_masks_are_passed_over(tmp_path: Path) -> None:
    save_images(tmp_path / "exam", a_sweep(3))
    for index in range(3):
        Image.fromarray(np.eye(48, dtype=np.uint8) * 255).save(tmp_path / "exam" / f"frame_{index}_mask.png")
    (source,) = gather_sources([tmp_path])
    assert (source.name, len(source)) == ("exam", 3)
    np.testing.assert_array_equal(source.frames[2], a_sweep(3)[2])


def test_a_volume_is_a_sweep_and_equal_names_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    first = save_volume(tmp_path / "a.nrrd", a_sweep(4))
    second = save_volume(tmp_path / "other" / "a.nrrd", a_sweep(5, seed=1))
    sources = gather_sources([first, second])
    assert [(source.name, len(source)) for source in sources] == [("a.nrrd", 4), ("a.nrrd (2)", 5)]


def test_color_frames_give_their_luminance(tmp_path: Path) -> None:
    gray = a_sweep(1)[0]
    Image.fromarray(np.stack([gray] * 3, axis=-1)).save(tmp_path / "color.png")
    frame = FrameSource.from_path(tmp_path / "color.png").frames[0]
    np.testing.assert_array_equal(frame, gray)


def test_sweeps_are_held_out_as_a_whole() -> None:
    sources = [FrameSource.from_array(f"sweep {index}", a_sweep(4, seed=index)) for index in range(6)]
    training, held_out = split_sources(sources, share=0.3, seed=1)
    assert sorted(source.name for source in training + held_out) == [source.name for source in sources]
    assert 1 <= len(held_out) <= 2
    assert split_sources(sources, share=0.3, seed=1)[1] == held_out


def test_of_a_single_sweep_the_end_is_held_out_behind_a_gap() -> None:
    (training,), (held_out,) = split_sources([FrameSource.from_array("sweep", a_sweep(30, (16, 16)))])
    assert (training.name, held_out.name) == ("sweep [0:21]", "sweep [24:30]")
    assert (len(training), len(held_out)) == (21, 6)
    np.testing.assert_array_equal(held_out.frames[0], a_sweep(30, (16, 16))[24])
    with pytest.raises(IndexError):
        training.frames[21]


def test_no_frames_and_one_frame_are_refused() -> None:
    with pytest.raises(InputError, match="no frames"):
        split_sources([])
    with pytest.raises(InputError, match="holds no frames"):
        FrameSource.from_array("empty", np.zeros((0, 32, 32), np.uint8))
    with pytest.raises(InputError, match="only frame"):
        split_sources([FrameSource.from_array("one", a_sweep(1))])


def test_small_frames_frames_with_nan_and_empty_frames_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="16 to 4096"):
        FrameSource.from_array("tiny", np.zeros((3, 15, 40), np.uint8))
    frames = a_sweep(4).astype(np.float32)
    frames[2, 5, 5] = np.nan
    with pytest.raises(InputError, match="Frame 2 of 'gaps"):
        Training(quick(), *split_sources([FrameSource.from_array("gaps", frames)]), tmp_path)
    black = FrameSource.from_array("black", np.zeros((4, 32, 32), np.uint8))
    with pytest.raises(InputError, match="show nothing"):
        Training(quick(), *split_sources([black]), tmp_path)


def test_a_folder_without_pictures_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing")
    with pytest.raises(InputError, match="holds no files"):
        gather_sources([tmp_path])
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    with pytest.raises(InputError, match="no frames to train on"):
        gather_sources([tmp_path])


def test_a_validation_sweep_that_is_trained_on_is_refused_under_any_name(tmp_path: Path) -> None:
    path = save_volume(tmp_path / "a.nrrd", a_sweep(4))
    source = FrameSource.from_path(path)
    with pytest.raises(InputError, match=r"'a\.nrrd' is also trained on"):
        split_sources([source], [FrameSource.from_path(path)])
    copy = FrameSource.from_array("copy", a_sweep(4)[1:3])
    with pytest.raises(InputError, match=r"2 of 2 frames of the validation sweep 'copy'.*'a\.nrrd'"):
        split_sources([source], [copy])
    with pytest.raises(InputError, match=r"2 of 2 frames"):
        Training(quick(), [source], [copy], tmp_path / "run")
    other = FrameSource.from_array("other", a_sweep(2, seed=9))
    assert split_sources([source], [other]) == ([source], [other])


def test_simulated_frames_are_reproducible_and_held_out_by_number(tmp_path: Path) -> None:
    source = FrameSource.simulated(3)
    assert source.truth is not None
    (training,), (held_out,) = split_sources([source])
    assert (len(training), len(held_out)) == (2, 1)
    np.testing.assert_array_equal(held_out.frames[0], FrameSource.simulated(3).frames[2])
    with pytest.raises(InputError, match="also trained on"):
        split_sources([source], [FrameSource.simulated(3)])


def test_an_unknown_base_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no model 'unheard-of'"):
        a_training(tmp_path, base="unheard-of")


def test_many_frames_are_thinned_and_that_is_said(tmp_path: Path) -> None:
    training = a_training(tmp_path, quick(maximum_frames=2))
    assert len(training.store.frames) == 2
    assert training.notes == ["One of 2 frames is used: there are 4, and maximum_frames is 2."]


def test_what_simulate_writes_is_trained_on_with_its_truth(tmp_path: Path) -> None:
    from Speckle2SelfLib.__main__ import main

    assert main(["simulate", str(tmp_path / "sim"), "--number", "3", "--size", "96"]) == 0
    (source,) = gather_sources([tmp_path / "sim"])
    assert len(source) == 3
    assert source.truth is not None
    assert np.asarray(source.frames[0]).std() > np.asarray(source.truth[0]).std() * 0.5
    assert not np.array_equal(source.frames[0], source.truth[0])


def test_black_lead_ins_are_no_overlap_and_frozen_frames_are_not_held_out() -> None:
    one, two = a_sweep(6, seed=1), a_sweep(6, seed=2)
    one[0] = two[0] = 0
    split_sources([FrameSource.from_array("one", one)], [FrameSource.from_array("two", two)])
    again = a_sweep(1, seed=4)
    cine = np.concatenate([again, a_sweep(8, seed=3), again])
    training, held_out = split_sources([FrameSource.from_array("cine", cine)], share=0.4)
    assert len(held_out[0]) == 3
    trained_on = [np.asarray(training[0].frames[index]).tobytes() for index in range(len(training[0]))]
    assert all(np.asarray(held_out[0].frames[index]).tobytes() not in trained_on for index in range(len(held_out[0])))
    with pytest.raises(InputError, match="repeat the same images"):
        split_sources([FrameSource.from_array("still", np.repeat(a_sweep(1, seed=5), 6, axis=0))])


def test_a_hot_pixel_stays_finite(tmp_path: Path) -> None:
    sweep = a_sweep(4, seed=6).astype(np.float32)
    sweep[1, 5, 5] = 1e9
    store = load_frames([FrameSource.from_array("hot", sweep)], published_settings(), None, 100)
    assert all(np.isfinite(frame.image).all() for frame in store.frames)
