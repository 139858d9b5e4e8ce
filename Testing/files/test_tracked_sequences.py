"""Tracked sequences: every transform, status, time stamp and custom field comes out as it went in."""

from __future__ import annotations

import gzip
import re
import zlib
from pathlib import Path

import numpy as np
import pytest
from file_samples import frames_of, metaimage_lines, nrrd_lines, speckle, write_like
from Speckle2SelfLib.files import open_sweep

COUNT = 12


def frame_fields(number: int) -> dict[str, str]:
    name = f"Seq_Frame{number:04d}_"
    return {
        name + "ProbeToTrackerTransform": f"1 -8.43482e-005 0 {number}.5 0 1 0 316.166 0 0 1 -0.06 0 0 0 1",
        name + "ProbeToTrackerTransformStatus": "OK" if number % 2 else "INVALID",
        name + "Timestamp": f"{345 + number / 10:.6f}",
        name + "MyCustomField": f"größer {number} = x : y",
    }


FIELDS = {key: value for number in range(COUNT) for key, value in frame_fields(number).items()}
# name: axes of a file, fastest first, as (size, kind); "N" is the frame axis, "C" color
LAYOUTS = {
    "PLUS": "W H N",
    "frame fastest": "N W H",
    "one slice": "W H 1 N",
    "color": "C W H N",
    "color and frame fastest": "C N W H",
}
SIZES = {"W": 19, "H": 17, "N": COUNT, "1": 1, "C": 3}
KINDS = {"W": "domain", "H": "domain", "1": "domain", "N": "list", "C": "vector"}


def in_file(layout: str) -> tuple[np.ndarray, np.ndarray]:
    """Frames (N, H, W[, C]) and the same pixels as an array in file order, slowest axis first."""
    axes = LAYOUTS[layout].split()
    frames = speckle(COUNT, 17, 19, 3) if "C" in axes else speckle(COUNT, 17, 19)
    named = ["N", "H", "W"] + (["C"] if "C" in axes else [])
    order = [named.index(axis) for axis in reversed(axes) if axis != "1"]
    return frames, frames.transpose(order)


def write_nrrd(path: Path, layout: str, encoding: str, detached: bool = False) -> np.ndarray:
    axes = LAYOUTS[layout].split()
    frames, stored = in_file(layout)
    data = np.ascontiguousarray(stored).tobytes()
    data = data if encoding == "raw" else gzip.compress(data)
    lines = ["NRRD0004", "# made by a test", f"dimension: {len(axes)}", f"encoding: {encoding}", "endian: little"]
    lines.append("kinds: " + " ".join(KINDS[axis] for axis in axes) + "    ")
    lines.append("sizes: " + " ".join(str(SIZES[axis]) for axis in axes) + "         ")
    lines += ["type: uint8", "ultrasound image orientation:=MFA", "ultrasound image type:=BRIGHTNESS"]
    lines += [f"{key}:={value}" for key, value in FIELDS.items()]
    if detached:
        lines.append("data file: pixels.raw")
        (path.parent / "pixels.raw").write_bytes(data)
        data = b""
    path.write_bytes("\n".join([*lines, "", ""]).encode() + data)
    return frames


def write_metaimage(path: Path, compressed: bool = True, color: bool = False, kinds: str | None = "domain domain list"):
    frames = speckle(COUNT, 17, 19, 3) if color else speckle(COUNT, 17, 19)
    data = zlib.compress(frames.tobytes()) if compressed else frames.tobytes()
    lines = ["ObjectType = Image", "NDims = 3", "AnatomicalOrientation = RAI", "BinaryData = True"]
    lines += ["BinaryDataByteOrderMSB = False", "CenterOfRotation = 0 0 0", f"CompressedData = {compressed}"]
    lines += [f"CompressedDataSize = {len(data)}            "] if compressed else []
    lines += [f"DimSize = 19 17 {COUNT}              "] + ([f"Kinds = {kinds}"] if kinds else [])
    lines += ["ElementNumberOfChannels = 3"] if color else []
    lines += ["ElementSpacing = 1 1 1", "ElementType = MET_UCHAR", "Offset = 0 0 0", "UltrasoundImageOrientation = MFA"]
    lines += [f"{key} = {value}" for key, value in FIELDS.items()] + ["ElementDataFile = LOCAL"]
    path.write_bytes("\n".join([*lines, ""]).encode() + data)
    return frames


def write_tracked(path: Path) -> np.ndarray:
    """Write the usual kind of either format, by suffix."""
    return write_nrrd(path, "PLUS", "gzip") if path.suffix == ".nrrd" else write_metaimage(path)


def expected_fields(indices: range) -> dict[str, str]:
    """The fields of chosen frames, numbered anew."""
    return {
        re.sub(r"\d{4}", f"{position:04d}", key, count=1): value
        for position, index in enumerate(indices)
        for key, value in frame_fields(index).items()
    }


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("encoding", ["raw", "gzip", "gz"])
def test_a_tracked_nrrd_sequence_keeps_every_line(tmp_path, layout, encoding):
    frames = write_nrrd(tmp_path / "in.igs.nrrd", layout, encoding)
    sweep = open_sweep(tmp_path / "in.igs.nrrd")
    assert sweep.sequence
    assert sweep.color == ("C" in LAYOUTS[layout])
    np.testing.assert_array_equal(frames_of(sweep), frames)
    written = write_like(sweep, tmp_path / "out.igs.nrrd", change=lambda frame: 255 - frame)
    np.testing.assert_array_equal(frames_of(written), 255 - frames)
    lines = nrrd_lines(tmp_path / "out.igs.nrrd")
    before = nrrd_lines(tmp_path / "in.igs.nrrd")
    assert lines[: len(before)] == before
    assert all(line.startswith("Speckle2Self_") for line in lines[len(before) :])


def test_a_tracked_nrrd_sequence_with_detached_pixels_keeps_every_field(tmp_path):
    frames = write_nrrd(tmp_path / "in.igs.nrrd", "PLUS", "gzip", detached=True)
    sweep = open_sweep(tmp_path / "in.igs.nrrd")
    np.testing.assert_array_equal(frames_of(sweep), frames)
    written = write_like(sweep, tmp_path / "out.igs.nrrd")
    np.testing.assert_array_equal(frames_of(written), frames)
    assert written.metadata == sweep.metadata


@pytest.mark.parametrize("compressed", [True, False])
@pytest.mark.parametrize("color", [True, False])
@pytest.mark.parametrize("kinds", ["domain domain list", None])
def test_a_tracked_metaimage_sequence_keeps_every_line(tmp_path, compressed, color, kinds):
    frames = write_metaimage(tmp_path / "in.igs.mha", compressed, color, kinds)
    sweep = open_sweep(tmp_path / "in.igs.mha")
    assert (sweep.sequence, sweep.spacing) == (True, None)
    np.testing.assert_array_equal(frames_of(sweep), frames)
    write_like(sweep, tmp_path / "out.igs.mha")
    lines = metaimage_lines(tmp_path / "out.igs.mha")
    changing = ("Speckle2Self_", "CompressedDataSize")
    kept = [line for line in lines if not line.startswith(changing)]
    assert kept == [line for line in metaimage_lines(tmp_path / "in.igs.mha") if not line.startswith(changing)]


def test_the_stated_compressed_size_is_the_real_one(tmp_path):
    write_metaimage(tmp_path / "in.seq.mha")
    write_like(open_sweep(tmp_path / "in.seq.mha"), tmp_path / "out.seq.mha", change=lambda frame: frame // 9)
    lines = metaimage_lines(tmp_path / "out.seq.mha")
    stated = int(next(line for line in lines if line.startswith("CompressedDataSize")).split("=")[1])
    whole = (tmp_path / "out.seq.mha").read_bytes()
    assert whole.index(b"ElementDataFile = LOCAL\n") + len(b"ElementDataFile = LOCAL\n") + stated == len(whole)


@pytest.mark.parametrize("name", ["in.igs.nrrd", "in.igs.mha"])
def test_a_range_of_frames_keeps_the_fields_of_these_frames_under_new_numbers(tmp_path, name):
    frames = write_tracked(tmp_path / name)
    written = write_like(open_sweep(tmp_path / name), tmp_path / f"out.{name}", range(3, 11))
    np.testing.assert_array_equal(frames_of(written), frames[3:11])
    fields = {key: value for key, value in written.metadata.items() if key.startswith("Seq_Frame")}
    assert fields == expected_fields(range(3, 11))
    assert list(fields) == list(expected_fields(range(3, 11)))


@pytest.mark.parametrize(
    "output", ["a.igs.mha", "a.seq.mha", "a.mha", "a.igs.mhd", "a.igs.nrrd", "a.seq.nrrd", "a.nrrd"]
)
@pytest.mark.parametrize("name", ["in.igs.nrrd", "in.igs.mha"])
def test_conversion_between_tracked_formats_keeps_every_frame_field(tmp_path, name, output):
    frames = write_tracked(tmp_path / name)
    written = write_like(open_sweep(tmp_path / name), tmp_path / output, range(1, COUNT))
    assert written.sequence
    np.testing.assert_array_equal(frames_of(written), frames[1:])
    fields = {key: value for key, value in written.metadata.items() if key.startswith("Seq_Frame")}
    assert fields == expected_fields(range(1, COUNT))
    orientation = "ultrasound image orientation" if output.endswith("nrrd") else "UltrasoundImageOrientation"
    assert written.metadata[orientation] == "MFA"


def test_windows_line_ends_are_kept(tmp_path):
    write_metaimage(tmp_path / "unix.igs.mha", compressed=False)
    head, _, data = (tmp_path / "unix.igs.mha").read_bytes().partition(b"ElementDataFile = LOCAL\n")
    text = (head + b"ElementDataFile = LOCAL\n").replace(b"\n", b"\r\n")
    (tmp_path / "in.igs.mha").write_bytes(text + data)
    written = write_like(open_sweep(tmp_path / "in.igs.mha"), tmp_path / "out.igs.mha")
    assert (tmp_path / "out.igs.mha").read_bytes().startswith(text[: text.index(b"ElementDataFile")])
    assert len(written) == COUNT


@pytest.mark.parametrize(
    "name",
    [
        "tracked/NwirePhantomFreehand.igs.nrrd",
        "tracked/NwirePhantomFreehandCropped.igs.mha",
        "tracked/SpinePhantomFreehand.igs.mha",
        "liver-sweep/liver_sweep_f060-083.igs.mha",
    ],
)
def test_real_plus_sequences_keep_every_line(tmp_path, shared, name):
    path = shared / "data" / name
    if not path.is_file():
        pytest.skip(f"{name} is not among the development data")
    read = nrrd_lines if name.endswith("nrrd") else metaimage_lines
    sweep = open_sweep(path)
    output = tmp_path / ("out" + "".join(path.suffixes))
    written = write_like(sweep, output, change=lambda frame: frame // 2)
    np.testing.assert_array_equal(frames_of(written), frames_of(sweep) // 2)
    ignored = ("Speckle2Self_", "CompressedDataSize")
    assert [li for li in read(output) if not li.startswith(ignored)] == [
        li for li in read(path) if not li.startswith(ignored)
    ]
