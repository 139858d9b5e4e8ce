"""Read AVI and MP4 videos with OpenCV, an optional package."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import DependencyError, InputError
from .pixels import Array, check_frames
from .sweep import Sweep


class VideoFrames:
    """Frames of a video, decoded when asked for; going forward is fast, going back starts over."""

    def __init__(self, path: Path, count: int) -> None:
        self._path = path
        self._count = count
        self._capture: Any = None
        self._next = 0

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> Array:
        if index < 0:
            index += self._count
        if not 0 <= index < self._count:
            raise IndexError(index)
        if self._capture is None or index < self._next:
            self._capture, self._next = _capture(self._path), 0
        while self._next < index:  # decoding in order is exact; seeking in a video is not
            self._capture.grab()
            self._next += 1
        self._next += 1
        read, frame = self._capture.read()
        if not read:
            raise InputError(f"Frame {index} of {self._path} cannot be decoded; convert the video again.")
        return np.ascontiguousarray(frame[..., ::-1])


def open_video(path: Path) -> Sweep:
    """Open a video as RGB frames of 8 bits.

    Raises
    ------
    DependencyError
        If OpenCV is not installed.
    InputError
        If the video is damaged or of a codec that OpenCV does not know.
    """
    capture = _capture(path)
    count = 0
    while capture.grab():  # the count that a video states is often wrong
        count += 1
    stated = int(capture.get(_opencv().CAP_PROP_FRAME_COUNT))
    if not count:
        raise InputError(f"{path} cannot be decoded as a video, or holds no frames; convert it to another codec.")
    frames = VideoFrames(path, count)
    first = frames[0]
    check_frames(str(path), count, *first.shape[:2])
    rate = float(capture.get(_opencv().CAP_PROP_FPS))
    return Sweep(
        path=path,
        frames=frames,
        color=True,
        spacing=None,
        format_name="video",
        frame_shape=first.shape,
        dtype=first.dtype,
        sequence=True,
        frame_times=[index / rate for index in range(count)] if rate > 0 else None,
        files=(path,),
        notes=[f"Only {count} of {stated} frames can be decoded; the file may be truncated."] if count < stated else [],
    )


def _capture(path: Path) -> Any:
    cv2 = _opencv()
    # the other decoders of OpenCV print on standard error, or take numbered names for image sequences
    has_ffmpeg = cv2.CAP_FFMPEG in cv2.videoio_registry.getBackends()
    return cv2.VideoCapture(str(path), cv2.CAP_FFMPEG if has_ffmpeg else cv2.CAP_ANY)


def _opencv() -> Any:
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # no messages of the decoder on standard error
    try:
        import cv2
    except ImportError as error:
        raise DependencyError(
            "Reading videos needs the package OpenCV; install it with: pip install speckle2self[video]"
        ) from error
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    return cv2
