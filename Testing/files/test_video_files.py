"""Videos come in through OpenCV, an optional package, and do not go out."""

from __future__ import annotations

import contextlib
import subprocess
import sys

import numpy as np
import pytest
from file_samples import frames_of, write_like
from Speckle2SelfLib.errors import InputError, OutputError
from Speckle2SelfLib.files import open_sweep

cv2 = pytest.importorskip("cv2", reason="OpenCV is not installed")


@pytest.fixture
def video(tmp_path):
    """Ten frames of 64 x 48 pixels, each of one color that codecs keep nearly exactly."""
    path = tmp_path / "in.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), 20, (64, 48))
    assert writer.isOpened()
    for number in range(10):
        frame = np.empty((48, 64, 3), np.uint8)
        frame[:] = (20 * number, 100, 200 - 10 * number)  # blue, green, red
        writer.write(frame)
    writer.release()
    return path


def test_frames_are_rgb_in_any_order(video):
    sweep = open_sweep(video)
    assert (len(sweep), sweep.frame_shape, sweep.color, sweep.sequence) == (10, (48, 64, 3), True, True)
    assert sweep.frame_times[9] == pytest.approx(0.45)
    for index in (0, 9, 3, 4, 4, -1):
        number = index % 10
        expected = np.array([200 - 10 * number, 100, 20 * number])
        assert np.abs(sweep.frames[index].astype(int) - expected).max() <= 6


@pytest.mark.parametrize("name", ["out.nrrd", "out.seq.nrrd", "out.mha", "out.tif", "out.nii.gz"])
def test_a_video_becomes_any_format_that_holds_frames(tmp_path, video, name):
    sweep = open_sweep(video)
    written = write_like(sweep, tmp_path / name, range(2, 8))
    np.testing.assert_array_equal(frames_of(written), frames_of(sweep)[2:8])


def test_videos_are_not_written(tmp_path, video):
    with pytest.raises(OutputError, match=r"\.mp4 files cannot be an output; use \.nrrd"):
        open_sweep(video).writer(tmp_path / "out.mp4", [0], np.uint8, {})


@pytest.mark.parametrize("part", [0.01, 0.2])
def test_a_truncated_video_is_refused_or_gives_its_whole_frames_without_noise(video, part, capfd):
    data = video.read_bytes()
    video.write_bytes(data[: int(len(data) * part)])
    with contextlib.suppress(InputError):
        assert len(open_sweep(video)) < 10
    assert capfd.readouterr() == ("", "")


WITHOUT_OPENCV = """
import sys
sys.modules["cv2"] = None
from Speckle2SelfLib.errors import DependencyError
from Speckle2SelfLib.files import open_sweep
try:
    open_sweep(sys.argv[1])
except DependencyError as error:
    print(error)
"""


def test_without_opencv_the_message_says_what_to_install(video):
    done = subprocess.run([sys.executable, "-c", WITHOUT_OPENCV, video], capture_output=True, text=True)
    assert "pip install speckle2self[video]" in done.stdout, done.stderr


def test_a_real_video_is_read(shared):
    path = shared / "data" / "pocus" / "clarius-ocular-short.mp4"
    if not path.is_file():
        pytest.skip("the video is not among the development data")
    sweep = open_sweep(path)
    assert (len(sweep), sweep.frame_shape) == (50, (960, 1280, 3))
    assert sweep.frames[49].std() > 5
