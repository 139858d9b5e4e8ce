"""NRRD volumes: read by pynrrd and SimpleITK as well, to be sure that others agree."""

from __future__ import annotations

from pathlib import Path

import nrrd
import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813
from file_samples import PROVENANCE, frames_of, nrrd_lines, speckle, write_like
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from Speckle2SelfLib.errors import InputError
from Speckle2SelfLib.files import open_sweep

TYPES = ["uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64"]
GEOMETRY = {
    "space": "left-posterior-superior",
    "space directions": [[0.2, 0, 0], [0, 0.1, 0.1], [0, 0, 0.5]],
    "space origin": [1.5, -2, 3],
    "kinds": ["domain"] * 3,
}


def save(path: Path, frames: np.ndarray, **header: object) -> None:
    """Write (N, H, W) with pynrrd."""
    nrrd.write(str(path), frames, {**GEOMETRY, **header}, index_order="C")


@pytest.mark.parametrize("dtype", TYPES)
def test_every_pixel_type_comes_back_exactly(tmp_path, dtype):
    frames = speckle(3, 18, 21, dtype=dtype)
    save(tmp_path / "in.nrrd", frames)
    sweep = open_sweep(tmp_path / "in.nrrd")
    assert sweep.dtype == np.dtype(dtype)
    np.testing.assert_array_equal(frames_of(sweep), frames)
    np.testing.assert_array_equal(frames_of(write_like(sweep, tmp_path / "out.nrrd")), frames)


@pytest.mark.parametrize("encoding", ["raw", "gzip", "bzip2", "ascii"])
@pytest.mark.parametrize("dtype", ["int16", "float32"])
def test_every_encoding_is_read_and_written_so_that_others_read_it(tmp_path, encoding, dtype):
    frames = speckle(2, 16, 17, dtype=dtype)
    save(tmp_path / "in.nrrd", frames, encoding=encoding)
    write_like(open_sweep(tmp_path / "in.nrrd"), tmp_path / "out.nrrd")
    read, header = nrrd.read(str(tmp_path / "out.nrrd"), index_order="C")
    np.testing.assert_allclose(read, frames, rtol=1e-6)
    assert header["encoding"] == ("raw" if encoding == "raw" else "gzip")


def test_hex_text_and_big_endian_pixels_are_read(tmp_path):
    frames = speckle(2, 16, 16, dtype="uint16")
    head = "NRRD0004\ntype: uint16\ndimension: 3\nsizes: 16 16 2\nendian: big\nencoding: {}\n\n"
    (tmp_path / "hex.nrrd").write_bytes(head.format("hex").encode() + frames.astype(">u2").tobytes().hex().encode())
    (tmp_path / "raw.nrrd").write_bytes(head.format("raw").encode() + frames.astype(">u2").tobytes())
    for name in ("hex", "raw"):
        sweep = open_sweep(tmp_path / f"{name}.nrrd")
        np.testing.assert_array_equal(frames_of(sweep), frames)
        np.testing.assert_array_equal(frames_of(write_like(sweep, tmp_path / f"{name}_out.nrrd")), frames)


def test_header_lines_come_out_as_they_went_in(tmp_path):
    frames = speckle(2, 16, 17, dtype="int16")
    head = (
        "NRRD0005\n# a comment\n#another: comment\ntype: short\ndimension: 3\nsizes:  17 16   2\n"
        "space: RAS\nkinds: space space space\nspace directions: (.2,0,0) (0,0.30,0) (0,0,1e0)\n"
        "spaceorigin: (0,0,0.50)\n"
        'endian: little\nencoding: gz\nthicknesses: NaN NaN 0.5\nsample units: "a.u."\n'
        "Name of the probe:=L14-5 \\\\ wide\nNotiz:=größer := als : sonst\n\n"
    )
    import gzip

    (tmp_path / "in.nrrd").write_bytes(head.encode() + gzip.compress(frames.tobytes()))
    sweep = open_sweep(tmp_path / "in.nrrd")
    assert sweep.metadata["Name of the probe"] == "L14-5 \\ wide"
    assert sweep.spacing == (0.3, 0.2)
    write_like(sweep, tmp_path / "out.nrrd")
    lines = nrrd_lines(tmp_path / "out.nrrd")
    assert lines[: len(head.split("\n")) - 2] == head.split("\n")[:-2]
    assert lines[len(head.split("\n")) - 2 :] == [
        "Speckle2Self_model:=default",
        "Speckle2Self_model_sha256:=0123abcd",
        "Speckle2Self_strength:=1.0",
    ]


def test_a_second_run_replaces_the_provenance_of_the_first(tmp_path):
    save(tmp_path / "in.nrrd", speckle(1, 16, 16))
    first = write_like(open_sweep(tmp_path / "in.nrrd"), tmp_path / "one.nrrd")
    write_like(first, tmp_path / "two.nrrd")
    assert sum(line.startswith("Speckle2Self_model:=") for line in nrrd_lines(tmp_path / "two.nrrd")) == 1


def test_itk_sees_the_same_geometry_before_and_after(tmp_path):
    save(tmp_path / "in.nrrd", speckle(4, 20, 18))
    write_like(open_sweep(tmp_path / "in.nrrd"), tmp_path / "out.nrrd", change=lambda frame: frame // 2)
    before, after = (sitk.ReadImage(str(tmp_path / name)) for name in ("in.nrrd", "out.nrrd"))
    assert after.GetSpacing() == before.GetSpacing()
    assert after.GetOrigin() == before.GetOrigin()
    assert after.GetDirection() == before.GetDirection()
    np.testing.assert_array_equal(sitk.GetArrayFromImage(after), sitk.GetArrayFromImage(before) // 2)


@pytest.mark.parametrize("frame_axis", [0, 1, 2])
def test_frames_are_counted_along_the_axis_asked_for(tmp_path, frame_axis):
    frames = speckle(17, 18, 19)
    save(tmp_path / "in.nrrd", frames)
    sweep = open_sweep(tmp_path / "in.nrrd", frame_axis=frame_axis)
    np.testing.assert_array_equal(frames_of(sweep), np.moveaxis(frames, frame_axis, 0))
    write_like(sweep, tmp_path / "out.nrrd")
    read, _ = nrrd.read(str(tmp_path / "out.nrrd"), index_order="C")
    np.testing.assert_array_equal(read, frames)


@pytest.mark.parametrize("frame_axis", [0, 1, 2])
def test_a_range_of_frames_stays_where_it_was_in_the_patient(tmp_path, frame_axis):
    frames = speckle(17, 18, 19)
    save(tmp_path / "in.nrrd", frames)
    sweep = open_sweep(tmp_path / "in.nrrd", frame_axis=frame_axis)
    write_like(sweep, tmp_path / "out.nrrd", range(5, 9), frame_axis=frame_axis)
    before, after = (sitk.ReadImage(str(tmp_path / name)) for name in ("in.nrrd", "out.nrrd"))
    index = [0, 0, 0]
    index[2 - frame_axis] = 5
    np.testing.assert_allclose(after.GetOrigin(), before.TransformIndexToPhysicalPoint(index))
    taken = np.take(frames, range(5, 9), axis=frame_axis)
    np.testing.assert_array_equal(sitk.GetArrayFromImage(after), taken)


def test_a_2d_image_is_one_frame(tmp_path):
    image = speckle(20, 30)
    nrrd.write(str(tmp_path / "in.nrrd"), image, {"spacings": [0.3, 0.2]}, index_order="C")
    sweep = open_sweep(tmp_path / "in.nrrd")
    assert (len(sweep), sweep.frame_shape, sweep.spacing) == (1, (20, 30), (0.2, 0.3))
    write_like(sweep, tmp_path / "out.nrrd")
    np.testing.assert_array_equal(nrrd.read(str(tmp_path / "out.nrrd"), index_order="C")[0], image)


@pytest.mark.parametrize(("channels", "kind"), [(3, "RGB-color"), (4, "RGBA-color"), (3, "vector")])
@pytest.mark.parametrize("place", [0, 1, 3])
def test_color_channels_are_found_wherever_they_are(tmp_path, channels, kind, place):
    frames = speckle(2, 16, 17, channels)
    in_file = np.moveaxis(frames, 3, 3 - place)  # place counts from the fastest axis
    kinds, directions = ["domain"] * 3, [list(v) for v in np.eye(3)]
    kinds.insert(place, kind)
    directions.insert(place, [np.nan] * 3)
    header = {"kinds": kinds, "space": "left-posterior-superior", "space directions": np.array(directions)}
    nrrd.write(str(tmp_path / "in.nrrd"), in_file, header, index_order="C")
    sweep = open_sweep(tmp_path / "in.nrrd")
    assert sweep.color
    np.testing.assert_array_equal(frames_of(sweep), frames)
    write_like(sweep, tmp_path / "out.nrrd")
    np.testing.assert_array_equal(nrrd.read(str(tmp_path / "out.nrrd"), index_order="C")[0], in_file)


@pytest.mark.parametrize("encoding", ["raw", "gzip"])
def test_detached_pixels_are_read_and_written_beside_the_header(tmp_path, encoding):
    frames = speckle(2, 16, 17, dtype="uint16")
    nrrd.write(str(tmp_path / "in.nhdr"), frames, {**GEOMETRY, "encoding": encoding}, index_order="C")
    sweep = open_sweep(tmp_path / "in.nhdr")
    assert len(sweep.files) == 2
    write_like(sweep, tmp_path / "out.nhdr")
    np.testing.assert_array_equal(nrrd.read(str(tmp_path / "out.nhdr"), index_order="C")[0], frames)
    attached = write_like(sweep, tmp_path / "attached.nrrd")
    assert attached.files == (tmp_path / "attached.nrrd",)
    np.testing.assert_array_equal(frames_of(attached), frames)


def test_pixels_in_a_list_of_files_are_read(tmp_path):
    frames = speckle(3, 16, 17)
    for number, frame in enumerate(frames):
        (tmp_path / f"slice{number:02d}.raw").write_bytes(frame.tobytes())
    head = "NRRD0004\ntype: uint8\ndimension: 3\nsizes: 17 16 3\nencoding: raw\n"
    (tmp_path / "list.nhdr").write_text(head + "data file: LIST\nslice00.raw\nslice01.raw\nslice02.raw\n")
    (tmp_path / "pattern.nhdr").write_text(head + "data file: slice%02d.raw 0 2 1\n")
    for name in ("list", "pattern"):
        sweep = open_sweep(tmp_path / f"{name}.nhdr")
        np.testing.assert_array_equal(frames_of(sweep), frames)
        np.testing.assert_array_equal(frames_of(write_like(sweep, tmp_path / f"{name}.nrrd")), frames)


def test_another_pixel_type_changes_the_type_and_nothing_else(tmp_path):
    save(tmp_path / "in.nrrd", speckle(2, 16, 17))
    sweep = open_sweep(tmp_path / "in.nrrd")
    written = write_like(sweep, tmp_path / "out.nrrd", change=lambda frame: frame / 255, dtype=np.float32)
    assert written.dtype == np.float32
    np.testing.assert_array_equal(frames_of(written), (frames_of(sweep) / 255).astype(np.float32))
    kept = [line for line in nrrd_lines(tmp_path / "in.nrrd") if not line.startswith("type:")]
    assert set(kept) <= set(nrrd_lines(tmp_path / "out.nrrd"))
    assert sitk.ReadImage(str(tmp_path / "out.nrrd")).GetPixelID() == sitk.sitkFloat32


def test_names_with_other_letters_work(tmp_path):
    folder = tmp_path / "Ärztin 超音波"
    folder.mkdir()
    save(folder / "größe é.nrrd", speckle(1, 16, 16))
    written = write_like(open_sweep(folder / "größe é.nrrd"), folder / "résultat.nrrd")
    assert len(written) == 1


def test_provenance_is_stored_under_own_names(tmp_path):
    save(tmp_path / "in.nrrd", speckle(1, 16, 16))
    write_like(open_sweep(tmp_path / "in.nrrd"), tmp_path / "out.nrrd")
    _, header = nrrd.read(str(tmp_path / "out.nrrd"))
    assert header["Speckle2Self_model_sha256"] == PROVENANCE["model sha256"]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    dtype=st.sampled_from(TYPES),
    sizes=st.tuples(st.integers(1, 4), st.integers(16, 33), st.integers(16, 33)),
    chosen=st.sets(st.integers(0, 3), min_size=1),
    encoding=st.sampled_from(["raw", "gzip"]),
    seed=st.integers(0, 1000),
)
def test_any_selection_of_frames_of_any_size_and_type_comes_back(tmp_path, dtype, sizes, chosen, encoding, seed):
    frames = speckle(*sizes, dtype=dtype, seed=seed)
    save(tmp_path / "in.nrrd", frames, encoding=encoding)
    indices = sorted(index for index in chosen if index < sizes[0]) or [0]
    written = write_like(open_sweep(tmp_path / "in.nrrd"), tmp_path / "out.nrrd", indices)
    np.testing.assert_array_equal(frames_of(written), frames[indices])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    values=st.dictionaries(st.from_regex(r"[A-Za-z][A-Za-z0-9 _.-]{0,12}[a-z]", fullmatch=True), st.text(max_size=20))
)
def test_any_text_in_key_value_pairs_comes_back(tmp_path, values):
    values = {key: "".join(c for c in text if c.isprintable()) for key, text in values.items()}
    pairs = "".join(f"{key}:={text.replace(chr(92), chr(92) * 2)}\n" for key, text in values.items())
    head = "NRRD0005\ntype: uint8\ndimension: 2\nsizes: 16 16\nencoding: raw\n" + pairs + "\n"
    (tmp_path / "in.nrrd").write_bytes(head.encode("utf-8", "surrogatepass") + bytes(256))
    sweep = open_sweep(tmp_path / "in.nrrd")
    assert sweep.metadata == values
    assert write_like(sweep, tmp_path / "out.nrrd").metadata == values


def test_a_header_without_end_is_refused(tmp_path):
    (tmp_path / "in.nrrd").write_text("NRRD0004\ntype: uint8\ndimension: 2\nsizes: 16 16\n")
    with pytest.raises(InputError, match="truncated"):
        open_sweep(tmp_path / "in.nrrd")
