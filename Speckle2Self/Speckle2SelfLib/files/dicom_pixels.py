"""Decode the pixels of a DICOM object, compressed ones in a process of their own.

GDCM ends the whole process on some damaged pixels, and prints on standard error; a process of its own contains both.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InputError
from .pixels import Array

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

RLE_LOSSLESS, DEFLATED = "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.1.99"
LIBRARY_FOLDER = Path(__file__).resolve().parents[2]


@contextmanager
def quiet_pydicom() -> Iterator[None]:
    """Silence warnings about values that break the standard: they are the source's and stay as they are."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def decoded(path: Path, dataset: Dataset) -> Array:
    """Return the pixels of an object as they are stored, YBR converted to RGB, in native byte order.

    The result is (N, H, W) or (N, H, W, 3), also for a single image.

    Parameters
    ----------
    path : Path
        The file.
    dataset : Dataset
        Its elements, at least those of the file meta information.

    Raises
    ------
    InputError
        If there are no pixels, or they are truncated, damaged or compressed in a way that nothing here decodes.
    """
    syntax = getattr(getattr(dataset, "file_meta", None), "TransferSyntaxUID", None)
    try:
        return _decode_elsewhere(path) if _is_compressed(syntax) else decode_here(path)
    except Exception as error:  # each decoder raises its own kinds
        if not _has_pixels(path):
            raise InputError(f"{path} holds no pixel data: it is truncated, or no image object.") from error
        if _undecodable(syntax):
            raise InputError(
                f"{path} is stored as {syntax.name if syntax else 'an unknown transfer syntax'}, which cannot be "
                "decoded here; export it uncompressed or as JPEG."
            ) from error
        raise InputError(f"{path} is truncated or damaged: its pixels cannot be decoded; export it again.") from error


def _is_compressed(syntax: Any) -> bool:
    """Return whether GDCM must decode a transfer syntax."""
    return syntax is not None and syntax.is_compressed and syntax not in (RLE_LOSSLESS, DEFLATED)


def decode_here(path: Path) -> Array:
    """Decode in this process; raises whatever the decoder raises."""
    import pydicom
    from pydicom.pixels.utils import iter_pixels, pixel_array

    with quiet_pydicom():
        header = pydicom.dcmread(path, force=True, stop_before_pixels=True)
        syntax = getattr(header.file_meta, "TransferSyntaxUID", None)
        plugin = "pydicom" if syntax == RLE_LOSSLESS else ""  # GDCM's RLE code ends the process more often
        source = _whole(path) if syntax in (None, DEFLATED) else path
        count = int(header.get("NumberOfFrames") or 1)
        pixels: Array | None = None
        decoded_frames = 0
        if header.get("PhotometricInterpretation") == "YBR_FULL_422" and not _is_compressed(syntax):
            # pydicom's iter_pixels takes such frames for longer than they are
            frames: Array = pixel_array(source)
            return frames if frames.ndim == 4 else frames[np.newaxis]
        for frame in iter_pixels(source, decoding_plugin=plugin):  # one after the other, so that memory holds them once
            if pixels is None:
                pixels = np.empty((count, *frame.shape), frame.dtype.newbyteorder("="))
            pixels[decoded_frames] = frame
            decoded_frames += 1
    if pixels is None or decoded_frames != count:
        raise ValueError(f"{decoded_frames} of {count} frames were decoded")
    return pixels


def _decode_elsewhere(path: Path) -> Array:
    """Decode in another process; raises ValueError where it fails, however it ends."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder, "pixels.npy")
        search_path = os.pathsep.join([str(LIBRARY_FOLDER), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
        done = subprocess.run(
            [sys.executable, "-m", __name__, os.path.abspath(path), str(target)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": search_path},
            check=False,
        )
        if done.returncode:
            raise ValueError(f"the decoder ended with status {done.returncode}")
        pixels: Array = np.load(target, allow_pickle=False)
        return pixels


def _whole(path: Path) -> Dataset:
    """Read an object whose pixels cannot be decoded from the file itself: deflated, or without a transfer syntax."""
    import pydicom
    from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

    whole = pydicom.dcmread(path, force=True)
    if "TransferSyntaxUID" in whole.file_meta:
        return whole
    implicit, little = whole.original_encoding
    if implicit:
        whole.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    else:
        whole.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian if little else ExplicitVRBigEndian
    return whole


def _has_pixels(path: Path) -> bool:
    import pydicom

    try:
        with quiet_pydicom():
            return "PixelData" in pydicom.dcmread(path, force=True)
    except Exception:  # damaged so that not even this can be told
        return True


def _undecodable(syntax: Any) -> bool:
    from pydicom.pixels.decoders.base import get_decoder

    try:
        return syntax is not None and not get_decoder(syntax).is_available
    except NotImplementedError:
        return True


if __name__ == "__main__":
    np.save(sys.argv[2], decode_here(Path(sys.argv[1])), allow_pickle=False)
