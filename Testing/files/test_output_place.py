"""Where results go: nothing half-written, nothing lost, and one sentence when it cannot be done."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from dicom_samples import save, ultrasound
from file_samples import frames_of, speckle, write_like
from Speckle2SelfLib.errors import OutputError
from Speckle2SelfLib.files import open_sweep
from Speckle2SelfLib.files.output_place import OutputPlace

NAMES = ["out.nrrd", "out.nhdr", "out.mha", "out.mhd", "out.nii", "out.nii.gz", "out.tif", "out.dcm", "out.seq.nrrd"]
SPACE = 64 << 10


@pytest.fixture
def sweep(tmp_path):
    """A cine that no compression makes small."""
    folder = tmp_path / "input"
    folder.mkdir()
    return open_sweep(save(folder / "in.dcm", ultrasound(speckle(6, 200, 200))))


def start(sweep, path, count=None):
    return sweep.writer(path, range(count or len(sweep)), sweep.dtype, {})


def fill(writer, sweep):
    for position in range(len(writer.indices)):
        writer.write(position, sweep.frames[position])


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_file())


@pytest.mark.parametrize("name", NAMES)
def test_leaving_without_commit_leaves_nothing(tmp_path, sweep, name):
    with start(sweep, tmp_path / name) as writer:
        writer.write(0, sweep.frames[0])
    assert files_in(tmp_path) == []


@pytest.mark.parametrize("name", NAMES)
def test_an_error_while_frames_are_computed_keeps_the_old_file(tmp_path, sweep, name):
    (tmp_path / name).write_bytes(b"precious")

    def interrupted():
        with start(sweep, tmp_path / name) as writer:
            writer.write(0, sweep.frames[0])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert files_in(tmp_path) == [name]
    assert (tmp_path / name).read_bytes() == b"precious"


def test_an_old_file_is_replaced_only_by_a_complete_one(tmp_path, sweep):
    (tmp_path / "out.nrrd").write_bytes(b"precious")
    with start(sweep, tmp_path / "out.nrrd") as writer:
        fill(writer, sweep)
        assert (tmp_path / "out.nrrd").read_bytes() == b"precious"
        writer.commit()
    assert files_in(tmp_path) == ["out.nrrd"]
    np.testing.assert_array_equal(frames_of(open_sweep(tmp_path / "out.nrrd")), frames_of(sweep))


def test_missing_frames_are_not_written(tmp_path, sweep):
    with start(sweep, tmp_path / "out.nrrd") as writer:
        writer.write(0, sweep.frames[0])
        with pytest.raises(OutputError, match="5 frames are missing"):
            writer.commit()
    assert files_in(tmp_path) == []


def test_frames_of_another_shape_or_type_are_refused(tmp_path, sweep):
    with start(sweep, tmp_path / "out.nrrd") as writer:
        with pytest.raises(OutputError, match="were announced"):
            writer.write(0, sweep.frames[0][:-1])
        with pytest.raises(OutputError, match="were announced"):
            writer.write(0, sweep.frames[0].astype(np.float32))


def test_a_missing_folder_is_named_before_any_work(tmp_path, sweep):
    with pytest.raises(OutputError, match="does not exist; create it first"):
        start(sweep, tmp_path / "nowhere" / "out.nrrd")


def test_a_folder_as_output_is_refused(tmp_path, sweep):
    (tmp_path / "out.nrrd").mkdir()
    with pytest.raises(OutputError, match="is a folder"):
        start(sweep, tmp_path / "out.nrrd")


@pytest.mark.parametrize("way", ["same", "relative", "symbolic link", "hard link", "link to folder"])
def test_an_input_is_never_replaced(tmp_path, sweep, way, monkeypatch):
    folder = sweep.path.parent
    monkeypatch.chdir(folder)
    output = folder / "other.dcm"
    if way == "same":
        output = sweep.path
    elif way == "relative":
        output = Path("..", folder.name, ".", "in.dcm")
    elif way == "symbolic link":
        output.symlink_to(sweep.path)
    elif way == "hard link":
        os.link(sweep.path, output)
    else:
        (tmp_path / "door").symlink_to(folder, target_is_directory=True)
        output = tmp_path / "door" / "in.dcm"
    before = sweep.path.read_bytes()
    with pytest.raises(OutputError, match="is the input file"):
        start(sweep, output)
    assert sweep.path.read_bytes() == before


def test_the_pixels_beside_an_input_header_are_never_replaced(tmp_path):
    (tmp_path / "in.raw").write_bytes(bytes(400))
    head = "NRRD0004\ntype: uint8\ndimension: 2\nsizes: 20 20\nencoding: raw\ndata file: in.raw\n"
    (tmp_path / "other.nhdr").write_text(head)
    with pytest.raises(OutputError, match="is the input file"):
        start(open_sweep(tmp_path / "other.nhdr"), tmp_path / "in.nhdr")
    assert files_in(tmp_path) == ["in.raw", "other.nhdr"]


def test_an_output_that_is_a_link_is_written_where_it_points(tmp_path, sweep):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out.nrrd").symlink_to(tmp_path / "elsewhere" / "real.nrrd")
    write_like(sweep, tmp_path / "out.nrrd")
    assert (tmp_path / "out.nrrd").is_symlink()
    assert files_in(tmp_path / "elsewhere") == ["real.nrrd"]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="needs root to make a file system")
@pytest.mark.parametrize("name", NAMES)
def test_a_full_disk_loses_nothing(tmp_path, sweep, name):
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SPACE}", "tmpfs", disk], capture_output=True)
    if mounted.returncode:
        pytest.skip("file systems cannot be mounted here")
    try:
        (disk / name).write_bytes(b"precious")
        with start(sweep, disk / name) as writer:
            fill(writer, sweep)
            with pytest.raises(OutputError, match=r"disk is full|could not be written completely"):
                writer.commit()
        assert files_in(disk) == [name]
        assert (disk / name).read_bytes() == b"precious"
    finally:
        subprocess.run(["umount", disk], check=True)


@pytest.mark.parametrize("name", NAMES)
def test_a_limit_on_file_sizes_loses_nothing(tmp_path, sweep, name):
    """The same code as a full disk, reached without a file system of its own."""
    (tmp_path / name).write_bytes(b"precious")
    old_limit, old_handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    with start(sweep, tmp_path / name) as writer:
        fill(writer, sweep)
        resource.setrlimit(resource.RLIMIT_FSIZE, (SPACE, old_limit[1]))
        try:
            with pytest.raises(OutputError, match=r"disk is full|could not be written completely"):
                writer.commit()
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, old_limit)
            signal.signal(signal.SIGXFSZ, old_handler)
    assert files_in(tmp_path) == [name]
    assert (tmp_path / name).read_bytes() == b"precious"


READ_ONLY_PROGRAM = """
import os, sys
from pathlib import Path
from Speckle2SelfLib.errors import OutputError
from Speckle2SelfLib.files.output_place import OutputPlace
os.setuid(65534)
try:
    OutputPlace(Path(sys.argv[1]), [])
except OutputError as error:
    print(error)
"""


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="needs root to become somebody else")
def test_a_read_only_folder_is_named(tmp_path):
    """Root may write anywhere, so another user tries."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o555)
        command = [sys.executable, "-c", READ_ONLY_PROGRAM, f"{folder}/out.nrrd"]
        done = subprocess.run(command, capture_output=True, text=True)
    assert "cannot be written to (Permission denied); choose another output folder" in done.stdout, done.stderr


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_refused(tmp_path, sweep):
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o555)
    with pytest.raises(OutputError, match="cannot be written to"):
        start(sweep, folder / "out.nrrd")


@pytest.mark.skipif(shutil.which("mount") is None or os.geteuid() != 0, reason="needs root to mount")
def test_a_read_only_file_system_is_named(tmp_path, sweep):
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", disk], capture_output=True).returncode:
        pytest.skip("file systems cannot be mounted here")
    try:
        with pytest.raises(OutputError, match="Read-only file system"):
            start(sweep, disk / "out.nrrd")
    finally:
        subprocess.run(["umount", disk], check=True)


class FailingPlace(OutputPlace):
    """A stand-in for a disk that fails between two renames."""

    failing = False

    def publish(self) -> None:
        real = os.replace
        calls = []

        def replace(source: object, target: object) -> None:
            calls.append(target)
            if len(calls) == 4:  # two old files set aside, the first new one renamed
                raise OSError(errno.EIO, "Input/output error")
            real(source, target)  # type: ignore[arg-type]

        os.replace = replace  # type: ignore[assignment]
        try:
            super().publish()
        finally:
            os.replace = real


def test_a_header_never_stays_beside_the_wrong_pixels(tmp_path):
    for name in ("out.nhdr", "out.raw"):
        (tmp_path / name).write_bytes(b"old " + name.encode())
    place = FailingPlace(tmp_path / "out.nhdr", [])
    pixels = place.add(tmp_path / "out.raw")
    place.temporary(place.path).write_bytes(b"new")
    place.temporary(pixels).write_bytes(b"new")
    with pytest.raises(OutputError, match="Input/output error"):
        place.publish()
    place.discard()
    assert files_in(tmp_path) == ["out.nhdr", "out.raw"]
    assert (tmp_path / "out.nhdr").read_bytes() == b"old out.nhdr"
    assert (tmp_path / "out.raw").read_bytes() == b"old out.raw"


def test_results_get_the_usual_permissions(tmp_path, sweep):
    write_like(sweep, tmp_path / "out.nrrd")
    (tmp_path / "plain").write_bytes(b"")
    assert (tmp_path / "out.nrrd").stat().st_mode == (tmp_path / "plain").stat().st_mode


@pytest.mark.parametrize("name", ["out.avi", "out.mp4", "out.jpg", "out.txt", "out", "out.raw"])
def test_other_output_formats_are_refused_with_the_accepted_ones(tmp_path, sweep, name):
    with pytest.raises(OutputError, match=r"cannot be an output; use \.nrrd, .*\.dcm"):
        start(sweep, tmp_path / name)
