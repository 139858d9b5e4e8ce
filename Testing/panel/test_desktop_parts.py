"""The small parts of Speckle2SelfLib.desktop."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from panel.conftest import choose_input


def progress_line(*calls: tuple[float, int, int]) -> str:
    """The last line for calls at (seconds, done, total)."""
    from Speckle2SelfLib.desktop.progress import ProgressText

    times = iter([seconds for seconds, _, _ in calls])
    text = ProgressText(clock=lambda: next(times))
    return [text.line(done, total) for _, done, total in calls][-1]


def seconds_left(line: str) -> int:
    minutes, seconds = re.fullmatch(r".*?(?:(\d+) min )?(\d+) s left", line).groups()  # type: ignore[union-attr]
    return 60 * int(minutes or 0) + int(seconds)


def test_the_progress_line_tells_frame_rate_and_time_left(application: Any, module: Any) -> None:
    assert progress_line((100, 1, 30)) == "Frame 1 of 30"
    assert progress_line((100, 1, 30), (102, 5, 30)) == "Frame 5 of 30, 2.0 frames per second, 12 s left"
    assert progress_line((100, 1, 300), (104, 9, 300)).endswith("2.0 frames per second, 2 min 26 s left")
    assert progress_line((0, 1, 3), (25, 2, 3)).endswith("25.0 seconds per frame, 25 s left")


def test_before_the_first_frame_the_line_says_what_is_awaited(application: Any, module: Any) -> None:
    from Speckle2SelfLib.desktop.progress import ProgressText
    from Speckle2SelfLib.worker.stages import Stage

    lines = [ProgressText().line(0, 30, stage) for stage in Stage]
    assert lines[1:3] == ["Starting the worker...", "Loading the model..."]
    assert lines[3].startswith("Measuring the sweep")
    assert len(set(lines)) == len(Stage)


def test_the_first_frame_does_not_spoil_the_rate(application: Any, module: Any) -> None:
    """Starting the worker takes seconds before frame 1; they do not count."""
    assert "10.0 frames per second" in progress_line((1000, 1, 11), (1001, 11, 11))


def test_the_time_left_follows_a_speed_that_drops(application: Any, module: Any) -> None:
    """Another program takes the processor: ten frames per second become one every two seconds."""
    fast = [(0.1 * frame, frame, 200) for frame in range(1, 101)]
    slow = [(10 + 2.0 * frame, 100 + frame, 200) for frame in range(1, 6)]
    assert seconds_left(progress_line(*fast)) == pytest.approx(10, abs=1)
    assert seconds_left(progress_line(*fast, *slow[:2])) > 0.3 * 2 * 98
    assert seconds_left(progress_line(*fast, *slow)) > 0.75 * 2 * 95


def test_a_frame_that_does_not_come_counts_while_it_is_awaited(application: Any, module: Any) -> None:
    fast = [(1.0 * frame, frame, 100) for frame in range(1, 21)]
    lines = [seconds_left(progress_line(*fast, (20 + wait, 20, 100))) for wait in (1, 5, 30)]
    assert lines[0] == 80
    assert lines[0] < lines[1] < lines[2]
    assert lines[2] > 600


def test_batches_that_come_at_once_do_not_shake_the_rate(application: Any, module: Any) -> None:
    calls = [(8.0 * batch + 0.01 * item, 4 * batch + item, 400) for batch in range(10) for item in range(1, 5)]
    for end in range(8, len(calls)):
        assert "2.0 seconds per frame" in progress_line(*calls[:end])


def test_the_line_for_an_input_counts_frames_and_names_color(application: Any, module: Any) -> None:
    from Speckle2SelfLib.desktop.input_info import InputInfo

    assert InputInfo(1, 48, 64, False, False).text() == "Volume: 1 frame of 64 x 48 pixels"
    assert InputInfo(2, 48, 64, True, False).text() == "Volume: 2 color frames of 64 x 48 pixels"
    assert InputInfo(1, 48, 64, True, True).text() == "Sequence: 1 color frame of 64 x 48 pixels"


def test_listing_the_shipped_models_loads_no_torch(repository: Path) -> None:
    code = (
        "import sys; from Speckle2SelfLib.bundle.shipped import shipped_models; "
        "print('default' in shipped_models(), 'torch' in sys.modules, 'numpy' in sys.modules)"
    )
    folder = repository / "Speckle2Self"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=folder, check=True)
    assert done.stdout.split() == ["True", "False", "False"]


def test_every_shipped_model_is_listed_once_and_the_default_first(application: Any, module: Any) -> None:
    from Speckle2SelfLib.bundle.shipped import shipped_models
    from Speckle2SelfLib.desktop.models import shippedModels

    names = [name for name, _title in shippedModels()]
    assert names[0] == "default"
    folders = [shipped_models()[name] for name in names]
    assert sorted(folders) == sorted(set(shipped_models().values()))


def test_enum_members_are_what_the_settings_accept(application: Any, module: Any) -> None:
    """Scenes store the names; the values go into DespeckleSettings."""
    from Speckle2SelfLib.desktop.choices import FrameAxis, Frames, Normalization, Signal
    from Speckle2SelfLib.settings import NORMALIZATIONS, SIGNALS

    assert tuple(member.value for member in Normalization) == NORMALIZATIONS
    assert tuple(member.value for member in Signal) == SIGNALS
    assert [member.name for member in Frames] == ["ALL", "CURRENT", "RANGE"]
    assert [member.name for member in FrameAxis] == ["AUTO", "I", "J", "K"]
    for kind in (Frames, Normalization, Signal, FrameAxis):
        assert all(len(member.label()) > 0 for member in kind)


def test_loading_the_module_imports_nothing_heavy(repository: Path, tmp_path: Path) -> None:
    code = f"""
import sys
from pathlib import Path
sys.path[:0] = [{str(repository / "Testing")!r}, {str(repository / "Speckle2Self")!r}]
from standins import desktop
desktop.install(Path({str(tmp_path)!r}))
before = set(sys.modules)
import Speckle2Self
loaded = {{name.partition(".")[0] for name in set(sys.modules) - before}}
print(sorted(loaded & {{"numpy", "torch", "monai", "scipy", "SimpleITK", "pydicom", "nrrd", "cv2", "jsonschema"}}))
print("Speckle2SelfLib.scene" in sys.modules, "Speckle2SelfLib.worker" in sys.modules)
"""
    environment = {"QT_QPA_PLATFORM": "offscreen", "PATH": "/usr/bin:/bin"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[:2] == ["[]", "False False"]


def test_the_panel_never_loads_torch_into_the_application(repository: Path, tmp_path: Path) -> None:
    """A whole run, with the computation in the worker: torch stays out of the process that shows the panel."""
    code = f"""
import sys, time
from pathlib import Path
sys.path[:0] = [{str(repository / "Testing")!r}, {str(repository / "Speckle2Self")!r}]
from standins import desktop
application = desktop.install(Path({str(tmp_path)!r}))
import Speckle2Self
from panel.conftest import make_volume
make_volume("Sweep", frames=2)
panel = Speckle2Self.Speckle2SelfWidget()
panel.ui.deviceComboBox.currentIndex = panel.ui.deviceComboBox.findData("cpu")
panel.ui.applyButton.click()
end = time.monotonic() + 100
while panel.isRunning and time.monotonic() < end:
    application.processEvents()
    time.sleep(0.01)
print(panel.ui.statusLabel.text)
print("torch" in sys.modules)
panel.cleanup()
"""
    environment = {"QT_QPA_PLATFORM": "offscreen", "PATH": "/usr/bin:/bin"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0].startswith("Done"), done.stdout
    assert done.stdout.splitlines()[1] == "False"


@pytest.mark.parametrize("advanced", [False, True])
def test_the_panel_can_be_photographed(
    panel: Any, a_volume: Any, application: Any, tmp_path: Path, advanced: bool
) -> None:
    choose_input(panel, a_volume)
    panel.ui.advancedCollapsibleButton.collapsed = not advanced
    panel.parent.resize(420, 900)
    panel.parent.show()
    application.processEvents()
    picture = panel.parent.grab().toImage()
    assert picture.save(str(tmp_path / "panel.png"))
    colors = {picture.pixel(x, y) for x in range(0, picture.width(), 5) for y in range(0, picture.height(), 5)}
    assert len(colors) > 20
