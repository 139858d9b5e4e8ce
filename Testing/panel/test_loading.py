"""What the modules cost and say when Slicer loads them, and while they are used."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

MODULES = ("Speckle2Self", "Speckle2SelfTraining")
HEAVY = ("torch", "monai", "numpy", "scipy", "SimpleITK", "pydicom", "matplotlib", "skimage")
OFFSCREEN = "This plugin does not support propagateSizeHints()"  # Qt's own, where there is no screen
START = """
import sys, tempfile, time, json
from pathlib import Path
from types import SimpleNamespace
from standins import desktop
application = desktop.install(Path(tempfile.mkdtemp()))
"""
LOAD = """
before = set(sys.modules)
import Speckle2Self, Speckle2SelfTraining
for script in (Speckle2Self, Speckle2SelfTraining):
    described = getattr(script, script.__name__)(SimpleNamespace(path=script.__file__))
    getattr(described, "setup", lambda: None)()
application.standin_complete_startup()
"""
USE = """
from panel.conftest import make_sequence
make_sequence(frames=2)
panels = [Speckle2Self.Speckle2SelfWidget(), Speckle2SelfTraining.Speckle2SelfTrainingWidget()]
panel = panels[0]
panel.ui.deviceComboBox.currentIndex = panel.ui.deviceComboBox.findData("cpu")
for panel in panels:
    panel.enter()
panels[0].ui.applyButton.click()
assert panels[0].isRunning, panels[0].ui.statusLabel.text
for look in range(60000):
    if not panels[0].isRunning:
        break
    application.processEvents()
    time.sleep(0.002)
assert panels[0].ui.statusLabel.text.startswith("Done"), panels[0].ui.statusLabel.text
for panel in panels:
    panel.exit()
    panel.logic.close()
    panel.cleanup()
import slicer
slicer.mrmlScene.Clear()
"""


def run(repository: Path, home: Path, code: str) -> Any:
    folders = [str(repository / name) for name in ("Testing", *MODULES)]
    environment = {
        **os.environ,
        "QT_QPA_PLATFORM": "offscreen",
        "PYTHONPATH": os.pathsep.join(folders),
        "HOME": str(home),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    command = [sys.executable, "-W", "default::DeprecationWarning:Speckle2Self", "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


@pytest.fixture(autouse=True)
def _needs_the_stand_ins() -> None:
    pytest.importorskip("PySide6")
    pytest.importorskip("slicer")


def test_loading_both_modules_loads_nothing_heavy(repository: Path, tmp_path: Path) -> None:
    """Not when they are imported, not when their objects are made, not when the application has started up."""
    after = "print(json.dumps(sorted({name.partition('.')[0] for name in set(sys.modules) - before})))"
    done = run(repository, tmp_path, START + LOAD + after)
    assert done.returncode == 0, done.stderr
    loaded = set(json.loads(done.stdout))
    assert {"Speckle2Self", "Speckle2SelfTrainingLib"} <= loaded
    assert loaded & set(HEAVY) == set()


def test_loading_opening_running_and_closing_print_nothing(repository: Path, tmp_path: Path) -> None:
    done = run(repository, tmp_path, START + LOAD + USE)
    said = [line for line in done.stderr.splitlines() if line != OFFSCREEN]
    assert (done.returncode, done.stdout, said) == (0, "", [])


def test_the_benchmark_of_loading_tells_milliseconds_and_what_is_heavy(repository: Path, tmp_path: Path) -> None:
    script = repository / "Testing" / "Benchmarks" / "module_load.py"
    command = [sys.executable, script, "--warm-ups", "0", "--runs", "1", "--json", tmp_path / "figures.json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout.count("| none |") == len(MODULES), done.stdout + done.stderr
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert set(figures) == set(MODULES)
    assert all(one["import"] > 0 for one in figures.values())
