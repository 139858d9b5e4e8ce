"""Model card, model file, device line, strength presets and the way back to the defaults."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from panel.conftest import choose_input


def write_bundle(place: Path, **fields: Any) -> None:
    (place / "configs").mkdir(parents=True)
    (place / "configs" / "metadata.json").write_text(json.dumps(fields), encoding="utf-8")


def test_the_card_of_the_shipped_model_says_what_it_is_for(panel: Any) -> None:
    ui = panel.ui
    assert ui.modelCardBrowser.isHidden()
    ui.modelCardButton.click()
    assert not ui.modelCardBrowser.isHidden()
    wanted = "speckle2self-default 0.2.0|not for diagnosis|CC BY 4.0|Apache-2.0|came with the extension|MB|37.5 dB"
    for said in [*wanted.split("|"), "flattens tissue", "19,500 steps", "10.1016/j.media.2025.103755"]:
        assert said in ui.modelCardBrowser.plainText, said
    ui.modelCardButton.click()
    assert ui.modelCardBrowser.isHidden()


def test_a_foreign_bundle_cannot_smuggle_markup_into_its_card(panel: Any, tmp_path: Path) -> None:
    evil = '<img src="http://example.com/x.png"><script>alert(1)</script> & {name}'
    write_bundle(tmp_path / "evil", name=evil, version="1", intended_use=evil, license=evil * 100, references=[evil, 3])
    panel.ui.modelCardButton.click()
    panel.ui.modelComboBox.currentIndex = panel.ui.modelComboBox.findData("file")
    assert panel.ui.modelCardBrowser.plainText == "Choose a model file."
    panel.ui.modelPathLineEdit.currentPath = str(tmp_path / "evil")
    assert "<img" not in panel.ui.modelCardBrowser.html
    assert "<script" not in panel.ui.modelCardBrowser.html
    text = panel.ui.modelCardBrowser.plainText
    assert evil in text  # as it stands there, shown and not understood
    assert "from a file" in text
    assert len(text) < 6000


@pytest.mark.parametrize(
    "content", [b"", b"[1, 2]", b'{"speckle2self": 3, "references": "x"}', b"\xff\xfe", b"[" * 99999]
)
def test_a_card_without_readable_metadata_still_names_the_file(tmp_path: Path, content: bytes, module: Any) -> None:
    from Speckle2SelfLib.bundle.card import read_card
    from Speckle2SelfLib.desktop.model_section import cardText

    (tmp_path / "m" / "configs").mkdir(parents=True)
    (tmp_path / "m" / "configs" / "metadata.json").write_bytes(content)
    text = cardText(read_card(tmp_path / "m"), "from a file")
    assert "<b>m</b>" in text
    assert "no readable metadata" in text


def test_the_card_of_a_zip_a_checkpoint_and_a_missing_file_can_be_read(tmp_path: Path) -> None:
    from Speckle2SelfLib.bundle.card import read_card

    with zipfile.ZipFile(tmp_path / "m.zip", "w") as archive:
        archive.writestr("m/configs/metadata.json", json.dumps({"name": "zipped", "version": "2"}))
    (tmp_path / "authors.pth").write_bytes(b"weights")
    assert read_card(tmp_path / "m.zip").name == "zipped"
    assert (read_card(tmp_path / "authors.pth").name, read_card(tmp_path / "authors.pth").bytes) == ("authors.pth", 7)
    assert read_card(tmp_path / "nowhere.zip").bytes == 0


def test_a_model_trained_here_says_so_on_its_card(
    module: Any, scene: Any, settings_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPECKLE2SELF_MODELS", str(tmp_path))
    write_bundle(
        tmp_path / "mine", name="mine", version="0.1.0", intended_use="Research", speckle2self={"base": {"name": "b"}}
    )
    panel = module.Speckle2SelfWidget()
    panel.ui.modelComboBox.currentIndex = panel.ui.modelComboBox.findData("mine")
    panel.ui.modelCardButton.click()
    assert "trained on this computer" in panel.ui.modelCardBrowser.plainText
    assert str(tmp_path / "mine") in panel.ui.modelCardBrowser.plainText
    panel.logic.getParameterNode().model = "a-colleagues-model"
    assert "not on this computer" in panel.ui.modelCardBrowser.plainText
    panel.cleanup()


def test_reading_a_card_loads_no_torch(repository: Path) -> None:
    code = (
        "import sys; from Speckle2SelfLib.bundle.card import read_card; from Speckle2SelfLib.bundle.shipped import "
        "shipped_models; print(bool(read_card(shipped_models()['default']).license), 'torch' in sys.modules, "
        "'numpy' in sys.modules)"
    )
    folder = repository / "Speckle2Self"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=folder, check=True)
    assert done.stdout.split() == ["True", "False", "False"]


def test_a_model_file_that_is_cleared_is_forgotten(panel: Any, a_volume: Any, a_model: str) -> None:
    import qt

    choose_input(panel, a_volume)
    panel.ui.modelComboBox.currentIndex = panel.ui.modelComboBox.findData("file")
    panel.ui.modelPathLineEdit.currentPath = a_model
    assert panel.ui.applyButton.enabled
    panel.ui.modelPathLineEdit.currentPath = ""
    assert not panel.ui.applyButton.enabled
    assert "model file" in panel.ui.applyButton.toolTip
    assert qt.QSettings().value("Speckle2Self/ModelPath") == ""


@pytest.mark.parametrize(("button", "strength"), [("textureKept", 0.5), ("smooth", 0.8), ("flattest", 1.0)])
def test_a_preset_sets_the_strength_and_shows_that_it_is_chosen(panel: Any, button: str, strength: float) -> None:
    control = getattr(panel.ui, f"{button}Button")
    panel.ui.strengthSliderWidget.value = 0.3
    assert not control.checked
    control.click()
    assert panel.ui.strengthSliderWidget.value == strength
    assert panel.logic.getParameterNode().strength == strength
    assert control.checked
    control.click()
    assert control.checked
    others = {"textureKeptButton", "smoothButton", "flattestButton"} - {f"{button}Button"}
    assert not any(getattr(panel.ui, name).checked for name in others)


def test_the_settings_can_be_set_back_to_the_defaults(panel: Any, a_volume: Any) -> None:
    from Speckle2SelfLib.desktop.strength_presets import SETTINGS

    choose_input(panel, a_volume)
    parameters = panel.logic.getParameterNode()
    kept = {"inputVolume", "outputVolume", "frames", "firstFrame", "lastFrame"}
    assert set(SETTINGS) | kept == set(parameters.allParameters)
    panel.ui.strengthSliderWidget.value = 0.2
    panel.ui.gammaSliderWidget.value = 0.5
    panel.ui.maskCheckBox.click()
    panel.ui.normalizeComboBox.currentIndex = 1
    panel.ui.framesComboBox.currentIndex = 2
    panel.ui.modelComboBox.currentIndex = panel.ui.modelComboBox.findData("file")
    panel.ui.resetButton.click()
    for name in SETTINGS:
        assert getattr(parameters, name) == parameters.default(name).value, name
    assert panel.ui.strengthSliderWidget.value == 0.8
    assert panel.ui.modelComboBox.currentIndex == 0
    assert parameters.frames.name == "RANGE"
    assert parameters.inputVolume is a_volume


def test_the_device_line_says_what_ran_and_why(panel: Any, a_volume: Any, wait_until: Callable[..., None]) -> None:
    panel.ui.deviceComboBox.currentIndex = panel.ui.deviceComboBox.findData("cpu")
    assert panel.ui.deviceInfoLabel.text.startswith("CPU, as you chose.")
    choose_input(panel, a_volume)
    panel.ui.applyButton.click()
    wait_until(lambda: not panel.isRunning)
    assert "Last run: CPU, " in panel.ui.deviceInfoLabel.text
    panel.ui.deviceComboBox.currentIndex = panel.ui.deviceComboBox.findData("auto")
    assert "PyTorch" in panel.ui.deviceInfoLabel.text
    assert panel.ui.deviceInfoLabel.text.startswith("Automatic: ")
    panel.logic.close()
    panel.updatePanel()
    assert "known after" not in panel.ui.deviceInfoLabel.text  # what was found is not forgotten with the worker


def test_the_device_line_gives_the_reason_of_the_worker(module: Any, application: Any) -> None:
    from Speckle2SelfLib.desktop.device_line import deviceText

    reason = "PyTorch 2.13.0 cannot run on the GPU (no kernel image is available)."
    hello = {"device": "cpu", "reason": reason, "torch": "2.13.0"}
    assert "known after the first run" in deviceText("auto", None)
    assert "known after the first run" in deviceText("cuda", None)
    assert deviceText("auto", hello).startswith("Automatic: CPU (")
    assert reason.rstrip(".") in deviceText("auto", hello)
    assert "cannot be used here" in deviceText("cuda", hello)
    fine = {"device": "cuda", "reason": "the GPU X is available", "torch": "2.13.0"}
    assert deviceText("auto", fine) == "Automatic: NVIDIA GPU (cuda) (the GPU X is available; PyTorch 2.13.0)."


def test_apply_has_a_shortcut_that_survives_its_change_to_cancel(panel: Any, a_volume: Any) -> None:
    choose_input(panel, a_volume)
    shortcut = panel.ui.applyButton.shortcut.toString()
    assert shortcut == "Ctrl+Return"
    panel.ui.applyButton.click()
    assert panel.ui.applyButton.text == "Cancel"
    assert panel.ui.applyButton.shortcut.toString() == shortcut
    panel.ui.applyButton.click()
    assert panel.ui.applyButton.shortcut.toString() == shortcut
