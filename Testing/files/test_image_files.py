"""PNG, TIFF and JPEG images: checked against Pillow and tifffile."""

from __future__ import annotations

import io

import numpy as np
import pytest
from file_samples import PROVENANCE, frames_of, speckle, write_like
from Speckle2SelfLib.errors import InputError, OutputError
from Speckle2SelfLib.files import open_sweep

Image = pytest.importorskip("PIL.Image")
tifffile = pytest.importorskip("tifffile")
TYPES = ["uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64"]


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "LA", "I;16"])
def test_png_pixels_come_back_exactly(tmp_path, mode):
    channels = {"RGB": 3, "RGBA": 4, "LA": 2}.get(mode, 1)
    pixels = speckle(20, 31, channels)
    pixels = speckle(20, 31, dtype="uint16") if mode == "I;16" else pixels[..., 0] if channels == 1 else pixels
    Image.fromarray(pixels).save(tmp_path / "in.png")
    assert Image.open(tmp_path / "in.png").mode == mode
    sweep = open_sweep(tmp_path / "in.png")
    shown = pixels[..., 0] if mode == "LA" else pixels
    np.testing.assert_array_equal(sweep.frames[0], shown)
    write_like(sweep, tmp_path / "out.png")
    np.testing.assert_array_equal(np.array(Image.open(tmp_path / "out.png")), pixels)
    assert Image.open(tmp_path / "out.png").mode == mode


def test_wide_gray_png_with_transparency_comes_back_exactly(tmp_path):
    """Pillow has no such mode, so the file is made from chunks."""
    import struct
    import zlib

    pixels = speckle(18, 20, 2, dtype="uint16")
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", 20, 18, 16, 4, 0, 0, 0)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    (tmp_path / "in.png").write_bytes(b"\x89PNG\r\n\x1a\n" + parts)
    sweep = open_sweep(tmp_path / "in.png")
    np.testing.assert_array_equal(sweep.frames[0], pixels[..., 0])
    written = write_like(sweep, tmp_path / "out.png", change=lambda frame: frame // 2)
    np.testing.assert_array_equal(written.frames[0], pixels[..., 0] // 2)
    np.testing.assert_array_equal(written.source.alpha, pixels[..., 1])


@pytest.mark.parametrize("mode", ["P", "1"])
def test_palette_and_bilevel_png_become_color_and_gray(tmp_path, mode):
    image = Image.fromarray(speckle(20, 31, 3)).convert(mode)
    image.save(tmp_path / "in.png")
    sweep = open_sweep(tmp_path / "in.png")
    assert sweep.color == (mode == "P")
    np.testing.assert_array_equal(sweep.frames[0], np.array(image.convert("RGB" if mode == "P" else "L")))
    np.testing.assert_array_equal(write_like(sweep, tmp_path / "out.png").frames[0], sweep.frames[0])


def test_png_texts_and_resolution_are_kept(tmp_path):
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("Probe", "L14-5")
    info.add_itxt("Ärztin", "größer")
    Image.fromarray(speckle(20, 31)).save(tmp_path / "in.png", pnginfo=info, dpi=(72, 72))
    sweep = open_sweep(tmp_path / "in.png")
    assert sweep.spacing is None  # 72 dpi is a screen's
    write_like(sweep, tmp_path / "out.png")
    written = Image.open(tmp_path / "out.png")
    assert (written.text["Probe"], written.text["Ärztin"]) == ("L14-5", "größer")
    assert written.info["dpi"] == Image.open(tmp_path / "in.png").info["dpi"]
    assert "0123abcd" in written.text["Speckle2Self_provenance"]


def test_spacing_survives_in_png_and_tiff(tmp_path):
    head = b"NRRD0004\ntype: uint8\ndimension: 2\nsizes: 20 18\nspacings: 0.3148 0.21\nencoding: raw\n\n"
    (tmp_path / "in.nrrd").write_bytes(head + bytes(360))
    for name in ("out.png", "out.tif"):
        assert write_like(open_sweep(tmp_path / "in.nrrd"), tmp_path / name).spacing == pytest.approx((0.21, 0.3148))


def test_several_frames_do_not_fit_into_png(tmp_path):
    tifffile.imwrite(tmp_path / "in.tif", speckle(3, 18, 20), photometric="minisblack")
    with pytest.raises(OutputError, match=r"cannot hold 3 frames; write to \.tiff or \.nrrd"):
        open_sweep(tmp_path / "in.tif").writer(tmp_path / "out.png", range(3), np.uint8, {})


def test_floating_point_does_not_fit_into_png(tmp_path):
    Image.fromarray(speckle(20, 31)).save(tmp_path / "in.png")
    with pytest.raises(OutputError, match="cannot hold float32"):
        open_sweep(tmp_path / "in.png").writer(tmp_path / "out.png", [0], np.float32, {})


@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("count", [1, 5])
def test_tiff_pixels_of_every_type_come_back_exactly(tmp_path, dtype, count, compression):
    frames = speckle(count, 18, 21, dtype=dtype)
    tifffile.imwrite(tmp_path / "in.tif", frames, photometric="minisblack", compression=compression)
    sweep = open_sweep(tmp_path / "in.tif")
    np.testing.assert_array_equal(frames_of(sweep), frames)
    write_like(sweep, tmp_path / "out.tiff")
    np.testing.assert_array_equal(tifffile.imread(tmp_path / "out.tiff").reshape(frames.shape), frames)


@pytest.mark.parametrize("channels", [2, 3, 4])
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_tiff_color_and_transparency_come_back_exactly(tmp_path, channels, dtype):
    frames = speckle(3, 18, 21, channels, dtype=dtype)
    kind = {"photometric": "minisblack", "planarconfig": "contig"} if channels == 2 else {"photometric": "rgb"}
    extra = {"extrasamples": ["unassalpha"]} if channels in (2, 4) else {}
    tifffile.imwrite(tmp_path / "in.tif", frames, **kind, **extra)
    sweep = open_sweep(tmp_path / "in.tif")
    assert sweep.color == (channels > 2)
    np.testing.assert_array_equal(frames_of(sweep), frames[..., 0] if channels == 2 else frames)
    write_like(sweep, tmp_path / "out.tif")
    np.testing.assert_array_equal(tifffile.imread(tmp_path / "out.tif"), frames)


@pytest.mark.parametrize("compression", ["tiff_lzw", "packbits", "tiff_adobe_deflate", "jpeg"])
def test_other_tiff_compressions_are_read(tmp_path, compression):
    frames = [Image.fromarray(np.full((24, 32), 40 * number, np.uint8)) for number in range(3)]
    frames[0].save(tmp_path / "in.tif", save_all=True, append_images=frames[1:], compression=compression)
    opened = frames_of(open_sweep(tmp_path / "in.tif"))
    np.testing.assert_array_equal(opened, np.stack([np.array(frame) for frame in frames]))


def test_tiles_big_endian_bigtiff_and_predictors_are_read(tmp_path):
    frames = speckle(3, 40, 50, dtype="uint16")
    options = {"tile.tif": {"tile": (16, 16)}, "big.tif": {"bigtiff": True}, "motorola.tif": {"byteorder": ">"}}
    for name, option in options.items():
        pixels = frames.astype(np.uint8) if name == "tile.tif" else frames
        tifffile.imwrite(tmp_path / name, pixels, photometric="minisblack", **option)
        np.testing.assert_array_equal(frames_of(open_sweep(tmp_path / name)), pixels, err_msg=name)


def test_in_min_is_white_tiff_bright_becomes_bright(tmp_path):
    pixels = speckle(18, 21)
    tifffile.imwrite(tmp_path / "in.tif", pixels, photometric="miniswhite")
    np.testing.assert_array_equal(open_sweep(tmp_path / "in.tif").frames[0], 255 - pixels)


def test_a_tiff_palette_becomes_rgb(tmp_path):
    image = Image.fromarray(speckle(20, 31, 3)).convert("P", palette=Image.Palette.ADAPTIVE)
    image.save(tmp_path / "in.tif")
    np.testing.assert_array_equal(open_sweep(tmp_path / "in.tif").frames[0], np.array(image.convert("RGB")))


def test_imagej_spacing_and_description_are_kept(tmp_path):
    frames = speckle(6, 18, 21)
    facts = {"unit": "mm", "spacing": 0.5}
    tifffile.imwrite(tmp_path / "in.tif", frames, imagej=True, resolution=(1 / 0.3, 1 / 0.2), metadata=facts)
    sweep = open_sweep(tmp_path / "in.tif")
    assert sweep.spacing == pytest.approx((0.2, 0.3), rel=1e-5)
    written = write_like(sweep, tmp_path / "out.tif", range(1, 4))
    assert written.spacing == pytest.approx((0.2, 0.3), rel=1e-5)
    with tifffile.TiffFile(tmp_path / "out.tif") as file:
        assert file.imagej_metadata["images"] == 3
        assert "0123abcd" in file.pages[0].software
        np.testing.assert_array_equal(file.asarray(), frames[1:4])


def test_printer_resolution_is_no_spacing_but_is_kept(tmp_path):
    tifffile.imwrite(tmp_path / "in.tif", speckle(18, 21), resolution=(72, 72), resolutionunit="inch")
    sweep = open_sweep(tmp_path / "in.tif")
    assert sweep.spacing is None
    write_like(sweep, tmp_path / "out.tif")
    with tifffile.TiffFile(tmp_path / "out.tif") as file:
        assert file.pages[0].tags["XResolution"].value == (72, 1)


def test_pages_that_differ_are_refused(tmp_path):
    tifffile.imwrite(tmp_path / "in.tif", speckle(18, 21))
    tifffile.imwrite(tmp_path / "in.tif", speckle(19, 21), append=True)
    with pytest.raises(InputError, match=r"Page 1 of .* differs from page 0"):
        open_sweep(tmp_path / "in.tif")


@pytest.mark.parametrize("part", [0.01, 0.3, 0.9])
@pytest.mark.parametrize("suffix", [".png", ".tif", ".jpg"])
def test_truncated_images_are_refused_without_noise(tmp_path, suffix, part, capfd):
    buffer = io.BytesIO()
    Image.fromarray(speckle(60, 80)).save(buffer, format={".png": "PNG", ".tif": "TIFF", ".jpg": "JPEG"}[suffix])
    data = buffer.getvalue()
    (tmp_path / f"in{suffix}").write_bytes(data[: int(len(data) * part)])
    with pytest.raises(InputError):
        open_sweep(tmp_path / f"in{suffix}")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_jpeg_is_read_and_not_written(tmp_path, mode):
    smooth = np.linspace(0, 255, 40 * 50).reshape(40, 50).astype(np.uint8)
    Image.fromarray(smooth).convert(mode).save(tmp_path / "in.jpg", quality=95)
    sweep = open_sweep(tmp_path / "in.jpg")
    assert sweep.color == (mode == "RGB")
    assert np.abs(sweep.frames[0].reshape(40, 50, -1)[..., 0].astype(int) - smooth).max() < 6
    with pytest.raises(OutputError, match="cannot be an output"):
        sweep.writer(tmp_path / "out.jpg", [0], np.uint8, PROVENANCE)
