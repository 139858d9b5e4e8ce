"""The panels by keyboard and by screen reader, from their .ui files."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from panel.panel_files import SHOW_THEIR_TEXT, PanelFile, Widget, panels

MODULES = ("Speckle2Self", "Speckle2SelfTraining")


@pytest.fixture(params=MODULES)
def files(repository: Path, request: pytest.FixtureRequest) -> list[PanelFile]:
    """The .ui files that one panel is made of."""
    found = panels(repository)[request.param]
    assert sum(len(file.inputs) for file in found) > 10
    return found


def is_named(widget: Widget, file: PanelFile) -> bool:
    """Whether a screen reader has something to say: the widget's own text, its label, or a name for this purpose."""
    own = widget.text_of("text") if widget.kind in SHOW_THEIR_TEXT else ""
    return bool(own or widget.name in file.buddies or widget.text_of("accessibleName"))


def test_every_control_says_what_it_is_for(files: list[PanelFile]) -> None:
    silent = [
        (file.path.name, widget.name) for file in files for widget in file.inputs if not widget.text_of("toolTip")
    ]
    assert silent == []


def test_every_control_has_a_name_for_screen_readers(files: list[PanelFile]) -> None:
    nameless = [(file.path.name, widget.name) for file in files for widget in file.inputs if not is_named(widget, file)]
    assert nameless == []


def test_every_label_that_leads_to_a_control_leads_to_one_that_exists(files: list[PanelFile]) -> None:
    for file in files:
        names = {widget.name for widget in file.widgets}
        assert [buddy for buddy in file.buddies if buddy not in names] == [], file.path.name


def test_no_two_letters_of_a_panel_are_the_same(files: list[PanelFile]) -> None:
    """Alt and the letter would only move between the two, without doing anything."""
    letters = Counter(widget.mnemonic for file in files for widget in file.widgets if widget.mnemonic)
    assert [letter for letter, number in letters.items() if number > 1] == []


def test_no_two_shortcuts_of_a_panel_are_the_same(files: list[PanelFile]) -> None:
    shortcuts = Counter(widget.text_of("shortcut") for file in files for widget in file.widgets)
    del shortcuts[""]
    assert [shortcut for shortcut, number in shortcuts.items() if number > 1] == []


def test_the_tab_key_goes_through_the_panel_as_it_is_read(files: list[PanelFile]) -> None:
    for file in files:
        assert list(file.unordered_cells()) == [], file.path.name
        order = [widget.name for widget in file.inputs]
        assert not file.tab_stops or [name for name in file.tab_stops if name in order] == order, file.path.name


def test_no_two_widgets_of_a_panel_have_the_same_name(files: list[PanelFile]) -> None:
    """All of them are attributes of the same object."""
    names = Counter(widget.name for file in files for widget in file.inputs)
    assert [name for name, number in names.items() if number > 1] == []


def test_every_control_can_be_reached_by_keyboard(files: list[PanelFile]) -> None:
    unreachable = [w.name for file in files for w in file.inputs if w.text_of("focusPolicy").endswith("NoFocus")]
    assert unreachable == []


def test_a_panel_without_names_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "Bad.ui"
    path.write_text(
        '<ui><widget class="qMRMLWidget" name="Bad"><layout name="form">'
        '<item row="1" column="0"><widget class="QSpinBox" name="a"/></item>'
        '<item row="0" column="1"><widget class="QPushButton" name="b"><property name="text"><string>&amp;Go</string>'
        "</property></widget></item></layout></widget></ui>"
    )
    file = PanelFile(path)
    assert [is_named(widget, file) for widget in file.inputs] == [False, True]
    assert [widget.mnemonic for widget in file.inputs] == ["", "g"]
    assert list(file.unordered_cells()) == ["form"]
