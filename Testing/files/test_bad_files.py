"""Files that cannot be despeckled: each gets one clear sentence, and nothing is printed."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys

import nrrd
import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813
from dicom_samples import save, ultrasound
from file_samples import speckle, write_like
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from Speckle2SelfLib.errors import InputError
from Speckle2SelfLib.files import open_sweep
from test_tracked_sequences import write_metaimage, write_nrrd, write_tracked

SUFFIXES = [".nrrd", ".mha", ".nii", ".nii.gz", ".png", ".tif", ".jpg", ".dcm", ".mp4", ".avi", ".igs.mha", ".seq.nrrd"]


def refused(path, match, capfd=None, **options):
    with pytest.raises(InputError, match=match) as caught:
        open_sweep(path, **options)
    message = str(caught.value)
    assert message.count(". ") == 0, "more than one sentence"
    assert message.endswith(".")
    if capfd:
        assert capfd.readouterr() == ("", "")


def test_a_missing_file(tmp_path):
    refused(tmp_path / "in.nrrd", "does not exist")


def test_a_broken_link(tmp_path):
    (tmp_path / "in.nrrd").symlink_to(tmp_path / "nowhere")
    refused(tmp_path / "in.nrrd", "broken link")


def test_a_folder_instead_of_a_file(tmp_path):
    refused(tmp_path, "is a folder")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_a_pipe_instead_of_a_file(tmp_path):
    os.mkfifo(tmp_path / "in.nrrd")
    refused(tmp_path / "in.nrrd", "no regular file")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_an_empty_file(tmp_path, suffix, capfd):
    (tmp_path / f"in{suffix}").write_bytes(b"")
    refused(tmp_path / f"in{suffix}", "is empty", capfd)


@pytest.mark.parametrize("content", [b"just some words\n" * 50, bytes(5000), os.urandom(5000)])
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_file_that_is_no_image(tmp_path, suffix, content, capfd):
    (tmp_path / f"in{suffix}").write_bytes(content)
    refused(tmp_path / f"in{suffix}", "no image that can be read", capfd)


@pytest.mark.parametrize("part", [0.002, 0.05, 0.5, 0.99])
@pytest.mark.parametrize("name", ["in.igs.nrrd", "in.igs.mha", "raw.igs.nrrd", "raw.igs.mha"])
def test_a_truncated_sequence(tmp_path, name, part, capfd):
    path = tmp_path / name
    if name.endswith("nrrd"):
        write_nrrd(path, "PLUS", "raw" if name.startswith("raw") else "gzip")
    else:
        write_metaimage(path, compressed=not name.startswith("raw"))
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * part)])
    refused(path, "truncated|damaged|no image|not match|stated|cannot be understood", capfd)


@pytest.mark.parametrize("name", ["in.igs.nrrd", "in.igs.mha"])
def test_damaged_pixels(tmp_path, name, capfd):
    path = tmp_path / name
    if name.endswith("nrrd"):
        write_nrrd(path, "PLUS", "gzip")
    else:
        write_metaimage(path)
    data = bytearray(path.read_bytes())
    data[-2000:-1000] = bytes(1000)
    path.write_bytes(data)
    refused(path, "damaged|truncated", capfd)


def test_a_header_whose_pixels_are_gone(tmp_path):
    (tmp_path / "in.nhdr").write_text(
        "NRRD0004\ntype: uint8\ndimension: 2\nsizes: 20 20\nencoding: raw\ndata file: a.raw\n"
    )
    refused(tmp_path / "in.nhdr", "a.raw, which is not there")
    (tmp_path / "in.mhd").write_text("NDims = 2\nDimSize = 20 20\nElementType = MET_UCHAR\nElementDataFile = a.raw\n")
    refused(tmp_path / "in.mhd", "a.raw, which is not there")


@pytest.mark.parametrize("dtype", [np.int64, np.uint64])
def test_64_bit_labels(tmp_path, dtype):
    nrrd.write(str(tmp_path / "in.nrrd"), np.zeros((20, 20, 3), dtype))
    refused(tmp_path / "in.nrrd", "int64, which cannot be despeckled")
    sitk.WriteImage(sitk.GetImageFromArray(np.zeros((3, 20, 20), dtype)), str(tmp_path / "in.mha"))
    refused(tmp_path / "in.mha", "int64, which cannot be despeckled")


def test_complex_numbers(tmp_path):
    sitk.WriteImage(sitk.GetImageFromArray(np.zeros((3, 20, 20), np.complex64)), str(tmp_path / "in.nrrd"))
    refused(tmp_path / "in.nrrd", "complex")


@pytest.mark.parametrize("components", [2, 5])
def test_vectors_that_are_no_color(tmp_path, components):
    image = sitk.GetImageFromArray(np.zeros((3, 20, 20, components), np.float32), isVector=True)
    for name in ("in.nrrd", "in.mha", "in.nii"):
        sitk.WriteImage(image, str(tmp_path / name))
        refused(tmp_path / name, f"{components} components")


@pytest.mark.parametrize("name", ["in.nrrd", "in.mha"])
def test_four_dimensions(tmp_path, name):
    sitk.WriteImage(sitk.GetImageFromArray(speckle(2, 3, 20, 21), isVector=False), str(tmp_path / name))
    refused(tmp_path / name, "21 x 20 x 3 x 2")


@pytest.mark.parametrize("shape", [(3, 1, 40), (3, 40, 1), (3, 15, 40), (1, 20, 4097)])
@pytest.mark.parametrize("name", ["in.nrrd", "in.mha", "in.nii", "in.tif"])
def test_frames_that_are_too_small_or_too_large(tmp_path, name, shape):
    sitk.WriteImage(sitk.GetImageFromArray(np.zeros(shape, np.uint8)), str(tmp_path / name))
    refused(tmp_path / name, "16 x 16 to 4096 x 4096 are accepted")


def test_a_single_row_of_pixels(tmp_path):
    nrrd.write(str(tmp_path / "in.nrrd"), speckle(200))
    refused(tmp_path / "in.nrrd", "axes of 200;")


@pytest.mark.parametrize("frame_axis", [-1, 3])
def test_a_frame_axis_that_does_not_exist(tmp_path, frame_axis):
    nrrd.write(str(tmp_path / "in.nrrd"), speckle(20, 20, 20))
    refused(tmp_path / "in.nrrd", "must be 0", frame_axis=frame_axis)


def test_zero_frames(tmp_path):
    head = "NRRD0004\ntype: uint8\ndimension: 3\nsizes: 20 20 0\nkinds: domain domain list\nencoding: raw\n\n"
    (tmp_path / "in.seq.nrrd").write_text(head)
    refused(tmp_path / "in.seq.nrrd", "holds no frames")
    head = "NDims = 3\nDimSize = 20 20 0\nElementType = MET_UCHAR\nElementDataFile = LOCAL\n"
    (tmp_path / "in.igs.mha").write_text(head)
    refused(tmp_path / "in.igs.mha", "holds no frames")


@pytest.mark.parametrize("sizes", ["4000 4000 1000000", "20 20 99999999999999"])
def test_sizes_that_no_machine_can_hold(tmp_path, sizes):
    """A header may lie; it must not make the machine run out of memory."""
    head = f"NRRD0004\ntype: uint8\ndimension: 3\nsizes: {sizes}\nencoding: gzip\n\n"
    (tmp_path / "in.nrrd").write_bytes(head.encode() + bytes(1000))
    refused(tmp_path / "in.nrrd", "truncated")


@pytest.mark.parametrize("line", ["sizes: a b c", "dimension: three", "space directions: (1,x,0) (0,1,0) (0,0,1)"])
def test_a_header_without_sense(tmp_path, line):
    fields = {"type": "uint8", "dimension": "3", "sizes": "20 20 2", "encoding": "raw"}
    name, value = line.split(": ")
    fields[name] = value
    head = "NRRD0004\n" + "".join(f"{name}: {value}\n" for name, value in fields.items()) + "\n"
    (tmp_path / "in.nrrd").write_bytes(head.encode() + bytes(800))
    refused(tmp_path / "in.nrrd", "cannot be understood")


UNREADABLE_PROGRAM = """
import os, sys
from Speckle2SelfLib.errors import InputError
from Speckle2SelfLib.files import open_sweep
os.setuid(65534)
try:
    open_sweep(sys.argv[1])
except InputError as error:
    print(error)
"""


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="needs root to become somebody else")
def test_an_unreadable_file_is_named():
    """Root may read anything, so another user tries."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        path = os.path.join(folder, "in.nrrd")
        nrrd.write(path, speckle(20, 20))
        os.chmod(path, 0o000)
        done = subprocess.run([sys.executable, "-c", UNREADABLE_PROGRAM, path], capture_output=True, text=True)
    assert "cannot be read (Permission denied); check its permissions." in done.stdout, done.stderr


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read anything")
def test_an_unreadable_file_is_refused(tmp_path):
    nrrd.write(str(tmp_path / "in.nrrd"), speckle(20, 20))
    (tmp_path / "in.nrrd").chmod(0o000)
    refused(tmp_path / "in.nrrd", "Permission denied")


@pytest.mark.parametrize("indices", [[], [3], [-1], [1, 0], [0, 0]])
def test_frames_that_do_not_exist_are_refused(tmp_path, indices):
    nrrd.write(str(tmp_path / "in.nrrd"), speckle(20, 20, 3))
    with pytest.raises(InputError, match=r"rising order|No frames"):
        open_sweep(tmp_path / "in.nrrd").writer(tmp_path / "out.nrrd", indices, np.uint8, {})


def test_content_counts_more_than_the_name(tmp_path):
    nrrd.write(str(tmp_path / "in.nrrd"), speckle(20, 20))
    (tmp_path / "in.nrrd").rename(tmp_path / "in.mha")
    assert open_sweep(tmp_path / "in.mha").format_name == "NRRD"


def test_a_tiff_tag_longer_than_its_file(tmp_path):
    """Its length is a number in the file, and must not decide how much memory is taken."""
    import struct

    entry = struct.pack("<HHII", 256, 4, 0xFFFFFFF0, 8)
    (tmp_path / "in.tif").write_bytes(struct.pack("<2sHI", b"II", 42, 8) + struct.pack("<H", 1) + entry + bytes(400))
    refused(tmp_path / "in.tif", "truncated or damaged")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), name=st.sampled_from(["in.igs.nrrd", "in.igs.mha", "in.nii", "in.png", "in.dcm"]))
def test_damaged_headers_raise_nothing_but_input_errors(tmp_path, data, name):
    whole = tmp_path / name
    if not whole.exists():
        write_tracked(tmp_path / "start.igs.nrrd")
        if "igs" in name:
            write_tracked(whole)
        elif name == "in.dcm":
            save(whole, ultrasound(speckle(2, 20, 20)))
        else:
            write_like(open_sweep(tmp_path / "start.igs.nrrd"), whole, [0])
    content = bytearray(whole.read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, min(1200, len(content) - 1)))] = data.draw(st.integers(0, 255))
    damaged = tmp_path / ("damaged" + "".join(whole.suffixes))
    damaged.write_bytes(content)
    with contextlib.suppress(InputError):
        assert len(open_sweep(damaged)) > 0
