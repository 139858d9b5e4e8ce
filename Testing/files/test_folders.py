"""Folders: their sweeps one by one, or their images as one sweep."""

from __future__ import annotations

from pathlib import Path

import nrrd
import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813
from dicom_samples import save, ultrasound
from file_samples import frames_of, speckle, write_like
from Speckle2SelfLib.errors import InputError, OutputError
from Speckle2SelfLib.files import list_sweeps, open_sweep

Image = pytest.importorskip("PIL.Image")


def image(path: Path, pixels: np.ndarray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return path


def test_sweeps_are_listed_with_the_names_of_their_results(tmp_path):
    for name in ("b/frame_10.png", "b/frame_2.png", "a.jpg", "a.png", "c.jpeg", "b/.hidden.png", ".git/x.png"):
        image(tmp_path / name, speckle(20, 20))
    sitk.WriteImage(sitk.GetImageFromArray(speckle(2, 20, 20)), str(tmp_path / "volume.mhd"))
    (tmp_path / "video.mp4").write_bytes(b"not looked into")
    (tmp_path / "LICENSE").write_text("words")
    (tmp_path / "notes.txt").write_text("words")
    (tmp_path / "DICOMDIR").write_bytes(bytes(128) + b"DICM")
    save(tmp_path / "IM0001", ultrasound(speckle(1, 20, 20)))
    listed = {e.path.relative_to(tmp_path).as_posix(): e.output_name.as_posix() for e in list_sweeps(tmp_path)}
    assert listed == {
        "a.jpg": "a.jpg.png",
        "a.png": "a.png",
        "b/frame_2.png": "b/frame_2.png",
        "b/frame_10.png": "b/frame_10.png",
        "c.jpeg": "c.png",
        "IM0001": "IM0001",
        "video.mp4": "video.nrrd",
        "volume.mhd": "volume.mhd",
    }
    assert list(listed) == sorted(listed, key=lambda name: name.casefold().replace("_2", "_02"))


def test_every_listed_result_can_be_written(tmp_path):
    image(tmp_path / "in" / "a.jpg", speckle(20, 20))
    image(tmp_path / "in" / "deep" / "b.png", speckle(20, 20, 3))
    save(tmp_path / "in" / "IM0001", ultrasound(speckle(2, 20, 20)))
    for entry in list_sweeps(tmp_path / "in"):
        target = tmp_path / "out" / entry.output_name
        target.parent.mkdir(parents=True, exist_ok=True)
        sweep = open_sweep(entry.path)
        np.testing.assert_array_equal(frames_of(write_like(sweep, target)), frames_of(sweep))


def test_a_folder_without_sweeps_is_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("words")
    with pytest.raises(InputError, match="holds no files that can be despeckled"):
        list_sweeps(tmp_path)
    with pytest.raises(InputError, match="is not a folder"):
        list_sweeps(tmp_path / "nowhere")


def test_images_are_stacked_in_natural_order(tmp_path):
    frames = speckle(12, 20, 25)
    for number, frame in enumerate(frames, start=1):
        image(tmp_path / f"frame{number}.png", frame)
    image(tmp_path / "deeper" / "other.png", speckle(30, 30))
    sweep = open_sweep(tmp_path, stack=True)
    np.testing.assert_array_equal(frames_of(sweep), frames)
    written = write_like(sweep, tmp_path.parent / "out.nrrd", range(2, 7))
    np.testing.assert_array_equal(frames_of(written), frames[2:7])


def test_a_stack_never_replaces_one_of_its_images(tmp_path):
    image(tmp_path / "one.png", speckle(20, 20))
    with pytest.raises(OutputError, match="is the input file"):
        open_sweep(tmp_path, stack=True).writer(tmp_path / "one.png", [0], np.uint8, {})


@pytest.mark.parametrize("other", [speckle(21, 20), speckle(20, 20, 3), speckle(20, 20, dtype="uint16")])
def test_the_first_image_that_differs_is_named(tmp_path, other):
    for number in (1, 2, 4):
        image(tmp_path / f"{number}.png", speckle(20, 20))
    image(tmp_path / "3.png", other)
    with pytest.raises(InputError, match=r"3\.png .* differs from 1\.png"):
        open_sweep(tmp_path, stack=True)


def test_volumes_do_not_go_into_a_stack(tmp_path):
    nrrd.write(str(tmp_path / "in.nrrd"), speckle(20, 20, 3))
    with pytest.raises(InputError, match="holds 3 frames"):
        open_sweep(tmp_path, stack=True)


def test_single_dicom_images_become_a_stack(tmp_path):
    for number in range(3):
        save(tmp_path / f"im{number}.dcm", ultrasound(speckle(1, 20, 20, seed=number)))
    sweep = open_sweep(tmp_path, stack=True)
    assert len(sweep) == 3
    np.testing.assert_array_equal(frames_of(write_like(sweep, tmp_path.parent / "out.tif")), frames_of(sweep))
