"""DICOM ultrasound in: every color model, bit depth and transfer syntax that can be made or found here."""

from __future__ import annotations

import warnings

import numpy as np
import pydicom
import pydicom.data
import pytest
from dicom_samples import add_region, compress_with_gdcm, palette, save, ultrasound
from file_samples import frames_of, speckle
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    RLELossless,
)
from Speckle2SelfLib.errors import InputError
from Speckle2SelfLib.files import open_sweep


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian, RLELossless])
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int16"])
@pytest.mark.parametrize("count", [1, 3])
def test_gray_frames_come_as_they_are(tmp_path, syntax, dtype, count):
    frames = speckle(count, 18, 21, dtype=dtype)
    sweep = open_sweep(save(tmp_path / "in.dcm", ultrasound(frames), syntax))
    assert (sweep.color, sweep.dtype, sweep.format_name) == (False, np.dtype(dtype), "DICOM")
    np.testing.assert_array_equal(frames_of(sweep), frames)


def test_a_deflated_object_is_read(tmp_path):
    frames = speckle(2, 18, 21)
    sweep = open_sweep(save(tmp_path / "in.dcm", ultrasound(frames), DeflatedExplicitVRLittleEndian))
    np.testing.assert_array_equal(frames_of(sweep), frames)


KINDS = {
    "JPEG lossless, first-order prediction": "JPEGLosslessProcess14_1",
    "JPEG lossless": "JPEGLosslessProcess14",
    "JPEG-LS": "JPEGLSLossless",
    "JPEG 2000": "JPEG2000Lossless",
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("pixels", ["uint8", "uint16", "color"])
@pytest.mark.parametrize("count", [1, 3])
def test_lossless_compression_is_undone(tmp_path, kind, pixels, count):
    frames = speckle(count, 32, 48, 3) if pixels == "color" else speckle(count, 32, 48, dtype=pixels)
    plain = save(tmp_path / "plain.dcm", ultrasound(frames))
    path = compress_with_gdcm(plain, tmp_path / "in.dcm", KINDS[kind])
    assert pydicom.dcmread(path).file_meta.TransferSyntaxUID.is_compressed
    sweep = open_sweep(path)
    assert sweep.color == (pixels == "color")
    np.testing.assert_array_equal(frames_of(sweep), frames)


def test_damaged_compressed_pixels_do_not_end_the_process(capfd):
    """GDCM ends the process that decodes these bytes."""
    import random
    import tempfile
    from pathlib import Path

    path = pydicom.data.get_testdata_file("examples_ybr_color.dcm", download=False)
    whole = Path(path).read_bytes()
    refusals = 0
    for seed in (25, 28, 30):
        chance, data = random.Random(seed), bytearray(whole)
        start = chance.randrange(40000, len(data))
        data[start : start + 4000] = bytes(len(data[start : start + 4000]))
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "in.dcm").write_bytes(data)
            try:
                open_sweep(Path(folder, "in.dcm"))
            except InputError as error:
                refusals += "truncated or damaged" in str(error)
    assert refusals
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("planar", [0, 1])
@pytest.mark.parametrize("count", [1, 3])
def test_rgb_frames_come_as_they_are(tmp_path, planar, count):
    frames = speckle(count, 18, 21, 3)
    sweep = open_sweep(save(tmp_path / "in.dcm", ultrasound(frames, planar=planar)))
    assert sweep.color
    np.testing.assert_array_equal(frames_of(sweep), frames)


def test_full_ybr_becomes_rgb(tmp_path):
    rgb = np.array([[0, 0, 0], [255, 255, 255], [255, 0, 0], [0, 0, 255], [90, 120, 30]], float)
    y = rgb @ [0.299, 0.587, 0.114]
    ybr = np.stack([y, 128 + (rgb[:, 2] - y) / 1.772, 128 + (rgb[:, 0] - y) / 1.402], axis=-1)
    pixels = np.clip(np.round(np.resize(ybr, (20, 20, 3))), 0, 255).astype(np.uint8)
    expected = np.resize(rgb, (20, 20, 3))
    for interpretation in ("YBR_FULL", "YBR_FULL_422"):
        flat = pixels.copy()
        if interpretation.endswith("422"):
            flat, expected = np.repeat(pixels[:, :10], 2, axis=1), np.repeat(expected[:, :10], 2, axis=1)
        sweep = open_sweep(save(tmp_path / "in.dcm", ultrasound(flat[np.newaxis], interpretation=interpretation)))
        assert np.abs(frames_of(sweep)[0].astype(float) - expected).max() <= 2


def test_a_palette_becomes_rgb(tmp_path):
    indices = speckle(2, 18, 21)
    dataset, table = palette(ultrasound(indices, interpretation="PALETTE COLOR"))
    sweep = open_sweep(save(tmp_path / "in.dcm", dataset))
    assert (sweep.color, sweep.dtype) == (True, np.uint8)
    np.testing.assert_array_equal(frames_of(sweep), table[indices])


@pytest.mark.parametrize(("dtype", "bits"), [("uint8", 8), ("uint16", 12), ("int16", 16)])
def test_in_monochrome1_bright_becomes_bright(tmp_path, dtype, bits):
    frames = speckle(2, 18, 21, dtype=dtype)
    if bits == 12:
        frames = frames % 4096
    dataset = ultrasound(frames, interpretation="MONOCHROME1", bits=bits)
    opened = frames_of(open_sweep(save(tmp_path / "in.dcm", dataset)))
    top = (1 << bits) - 1 if frames.dtype.kind == "u" else -1
    np.testing.assert_array_equal(opened.astype(int), top - frames.astype(int))


def test_old_overlays_in_unused_bits_do_not_become_pixels(tmp_path):
    frames = speckle(1, 18, 21, dtype="uint16") % 1024
    sweep = open_sweep(save(tmp_path / "in.dcm", ultrasound(frames | 0x8000, bits=10)))
    np.testing.assert_array_equal(frames_of(sweep), frames)


def test_an_object_without_preamble_is_read_by_its_suffix(tmp_path):
    frames = speckle(1, 18, 21)
    dataset = ultrasound(frames)
    dataset.save_as(tmp_path / "in.dcm", implicit_vr=True, little_endian=True)
    np.testing.assert_array_equal(frames_of(open_sweep(tmp_path / "in.dcm")), frames)


def test_spacing_comes_from_the_bmode_region_in_millimeters(tmp_path):
    dataset = ultrasound(speckle(1, 40, 50))
    add_region(dataset, (0, 0, 49, 39), delta=(0.02, 0.03))
    dataset.PixelSpacing = [9, 9]
    assert open_sweep(save(tmp_path / "in.dcm", dataset)).spacing == pytest.approx((0.3, 0.2))


def test_spacing_without_calibrated_region_is_the_pixel_spacing_or_unknown(tmp_path):
    dataset = ultrasound(speckle(1, 40, 50))
    add_region(dataset, (0, 0, 49, 39), delta=(0.02, 0.03), units=(4, 0))
    assert open_sweep(save(tmp_path / "in.dcm", dataset)).spacing is None
    dataset.PixelSpacing = [0.4, 0.5]
    assert open_sweep(save(tmp_path / "in.dcm", dataset)).spacing == (0.4, 0.5)


def test_everything_but_bmode_regions_is_kept(tmp_path):
    dataset = ultrasound(speckle(2, 60, 80))
    add_region(dataset, (10, 5, 49, 54))
    add_region(dataset, (20, 40, 60, 58), spatial=2, data=1)  # M-mode drawn over the lower part
    add_region(dataset, (62, 5, 79, 30), spatial=3, data=3)
    keep = open_sweep(save(tmp_path / "in.dcm", dataset)).keep
    expected = np.ones((60, 80), bool)
    expected[5:55, 10:50] = False
    expected[40:59, 20:61] = True
    np.testing.assert_array_equal(keep, expected)


def test_color_doppler_regions_belong_to_the_bmode_image(tmp_path):
    dataset = ultrasound(speckle(1, 60, 80, 3))
    add_region(dataset, (0, 0, 39, 59), data=1)
    add_region(dataset, (40, 0, 79, 59), data=2)
    assert not open_sweep(save(tmp_path / "in.dcm", dataset)).keep.any()


def test_without_regions_nothing_is_said_about_kept_pixels(tmp_path):
    assert open_sweep(save(tmp_path / "in.dcm", ultrasound(speckle(1, 60, 80)))).keep is None


def test_regions_of_a_larger_image_are_not_trusted(tmp_path):
    dataset = ultrasound(speckle(1, 60, 80))
    add_region(dataset, (20, 10, 140, 110))
    sweep = open_sweep(save(tmp_path / "in.dcm", dataset))
    assert sweep.keep is None
    assert "regions do not fit" in sweep.notes[0]


def test_a_purely_spectral_object_is_refused(tmp_path):
    dataset = ultrasound(speckle(1, 60, 80))
    add_region(dataset, (0, 0, 79, 59), spatial=3, data=3)
    with pytest.raises(InputError, match="no B-mode region"):
        open_sweep(save(tmp_path / "in.dcm", dataset))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.2", "Modality": "CT"}, "CT Image Storage of modality CT"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.7", "Modality": "MR"}, "of modality MR"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.6.2"}, "3D ultrasound volume"),
        ({"BitsAllocated": 32}, "32 bits per pixel"),
        ({"PhotometricInterpretation": "HSV"}, "photometric interpretation"),
    ],
)
def test_what_is_no_2d_ultrasound_is_refused(tmp_path, change, message):
    path = save(tmp_path / "in.dcm", ultrasound(speckle(1, 20, 20)))
    dataset = pydicom.dcmread(path)
    for name, value in change.items():
        setattr(dataset, name, value)
    dataset.save_as(path)
    with pytest.raises(InputError, match=message):
        open_sweep(path)


def test_a_secondary_capture_of_ultrasound_is_accepted(tmp_path):
    dataset = ultrasound(speckle(1, 20, 20, 3))
    dataset.SOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
    assert open_sweep(save(tmp_path / "in.dcm", dataset)).color


def test_an_object_without_pixels_is_refused(tmp_path):
    dataset = ultrasound(speckle(1, 20, 20))
    del dataset.PixelData
    with pytest.raises(InputError, match="holds no pixel data"):
        open_sweep(save(tmp_path / "in.dcm", dataset))


@pytest.mark.parametrize("part", [0.1, 0.5, 0.95])
def test_a_truncated_object_is_refused(tmp_path, part):
    data = save(tmp_path / "whole.dcm", ultrasound(speckle(3, 40, 40))).read_bytes()
    (tmp_path / "in.dcm").write_bytes(data[: int(len(data) * part)])
    with pytest.raises(InputError, match=r"truncated|damaged"):
        open_sweep(tmp_path / "in.dcm")


def test_an_unknown_transfer_syntax_is_named(tmp_path):
    path = save(tmp_path / "in.dcm", ultrasound(speckle(1, 40, 40)))
    dataset = pydicom.dcmread(path)
    dataset.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.4.102"  # MPEG-4
    dataset.PixelData = pydicom.encaps.encapsulate([b"\0" * 64])
    dataset["PixelData"].is_undefined_length = True
    dataset.save_as(path)
    with pytest.raises(InputError, match=r"MPEG-4.*cannot be decoded"):
        open_sweep(path)


def test_the_cine_that_pydicom_carries_is_read_without_a_word(capfd):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sweep = open_sweep(pydicom.data.get_testdata_file("examples_ybr_color.dcm", download=False))
        assert (len(sweep), sweep.frame_shape, sweep.color) == (30, (240, 320, 3), True)
    assert sweep.spacing == pytest.approx((0.51049705, 0.51049705))
    assert sweep.frame_times[29] == pytest.approx(29 * 0.033333)
    gray = sweep.frames[0][100:140, 150:170].astype(int)
    assert np.abs(gray - gray.mean(axis=-1, keepdims=True)).max() < 12  # tissue is gray: the color model is right
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("name", "spacing"),
    [
        ("examples_palette.dcm", (0.26228788, 0.26228788)),
        ("examples_jpeg2k.dcm", None),
        ("examples_rgb_color.dcm", None),
    ],
)
def test_other_real_objects_are_read(name, spacing):
    path = pydicom.data.get_testdata_file(name, download=False)
    if path is None:
        pytest.skip(f"this pydicom does not carry {name}")
    sweep = open_sweep(path)
    assert sweep.color
    if spacing:
        assert sweep.spacing == pytest.approx(spacing)
