"""NIfTI volumes through SimpleITK."""

from __future__ import annotations

import gzip

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813
from file_samples import frames_of, speckle, write_like
from Speckle2SelfLib.errors import InputError
from Speckle2SelfLib.files import open_sweep

TYPES = ["uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64"]


def save(path, pixels, color=False):
    image = sitk.GetImageFromArray(pixels, isVector=color)
    image.SetSpacing((0.2, 0.3, 0.5)[: image.GetDimension()])
    image.SetOrigin((1.5, -2, 3)[: image.GetDimension()])
    image.SetMetaData("ITK_FileNotes", "carotid left")
    sitk.WriteImage(image, str(path))
    return path


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz"])
@pytest.mark.parametrize("dtype", TYPES)
def test_every_pixel_type_comes_back_exactly(tmp_path, dtype, suffix):
    frames = speckle(3, 18, 21, dtype=dtype)
    sweep = open_sweep(save(tmp_path / f"in{suffix}", frames))
    assert sweep.dtype == np.dtype(dtype)
    assert sweep.spacing == pytest.approx((0.3, 0.2))
    written = write_like(sweep, tmp_path / f"out{suffix}")
    np.testing.assert_array_equal(frames_of(written), frames)
    before, after = (sitk.ReadImage(str(tmp_path / f"{name}{suffix}")) for name in ("in", "out"))
    for name in ("GetSpacing", "GetOrigin", "GetDirection"):
        assert getattr(after, name)() == pytest.approx(getattr(before, name)())
    assert after.GetMetaData("descrip") == "carotid left"


def test_a_file_without_description_gets_the_provenance(tmp_path):
    image = sitk.GetImageFromArray(speckle(2, 18, 21))
    sitk.WriteImage(image, str(tmp_path / "in.nii"))
    write_like(open_sweep(tmp_path / "in.nii"), tmp_path / "out.nii")
    assert "0123abcd" in sitk.ReadImage(str(tmp_path / "out.nii")).GetMetaData("descrip")


@pytest.mark.parametrize("channels", [3, 4])
def test_color_comes_back_exactly(tmp_path, channels):
    frames = speckle(2, 16, 17, channels)
    written = write_like(open_sweep(save(tmp_path / "in.nii", frames, color=True)), tmp_path / "out.nii")
    assert written.color
    np.testing.assert_array_equal(frames_of(written), frames)


@pytest.mark.parametrize("frame_axis", [0, 1, 2])
def test_a_range_along_any_axis_stays_in_place(tmp_path, frame_axis):
    frames = speckle(17, 18, 19)
    sweep = open_sweep(save(tmp_path / "in.nii", frames), frame_axis=frame_axis)
    written = write_like(sweep, tmp_path / "out.nii", range(3, 9), frame_axis=frame_axis)
    np.testing.assert_array_equal(frames_of(written), np.moveaxis(frames, frame_axis, 0)[3:9])
    before, after = (sitk.ReadImage(str(tmp_path / name)) for name in ("in.nii", "out.nii"))
    index = [0, 0, 0]
    index[2 - frame_axis] = 3
    np.testing.assert_allclose(after.GetOrigin(), before.TransformIndexToPhysicalPoint(index), rtol=1e-5)


def test_a_2d_image_is_one_frame(tmp_path):
    image = speckle(20, 30)
    written = write_like(open_sweep(save(tmp_path / "in.nii", image)), tmp_path / "out.nii")
    np.testing.assert_array_equal(frames_of(written), image[np.newaxis])


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz"])
@pytest.mark.parametrize("part", [0.02, 0.5, 0.99])
def test_truncated_files_are_refused(tmp_path, suffix, part, capfd):
    data = save(tmp_path / f"whole{suffix}", speckle(9, 40, 40)).read_bytes()
    (tmp_path / f"in{suffix}").write_bytes(data[: int(len(data) * part)])
    with pytest.raises(InputError):
        open_sweep(tmp_path / f"in{suffix}")
    assert capfd.readouterr() == ("", "")


def test_four_dimensions_are_refused(tmp_path):
    data = save(tmp_path / "in.nii", speckle(4, 18, 21)).read_bytes()
    shape = np.array([4, 21, 18, 2, 2, 1, 1, 1], "<i2").tobytes()
    (tmp_path / "in.nii").write_bytes(data[:40] + shape + data[56:])
    with pytest.raises(InputError, match="21 x 18 x 2 x 2"):
        open_sweep(tmp_path / "in.nii")


@pytest.mark.parametrize("dtype", ["complex64", "int64", "uint64"])
def test_types_that_are_no_image_are_refused(tmp_path, dtype):
    with pytest.raises(InputError, match="cannot be despeckled"):
        open_sweep(save(tmp_path / "in.nii", np.ones((3, 18, 21), dtype)))


def test_a_packed_file_that_is_no_nifti_is_refused(tmp_path):
    (tmp_path / "in.nii.gz").write_bytes(gzip.compress(b"no image" * 100))
    with pytest.raises(InputError, match="no image that can be read"):
        open_sweep(tmp_path / "in.nii.gz")
