"""MetaImage volumes: written and read by SimpleITK as well, to be sure that others agree."""

from __future__ import annotations

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813
from file_samples import frames_of, metaimage_lines, speckle, write_like
from Speckle2SelfLib.files import open_sweep

TYPES = ["uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64"]
DIRECTION = (0, 1, 0, 0.8, 0, 0.6, 0.6, 0, -0.8)


def save(path, frames, color=False, compressed=True, **metadata):
    image = sitk.GetImageFromArray(frames, isVector=color)
    image.SetSpacing((0.2, 0.3, 0.5))
    image.SetOrigin((1.5, -2, 3))
    image.SetDirection(DIRECTION)
    for key, value in metadata.items():
        image.SetMetaData(key, value)
    sitk.WriteImage(image, str(path), useCompression=compressed)


def assert_same_place(first, second):
    assert second.GetSpacing() == pytest.approx(first.GetSpacing())
    assert second.GetOrigin() == pytest.approx(first.GetOrigin())
    assert second.GetDirection() == pytest.approx(first.GetDirection())


@pytest.mark.parametrize("compressed", [True, False])
@pytest.mark.parametrize("dtype", TYPES)
def test_every_pixel_type_comes_back_exactly(tmp_path, dtype, compressed):
    frames = speckle(3, 18, 21, dtype=dtype)
    save(tmp_path / "in.mha", frames, compressed=compressed)
    sweep = open_sweep(tmp_path / "in.mha")
    assert (sweep.dtype, sweep.spacing) == (np.dtype(dtype), (0.3, 0.2))
    np.testing.assert_array_equal(frames_of(sweep), frames)
    write_like(sweep, tmp_path / "out.mha")
    before, after = (sitk.ReadImage(str(tmp_path / name)) for name in ("in.mha", "out.mha"))
    np.testing.assert_array_equal(sitk.GetArrayFromImage(after), frames)
    assert_same_place(before, after)


def test_header_lines_come_out_as_they_went_in(tmp_path):
    frames = speckle(2, 16, 17)
    head = (
        "ObjectType = Image\nNDims =  3\nComment = two words\nBinaryData = True\nElementByteOrderMSB=False\n"
        "ElementSpacing = 0.20 .3 1\nPosition = 0 0 0\nDimSize = 17 16 2\nMy Probe = L14-5 größer\n"
        "ElementType = MET_UCHAR\nElementDataFile = LOCAL\n"
    )
    (tmp_path / "in.mha").write_bytes(head.encode() + frames.tobytes())
    write_like(open_sweep(tmp_path / "in.mha"), tmp_path / "out.mha")
    lines = metaimage_lines(tmp_path / "out.mha")
    added = [line for line in lines if line.startswith("Speckle2Self_")]
    assert len(added) == 3
    assert [line for line in lines if line not in added] == head.splitlines()


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_color_frames_come_back_exactly(tmp_path, channels, dtype):
    frames = speckle(2, 16, 17, channels, dtype=dtype)
    save(tmp_path / "in.mha", frames, color=True)
    sweep = open_sweep(tmp_path / "in.mha")
    assert sweep.color
    np.testing.assert_array_equal(frames_of(sweep), frames)
    write_like(sweep, tmp_path / "out.mha")
    np.testing.assert_array_equal(sitk.GetArrayFromImage(sitk.ReadImage(str(tmp_path / "out.mha"))), frames)


@pytest.mark.parametrize("frame_axis", [0, 1, 2])
def test_a_range_of_frames_stays_where_it_was_in_the_patient(tmp_path, frame_axis):
    frames = speckle(17, 18, 19)
    save(tmp_path / "in.mha", frames)
    write_like(
        open_sweep(tmp_path / "in.mha", frame_axis=frame_axis), tmp_path / "out.mha", range(4, 8), frame_axis=frame_axis
    )
    before, after = (sitk.ReadImage(str(tmp_path / name)) for name in ("in.mha", "out.mha"))
    index = [0, 0, 0]
    index[2 - frame_axis] = 4
    np.testing.assert_allclose(after.GetOrigin(), before.TransformIndexToPhysicalPoint(index))
    np.testing.assert_array_equal(sitk.GetArrayFromImage(after), np.take(frames, range(4, 8), axis=frame_axis))


@pytest.mark.parametrize("compressed", [True, False])
def test_detached_pixels_are_read_and_written_beside_the_header(tmp_path, compressed):
    frames = speckle(2, 16, 17, dtype="int16")
    save(tmp_path / "in.mhd", frames, compressed=compressed)
    sweep = open_sweep(tmp_path / "in.mhd")
    assert len(sweep.files) == 2
    write_like(sweep, tmp_path / "out.mhd")
    np.testing.assert_array_equal(sitk.GetArrayFromImage(sitk.ReadImage(str(tmp_path / "out.mhd"))), frames)
    np.testing.assert_array_equal(frames_of(write_like(sweep, tmp_path / "attached.mha")), frames)


def test_text_big_endian_and_lists_of_files_are_read(tmp_path):
    frames = speckle(2, 16, 17, dtype="uint16")
    head = "ObjectType = Image\nNDims = 3\nDimSize = 17 16 2\nElementType = MET_USHORT\n"
    text = " ".join(str(value) for value in frames.ravel())
    (tmp_path / "text.mha").write_text(head + "BinaryData = False\nElementDataFile = LOCAL\n" + text)
    big = frames.astype(">u2").tobytes()
    (tmp_path / "big.mha").write_bytes(
        (head + "BinaryDataByteOrderMSB = True\nElementDataFile = LOCAL\n").encode() + big
    )
    for number, frame in enumerate(frames, start=1):
        (tmp_path / f"part{number}.raw").write_bytes(frame.tobytes())
    (tmp_path / "list.mhd").write_text(head + "ElementDataFile = LIST\npart1.raw\npart2.raw\n")
    (tmp_path / "pattern.mhd").write_text(head + "ElementDataFile = part%d.raw 1 2 1\n")
    for name in ("text.mha", "big.mha", "list.mhd", "pattern.mhd"):
        sweep = open_sweep(tmp_path / name)
        np.testing.assert_array_equal(frames_of(sweep), frames, err_msg=name)
        written = write_like(sweep, tmp_path / f"{name}.out.mha")
        np.testing.assert_array_equal(frames_of(written), frames, err_msg=name)


@pytest.mark.parametrize("suffix", [".mha", ".nrrd", ".nii.gz"])
@pytest.mark.parametrize("source", [".mha", ".nrrd", ".nii.gz"])
def test_geometry_survives_from_any_volume_format_to_any_other(tmp_path, source, suffix):
    frames = speckle(5, 18, 21, dtype="int16")
    save(tmp_path / f"in{source}", frames)
    write_like(open_sweep(tmp_path / f"in{source}"), tmp_path / f"out{suffix}", range(2, 5))
    before, after = sitk.ReadImage(str(tmp_path / f"in{source}")), sitk.ReadImage(str(tmp_path / f"out{suffix}"))
    np.testing.assert_array_equal(sitk.GetArrayFromImage(after), frames[2:5])
    assert after.GetSpacing() == pytest.approx(before.GetSpacing(), rel=1e-6)
    assert after.GetOrigin() == pytest.approx(before.TransformIndexToPhysicalPoint((0, 0, 2)), rel=1e-5)
    assert after.GetDirection() == pytest.approx(before.GetDirection(), abs=1e-5)


def test_named_values_survive_from_metaimage_to_nrrd_and_back(tmp_path):
    save(tmp_path / "in.mha", speckle(2, 16, 16), Probe="L14-5", Depth_mm="40")
    one = write_like(open_sweep(tmp_path / "in.mha"), tmp_path / "one.nrrd")
    two = write_like(one, tmp_path / "two.mha")
    for sweep in (one, two):
        assert sweep.metadata["Probe"] == "L14-5"
        assert sweep.metadata["Depth_mm"] == "40"
