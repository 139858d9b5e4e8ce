"""Names that look like markup: tooltips, labels and message boxes show them letter by letter."""

from __future__ import annotations

from typing import Any

import pytest
from panel.conftest import choose_input


@pytest.mark.parametrize("text", ["<b>bold</b>", "a < b & c", "two\n<i>lines</i>", "&lt; <u>x</u>"])
def test_text_with_a_bracket_is_shown_letter_by_letter(application: Any, text: str) -> None:
    from PySide6.QtGui import QTextDocument
    from Speckle2SelfLib.desktop.plain_text import plain

    shown = QTextDocument()
    shown.setHtml(plain(text))
    assert shown.toPlainText() == text


def test_other_text_stays_as_it_is(application: Any) -> None:
    from Speckle2SelfLib.desktop.plain_text import plain

    assert plain("Müller & 超声, 3 > 2") == "Müller & 超声, 3 > 2"


def test_a_volume_or_a_model_that_is_named_like_markup_is_told_as_it_is(
    panel: Any, training_panel: Any, a_volume: Any, tmp_path: Any
) -> None:
    a_volume.SetName("<b>Sweep</b>")
    choose_input(panel, a_volume)
    panel.ui.modelComboBox.currentIndex = panel.ui.modelComboBox.findData("file")
    panel.ui.modelPathLineEdit.currentPath = str(tmp_path / "<b>.zip")
    assert "&lt;b&gt;.zip" in panel.ui.applyButton.toolTip
    assert "<b>.zip" in panel.ui.applyHintLabel.text
    training_panel.logic.getParameterNode().segmentModel = "<i>mine</i>"
    training_panel.ui.segmentInputSelector.setCurrentNode(a_volume)
    assert "&lt;i&gt;mine" in training_panel.ui.segmentButton.toolTip
    for ui in (panel.ui, training_panel.ui):
        labels = [one for one in vars(ui).values() if one.metaObject().className() == "QLabel"]
        assert {label.textFormat.name for label in labels} == {"PlainText"}
