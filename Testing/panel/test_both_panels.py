"""Both panels in turn: settings of the computer that they share, and what their messages say."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from panel.conftest import choose_input


def test_a_device_and_a_wheel_folder_chosen_in_one_panel_show_in_the_other(
    panel: Any, training_panel: Any, tmp_path: Path
) -> None:
    training_panel.exit()
    panel.enter()
    panel.ui.deviceComboBox.currentIndex = panel.ui.deviceComboBox.findData("cuda")
    panel.ui.wheelFolderPathLineEdit.currentPath = str(tmp_path)
    panel.exit()
    training_panel.enter()
    combo = training_panel.ui.deviceComboBox
    assert combo.itemData(combo.currentIndex) == "cuda"
    assert training_panel.ui.wheelFolderPathLineEdit.currentPath == str(tmp_path)
    training_panel.ui.wheelFolderPathLineEdit.currentPath = ""
    training_panel.exit()
    panel.enter()
    assert panel.ui.wheelFolderPathLineEdit.currentPath == ""


def test_messages_bear_the_name_of_the_module(
    panel: Any, training_panel: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import slicer
    from Speckle2SelfTrainingLib.desktop.saving import save

    titles = []
    monkeypatch.setattr(slicer.util, "errorDisplay", lambda _text, **options: titles.append(options["windowTitle"]))
    for one in (panel, training_panel):
        one.onJobError(RuntimeError("out of luck"))
    assert save(tmp_path / "no folder" / "table.csv", ".csv", b"") is None
    assert titles == ["Speckle2Self", "Speckle2Self Training", "Speckle2Self Training"]


def test_a_file_is_not_replaced_unasked_where_the_suffix_was_left_out(
    training_panel: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import slicer
    from Speckle2SelfTrainingLib.desktop.saving import save

    (tmp_path / "table.csv").write_bytes(b"before")
    answers = [False, True]
    monkeypatch.setattr(slicer.util, "confirmOkCancelDisplay", lambda *_: answers.pop(0))
    assert save(tmp_path / "table", ".csv", b"after") is None
    assert (tmp_path / "table.csv").read_bytes() == b"before"
    assert "table.csv" in str(save(tmp_path / "table", ".csv", b"after"))
    assert (tmp_path / "table.csv").read_bytes() == b"after"
    assert save(tmp_path / "table.csv", ".csv", b"again") is not None  # the dialog has asked already
    assert answers == []


def test_a_job_that_finds_the_worker_taken_says_so_and_opens_no_dialog(
    panel: Any,
    training_panel: Any,
    a_volume: Any,
    wait_until: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import slicer
    from Speckle2SelfLib.worker import shared_worker

    dialogs: list[str] = []
    monkeypatch.setattr(slicer.util, "errorDisplay", lambda text, **_options: dialogs.append(text))
    choose_input(panel, a_volume)
    panel.ui.applyButton.click()
    wait_until(lambda: shared_worker().busy)
    training_panel.logic.getParameterNode().sweeps = [a_volume]
    training_panel.ui.startButton.click()
    wait_until(lambda: not training_panel.isRunning)
    assert "Another job is running" in training_panel.ui.statusLabel.text
    assert training_panel.ui.startButton.enabled
    wait_until(lambda: not panel.isRunning)
    assert panel.ui.statusLabel.text.startswith("Done")
    assert dialogs == []


def test_a_preview_gives_way_to_a_job_of_the_other_panel_and_comes_back(
    panel: Any, training_panel: Any, a_volume: Any, a_model: str, wait_until: Callable[..., None]
) -> None:
    from Speckle2SelfLib.worker import shared_worker

    panel.enter()
    choose_input(panel, a_volume)
    panel.ui.modelPathLineEdit.currentPath = a_model
    panel.logic.getParameterNode().model = "file"
    panel.ui.previewCheckBox.checked = True
    preview = panel._parts[0].preview
    wait_until(lambda: shared_worker().busy)
    training_panel.logic.getParameterNode().sweeps = [a_volume]
    training_panel.ui.startButton.click()
    wait_until(lambda: preview.job.paused)
    assert training_panel.isRunning
    assert panel.ui.previewCheckBox.checked
    training_panel.ui.startButton.click()
    assert not training_panel.isRunning
    wait_until(lambda: preview.job.index is not None)


def test_reload_of_one_module_leaves_the_job_of_the_other_alone(
    panel: Any, training_panel: Any, a_volume: Any, wait_until: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    import slicer
    from Speckle2SelfLib.worker import shared_worker

    monkeypatch.setattr(slicer.util, "reloadScriptedModule", lambda _name: None)
    kept = {name: one for name, one in sys.modules.items() if name.startswith("Speckle2Self") and "Lib" in name}
    choose_input(panel, a_volume)
    panel.ui.applyButton.click()
    wait_until(lambda: shared_worker().busy)
    try:
        training_panel.onReload()
    finally:
        sys.modules.update(kept)
    wait_until(lambda: not panel.isRunning)
    assert panel.ui.statusLabel.text.startswith("Done")
    try:
        training_panel.onReload()
    finally:
        sys.modules.update(kept)
    assert shared_worker().pid is None  # nobody needed it any more


def test_a_job_that_ends_while_another_module_is_shown_leaves_the_panel_asleep(
    panel: Any, a_volume: Any, wait_until: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    import slicer

    choose_input(panel, a_volume)
    panel.ui.applyButton.click()
    panel.exit()
    wait_until(lambda: not panel.isRunning)
    assert panel.ui.statusLabel.text.startswith("Done")
    updates: list[None] = []
    monkeypatch.setattr(panel, "showState", lambda: updates.append(None))
    for _ in range(30):  # as a sequence that plays
        a_volume.Modified()
        slicer.app.processEvents()
        time.sleep(0.01)
    assert updates == []
    panel.enter()
    assert updates != []
