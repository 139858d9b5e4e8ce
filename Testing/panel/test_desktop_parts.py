"""The small parts of Speckle2SelfLib.desktop."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from panel.conftest import choose_input


def test_the_progress_line_tells_frame_rate_and_time_left(application: Any, module: Any) -> None:
    from Speckle2SelfLib.desktop.progress import ProgressText

    times = iter([100.0, 102.0, 104.0])
    text = ProgressText(clock=lambda: next(times))
    assert text.line(0, 30) == "Preparing 30 frames..."
    assert text.line(1, 30) == "Frame 1 of 30"
    assert text.line(5, 30) == "Frame 5 of 30, 2.0 frames per second, 12 s left"
    assert text.line(9, 300) == "Frame 9 of 300, 2.0 frames per second, 2 min 26 s left"


def test_the_first_frame_does_not_spoil_the_rate(application: Any, module: Any) -> None:
    """Starting the worker takes seconds before frame 1; they do not count."""
    from Speckle2SelfLib.desktop.progress import ProgressText

    times = iter([1000.0, 1001.0])
    text = ProgressText(clock=lambda: next(times))
    text.line(1, 11)
    assert "10.0 frames per second" in text.line(11, 11)


def test_shipped_models_are_those_of_the_library(application: Any, module: Any) -> None:
    """The panel lists them without importing the bundle package, which would load torch."""
    from Speckle2SelfLib.bundle.shipped import DEFAULT_MODEL, shipped_models
    from Speckle2SelfLib.desktop.models import DEFAULT_FOLDER, shippedModels

    assert DEFAULT_FOLDER == DEFAULT_MODEL
    names = [name for name, _title in shippedModels()]
    assert names[0] == "default"
    assert {shipped_models()[name] for name in names} == set(shipped_models().values())


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
