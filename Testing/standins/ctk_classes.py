"""Stand-in for the desktop's `ctk` module: the few CTK widgets that the panels use.

Each class imitates the properties and signals that the header of the same name declares in CTK (Libs/Widgets).
"""

# ruff: noqa: N801, N802, N815 - Slicer's and Qt's own names

from __future__ import annotations

import re

from PySide6 import QtCore, QtWidgets
from PySide6.QtCore import Property, Signal

from .pythonqt import PythonQtObject, emit


class ctkCollapsibleButton(PythonQtObject, QtWidgets.QWidget):
    """A heading that shows and hides what lies below it (ctkCollapsibleButton.h: text, collapsed)."""

    contentsCollapsed = Signal(bool)

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._text, self._collapsed = "", False
        self._hidden_before: set[int] = set()
        self.setContentsMargins(0, 28, 0, 0)

    def paintEvent(self, event: object) -> None:
        """Draw the heading as a button."""
        option = QtWidgets.QStyleOptionButton()
        option.initFrom(self)
        option.rect = QtCore.QRect(0, 0, int(self.width), 24)  # type: ignore[call-overload]
        option.text = ("\u25b8 " if self._collapsed else "\u25be ") + self._text  # type: ignore[attr-defined]
        painter = QtWidgets.QStylePainter(self)
        painter.drawControl(QtWidgets.QStyle.ControlElement.CE_PushButton, option)

    def childEvent(self, event: QtCore.QChildEvent) -> None:
        """Hide what is added while collapsed, as ctkCollapsibleButton::childEvent does."""
        child = event.child()
        if event.added() and self._collapsed and isinstance(child, QtWidgets.QWidget):
            child.hide()

    def _show_children(self, show: bool) -> None:
        # what was hidden on its own stays hidden when the button expands (ctkCollapsibleButton::eventFilter)
        widgets = [child for child in self.children() if isinstance(child, QtWidgets.QWidget)]
        if not show:
            self._hidden_before = {id(child) for child in widgets if child.isHidden()}
        for child in widgets:
            child.setVisible(show and id(child) not in self._hidden_before)

    def _get_text(self) -> str:
        return self._text

    def _set_text(self, text: str) -> None:
        self._text = text
        self.update()

    def _get_collapsed(self) -> bool:
        return self._collapsed

    def _set_collapsed(self, collapsed: bool) -> None:
        changed = collapsed != self._collapsed
        self._collapsed = collapsed
        if changed:
            self._show_children(not collapsed)
        self.setMaximumHeight(28 if collapsed else 16777215)
        if changed:
            emit(self.contentsCollapsed, collapsed)

    text = Property(str, _get_text, _set_text)
    collapsed = Property(bool, _get_collapsed, _set_collapsed)


class ctkSliderWidget(PythonQtObject, QtWidgets.QWidget):
    """A slider and a spin box that show one number (ctkSliderWidget.h)."""

    valueChanged = Signal(float)

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._slider = QtWidgets.QSlider(QtCore.Qt.Orientation.Horizontal)
        self._spin = QtWidgets.QDoubleSpinBox()
        self._page_step = 1.0
        layout = QtWidgets.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._slider, 1)
        layout.addWidget(self._spin)
        self._slider.setRange(0, 1000)
        self._slider.sliderMoved.connect(self._slider_moved)
        self._spin.valueChanged.connect(self._spin_changed)

    def _slider_moved(self, position: int) -> None:
        low, high = self._spin.minimum(), self._spin.maximum()
        self._spin.setValue(low + (high - low) * position / 1000)

    def _spin_changed(self, value: float) -> None:
        self._show_on_slider()
        emit(self.valueChanged, value)

    def _show_on_slider(self) -> None:
        low, high = self._spin.minimum(), self._spin.maximum()
        if high > low:
            self._slider.setValue(round(1000 * (self._spin.value() - low) / (high - low)))

    def _set_minimum(self, value: float) -> None:
        self._spin.setMinimum(value)
        self._show_on_slider()

    def _set_maximum(self, value: float) -> None:
        self._spin.setMaximum(value)
        self._show_on_slider()

    def _set_page_step(self, value: float) -> None:
        self._page_step = value

    value = Property(float, lambda self: self._spin.value(), lambda self, value: self._spin.setValue(value))
    minimum = Property(float, lambda self: self._spin.minimum(), _set_minimum)
    maximum = Property(float, lambda self: self._spin.maximum(), _set_maximum)
    singleStep = Property(
        float, lambda self: self._spin.singleStep(), lambda self, step: self._spin.setSingleStep(step)
    )
    pageStep = Property(float, lambda self: self._page_step, _set_page_step)
    decimals = Property(int, lambda self: self._spin.decimals(), lambda self, count: self._spin.setDecimals(count))


class ctkPathLineEdit(PythonQtObject, QtWidgets.QWidget):
    """A line for a path and a button that browses for it (ctkPathLineEdit.h).

    The empty path is not told: only that the line holds nothing valid any more (updateHasValidInput).
    With name filters, paths that have none of their extensions are not told, those of folders among them: "(*)" names
    no extension (ctkUtils.cpp, nameFiltersToRegExpPattern).
    """

    Dirs = 0x001  # of its enumeration Filter

    currentPathChanged = Signal(str)
    validInputChanged = Signal(bool)

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._line, self._button = QtWidgets.QLineEdit(), QtWidgets.QToolButton()
        self._button.setText("...")
        self._setting_key, self._name_filters, self._history = "", [], []
        self._filters, self._valid = 0x007, False  # AllEntries
        layout = QtWidgets.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._line, 1)
        layout.addWidget(self._button)
        self._line.textChanged.connect(self._tell)

    def _tell(self, path: str) -> None:
        endings = tuple(re.findall(r"\*(\.\w+)", " ".join(self._name_filters)))
        was_valid, self._valid = self._valid, bool(path) and (not endings or path.endswith(endings))
        if self._valid:
            emit(self.currentPathChanged, path)
        if self._valid != was_valid:
            emit(self.validInputChanged, self._valid)

    def addCurrentPathToHistory(self) -> None:
        """Remember the path for the next time."""
        self._history.append(self._line.text())

    def _set_key(self, key: str) -> None:
        self._setting_key = key

    def _set_name_filters(self, filters: list[str]) -> None:
        self._name_filters = filters

    def _set_filters(self, filters: int) -> None:
        self._filters = filters

    currentPath = Property(str, lambda self: self._line.text(), lambda self, path: self._line.setText(path))
    settingKey = Property(str, lambda self: self._setting_key, _set_key)
    nameFilters = Property("QStringList", lambda self: self._name_filters, _set_name_filters)
    filters = Property(int, lambda self: self._filters, _set_filters)


WIDGET_CLASSES = {widget.__name__: widget for widget in (ctkCollapsibleButton, ctkSliderWidget, ctkPathLineEdit)}
