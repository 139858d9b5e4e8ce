"""Label maps: written in the geometry of their image, read back as masks, and what is refused says why."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813
from label_file_samples import (
    COLUMNS,
    COUNT,
    ORIGIN,
    ROWS,
    SPACING,
    disks,
    picture,
    write_masks,
    write_volume,
)
from Speckle2SelfLib.errors import InputError, OutputError
from Speckle2SelfLib.files import Sweep, open_sweep
from Speckle2SelfTrainingLib.segmentation.files import pixel_spacing, read_labels
from Speckle2SelfTrainingLib.segmentation.files.frame_list import not_found_note


@pytest.fixture
def sweep(tmp_path: Path) -> Sweep:
    return open_sweep(write_volume(tmp_path / "sweep.nrrd", picture()))


@pytest.mark.parametrize("suffix", [".nrrd", ".nhdr", ".mha", ".mhd", ".nii", ".nii.gz", ".seg.nrrd"])
@pytest.mark.parametrize("source", [".nrrd", ".mha", ".nii.gz"])
def test_masks_come_back_with_spacing_and_geometry(source: str, suffix: str, tmp_path: Path) -> None:
    sweep = open_sweep(write_volume(tmp_path / f"sweep{source}", picture(), oblique=True))
    found = read_labels(write_masks(sweep, tmp_path / f"labels{suffix}", disks(), label=7))
    np.testing.assert_array_equal(found.frames, disks())
    assert (found.frames.dtype, found.label, found.sequence) == (np.uint8, 7, False)
    assert found.spacing == pytest.approx((SPACING[1], SPACING[0]))
    assert found.positions == pytest.approx([0, 0.5, 1, 1.5, 2])
    assert found.geometry is not None
    assert sweep.geometry is not None
    np.testing.assert_allclose(found.geometry.origin, sweep.geometry.origin, atol=1e-6)
    np.testing.assert_allclose(found.geometry.direction, sweep.geometry.direction, atol=1e-6)


@pytest.mark.parametrize("suffix", [".nrrd", ".mha", ".seg.nrrd"])
def test_confidences_travel_in_the_header_where_it_has_a_place_for_them(
    sweep: Sweep, tmp_path: Path, suffix: str
) -> None:
    found = read_labels(write_masks(sweep, tmp_path / f"labels{suffix}", disks()))
    assert found.confidences == [0.05, 0.15, 0.25, 0.35, 0.45]


def test_other_programs_see_the_label_map_where_the_image_is(sweep: Sweep, tmp_path: Path) -> None:
    image = sitk.ReadImage(str(write_masks(sweep, tmp_path / "labels.nrrd", disks())))
    np.testing.assert_array_equal(sitk.GetArrayFromImage(image), disks())
    assert image.GetSpacing() == pytest.approx(SPACING)
    assert image.GetOrigin() == pytest.approx(ORIGIN)


def test_selected_frames_keep_their_place_in_the_patient(sweep: Sweep, tmp_path: Path) -> None:
    for name in ("part.nrrd", "part.seg.nrrd"):
        path = write_masks(sweep, tmp_path / name, disks(), frames=slice(1, 3))
        image = sitk.ReadImage(str(path))
        assert image.GetOrigin() == pytest.approx((ORIGIN[0], ORIGIN[1], ORIGIN[2] + SPACING[2]))
        np.testing.assert_array_equal(read_labels(path).frames, disks()[1:3])


def test_a_segmentation_of_selected_frames_finds_its_place_in_the_sweep(sweep: Sweep, tmp_path: Path) -> None:
    path = write_masks(sweep, tmp_path / "part.seg.nrrd", disks(), frames=slice(1, 3))
    found = read_labels(path, like=sweep)
    np.testing.assert_array_equal(found.frames[1:3], disks()[1:3])
    assert found.frames.shape == (COUNT, ROWS, COLUMNS)
    assert not found.frames[[0, 3, 4]].any()


def test_a_color_image_gets_a_gray_label_map(tmp_path: Path) -> None:
    colors = np.repeat(picture()[0][..., np.newaxis], 3, axis=2)
    sitk.WriteImage(sitk.GetImageFromArray(colors, isVector=True), str(tmp_path / "frame.png"))
    sweep = open_sweep(tmp_path / "frame.png")
    for suffix in (".png", ".nrrd", ".tif", ".seg.nrrd"):
        found = read_labels(write_masks(sweep, tmp_path / f"labels{suffix}", disks(), label=255))
        np.testing.assert_array_equal(found.frames, disks()[:1])
        assert found.spacing is None


def write_sequence(path: Path) -> Sweep:
    lines = ["ObjectType = Image", "NDims = 3", "BinaryData = True", "CompressedData = False"]
    lines += [f"DimSize = {COLUMNS} {ROWS} {COUNT}", "Kinds = domain domain list", "ElementSpacing = 1 1 1"]
    for k in range(COUNT):
        lines.append(f"Seq_Frame{k:04d}_ProbeToTrackerTransform = 1 0 0 {k} 0 1 0 0 0 0 1 0 0 0 0 1")
        lines.append(f"Seq_Frame{k:04d}_Timestamp = {k / 20:.6f}")
    lines += ["ElementType = MET_UCHAR", "ElementDataFile = LOCAL", ""]
    path.write_bytes("\n".join(lines).encode() + picture().tobytes())
    return open_sweep(path)


@pytest.mark.parametrize("name", ["labels.igs.mha", "labels.igs.nrrd", "labels.seq.nrrd"])
def test_a_tracked_sequence_becomes_a_sequence_of_label_maps(tmp_path: Path, name: str) -> None:
    sweep = write_sequence(tmp_path / "sweep.igs.mha")
    path = write_masks(sweep, tmp_path / name, disks(), frames=slice(1, None))
    written = open_sweep(path)
    transforms = [value for key, value in written.metadata.items() if key.endswith("ProbeToTrackerTransform")]
    assert transforms == [f"1 0 0 {k} 0 1 0 0 0 0 1 0 0 0 0 1" for k in range(1, COUNT)]
    found = read_labels(path)
    np.testing.assert_array_equal(found.frames, disks()[1:])
    assert found.times == pytest.approx([0.05, 0.1, 0.15, 0.2])
    assert (found.sequence, found.spacing, found.positions) == (True, None, None)
    assert found.confidences == [0.15, 0.25, 0.35, 0.45]


def test_a_tracked_sequence_cannot_become_a_segmentation(tmp_path: Path) -> None:
    sweep = write_sequence(tmp_path / "sweep.igs.mha")
    with pytest.raises(OutputError, match=r"one volume without times and transforms.*\.seq\.nrrd.*\.igs\.mha"):
        write_masks(sweep, tmp_path / "labels.seg.nrrd", disks())
    assert [path.name for path in tmp_path.iterdir()] == ["sweep.igs.mha"]


@pytest.mark.parametrize("name", ["labels.dcm", "labels.jpg", "labels.seg.vtm", "labels"])
def test_formats_that_hold_no_label_map_are_refused(sweep: Sweep, tmp_path: Path, name: str) -> None:
    with pytest.raises(OutputError, match=r"holds no label map; use \.seg\.nrrd, \.nrrd"):
        write_masks(sweep, tmp_path / name, disks())


def test_a_folder_of_masks_is_read_in_the_order_of_its_numbers(tmp_path: Path) -> None:
    for number, (frame, mask) in enumerate(zip(picture(), disks(), strict=True), start=8):
        sitk.WriteImage(sitk.GetImageFromArray(frame), str(tmp_path / f"frame_{number}.png"))
        sitk.WriteImage(sitk.GetImageFromArray(mask * 255), str(tmp_path / f"frame_{number}_mask.png"))
    found = read_labels(tmp_path)
    np.testing.assert_array_equal(found.frames, disks())
    assert found.label == 255


@pytest.mark.parametrize("depth", [1, 2, 4, 8])
@pytest.mark.parametrize("palette", [False, True])
def test_a_png_label_map_has_the_values_that_it_stores(tmp_path: Path, depth: int, palette: bool) -> None:
    values = disks()[0] * ((1 << depth) - 1 if depth < 4 else 3)
    path = tmp_path / "labels.png"
    path.write_bytes(png(values, depth, palette))
    assert read_labels(path).label == values.max()
    np.testing.assert_array_equal(read_labels(path).frames[0], disks()[0])


def png(values: np.ndarray, depth: int, palette: bool) -> bytes:
    """Return a PNG file of few bits per pixel, gray or with a palette of colors."""
    bits = np.unpackbits(values[..., np.newaxis], axis=2)[..., 8 - depth :].reshape(len(values), -1)
    rows = b"".join(b"\0" + np.packbits(row).tobytes() for row in bits)
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", *values.shape[::-1], depth, 3 if palette else 0, 0, 0, 0))]
    chunks += [(b"PLTE", bytes(range(3 << depth)))] if palette and depth < 7 else []
    chunks += [(b"PLTE", bytes(k % 251 for k in range(768)))] if palette and depth == 8 else []
    chunks += [(b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    encoded = [
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(encoded)


def test_unlabelled_pixels_come_out_as_255(tmp_path: Path) -> None:
    labels = disks() * np.uint8(2)
    labels[:, 0] = 9
    path = write_volume(tmp_path / "labels.nrrd", labels)
    found = read_labels(path, ignore=9)
    assert (found.label, set(np.unique(found.frames).tolist())) == (2, {0, 1, 255})
    assert (found.frames[:, 0] == 255).all()


def test_one_of_several_labels_must_be_named(tmp_path: Path) -> None:
    labels = disks() * np.uint8(2)
    labels[:, 0] = 5
    path = write_volume(tmp_path / "labels.nrrd", labels)
    np.testing.assert_array_equal(read_labels(path, label=2).frames, disks())
    with pytest.raises(InputError, match="holds the labels 2, 5; say which"):
        read_labels(path)
    with pytest.raises(InputError, match="has no label 3; its labels are 2, 5"):
        read_labels(path, label=3)


def test_an_image_is_no_label_map(sweep: Sweep, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="more than 32 different values, as an image does"):
        read_labels(sweep.path)
    path = write_volume(tmp_path / "halves.nrrd", disks().astype(np.float32) / 2)
    with pytest.raises(InputError, match="no whole numbers"):
        read_labels(path)


def test_a_negative_value_is_no_label_but_may_be_ignored(tmp_path: Path) -> None:
    labels = disks().astype(np.int16)
    labels[0, 0, :5] = -1
    path = write_volume(tmp_path / "labels.nrrd", labels)
    with pytest.raises(InputError, match="holds the value -1; a label map has 0"):
        read_labels(path)
    assert (read_labels(path, ignore=-1).frames == 255).sum() == 5


def test_an_empty_label_map_is_read_and_said(sweep: Sweep, tmp_path: Path) -> None:
    for name in ("labels.nrrd", "labels.seg.nrrd"):
        found = read_labels(write_masks(sweep, tmp_path / name, disks() * 0), like=sweep)
        assert found.frames.shape == (COUNT, ROWS, COLUMNS)
        assert not found.frames.any()
        assert found.notes == [f"{name} is empty: no pixel has the label 1."]


def test_labels_of_another_image_are_refused_with_both_sizes(sweep: Sweep, tmp_path: Path) -> None:
    small = write_volume(tmp_path / "small.nrrd", disks()[:, 1:])
    with pytest.raises(InputError, match=r"frames of 19 x 24 pixels, but sweep\.nrrd of 20 x 24"):
        read_labels(small, like=sweep)
    few = write_volume(tmp_path / "few.nrrd", disks()[1:])
    with pytest.raises(InputError, match=r"has 4 frames, but sweep\.nrrd has 5"):
        read_labels(few, like=sweep)


def test_a_label_map_takes_from_its_image_what_it_does_not_know(sweep: Sweep, tmp_path: Path) -> None:
    sitk.WriteImage(sitk.GetImageFromArray(disks()), str(tmp_path / "labels.nrrd"))
    assert read_labels(tmp_path / "labels.nrrd").spacing is None
    found = read_labels(tmp_path / "labels.nrrd", like=sweep)
    assert found.spacing == pytest.approx((SPACING[1], SPACING[0]))
    assert found.positions == pytest.approx([0, 0.5, 1, 1.5, 2])


@pytest.mark.parametrize("suffix", [".nrrd", ".seg.nrrd"])
def test_the_image_says_how_large_pixels_are_where_labels_state_another_size(
    sweep: Sweep, tmp_path: Path, suffix: str
) -> None:
    stretched = open_sweep(write_volume(tmp_path / "stretched.nrrd", picture(), spacing=(0.2, 0.3, 0.9)))
    path = write_masks(stretched, tmp_path / f"labels{suffix}", disks())
    found = read_labels(path, like=sweep)
    assert found.spacing == pytest.approx((SPACING[1], SPACING[0]))
    assert found.geometry == sweep.geometry
    assert found.positions == pytest.approx([0, 0.5, 1, 1.5, 2])
    assert any(f"labels{suffix} has pixels of 0.3 x 0.2 mm" in note for note in found.notes)
    assert not read_labels(write_masks(sweep, tmp_path / f"own{suffix}", disks()), like=sweep).notes


def test_a_spacing_of_one_is_no_spacing(tmp_path: Path) -> None:
    sitk.WriteImage(sitk.GetImageFromArray(picture()), str(tmp_path / "sweep.mha"))
    assert open_sweep(tmp_path / "sweep.mha").spacing == (1, 1)
    assert pixel_spacing(open_sweep(tmp_path / "sweep.mha")) is None
    assert pixel_spacing(write_sequence(tmp_path / "sweep.igs.mha")) is None


def test_a_segmentation_has_segments_and_a_label_map_has_none(sweep: Sweep, tmp_path: Path) -> None:
    segmentation = write_masks(sweep, tmp_path / "labels.seg.nrrd", disks())
    assert read_labels(segmentation, segment="Lumen").name == "Common carotid artery lumen"
    assert read_labels(segmentation, segment="Common carotid artery lumen").label == 1
    with pytest.raises(InputError, match=r"no segment of name 'vein'; its segments are 'Common carotid artery lumen'"):
        read_labels(segmentation, segment="vein")
    with pytest.raises(InputError, match="no segment of label 4"):
        read_labels(segmentation, label=4)
    with pytest.raises(InputError, match="label map, which has no segment 'vein'"):
        read_labels(write_masks(sweep, tmp_path / "labels.nrrd", disks()), segment="vein")


@pytest.mark.parametrize(
    ("missing", "count", "said"),
    [
        ([], 9, None),
        ([3, 7], 9, "no lumen found on frames 4, 8 (counted from 1)"),
        ([3], 9, "no lumen found on frame 4 (counted from 1)"),
        ([0], 1, "no lumen found"),
        ([0, 1, 2], 3, "no lumen found on any of the 3 frames"),
        ([0, 1, 5, 6, 7, 8], 99, "no lumen found on frames 1, 2, 6-9 (counted from 1)"),
        (
            [*range(0, 20, 2), *range(30, 40)],
            99,
            "no lumen found on frames 1, 3, 5, 7, 9, 11, 13, 15 and 12 more (counted from 1)",
        ),
    ],
)
def test_frames_without_a_lumen_are_listed_shortly(missing: list[int], count: int, said: str | None) -> None:
    assert not_found_note(missing, count) == said
