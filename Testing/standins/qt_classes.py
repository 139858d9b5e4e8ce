"""Stand-in for the desktop's `qt` module: PySide6 classes with PythonQt's attribute access.

Imitates what Base/Python/qt/__init__.py of Slicer's sources makes of PythonQt.
"""

from __future__ import annotations

from typing import Any

from PySide6 import QtCore, QtGui, QtWidgets

from .pythonqt import PythonQtObject

Qt = QtCore.Qt
QIcon = QtGui.QIcon
QKeySequence = QtGui.QKeySequence
QMessageBox = QtWidgets.QMessageBox


class QApplication(PythonQtObject, QtWidgets.QApplication): ...


class QGroupBox(PythonQtObject, QtWidgets.QGroupBox): ...


class QTimer(PythonQtObject, QtCore.QTimer): ...


class QWidget(PythonQtObject, QtWidgets.QWidget): ...


class QDialog(PythonQtObject, QtWidgets.QDialog): ...


class QShortcut(PythonQtObject, QtGui.QShortcut): ...


class QAction(PythonQtObject, QtGui.QAction): ...


class QLabel(PythonQtObject, QtWidgets.QLabel): ...


class QTextBrowser(PythonQtObject, QtWidgets.QTextBrowser): ...


class QPushButton(PythonQtObject, QtWidgets.QPushButton): ...


class QCheckBox(PythonQtObject, QtWidgets.QCheckBox): ...


class QRadioButton(PythonQtObject, QtWidgets.QRadioButton): ...


class QComboBox(PythonQtObject, QtWidgets.QComboBox): ...


class QLineEdit(PythonQtObject, QtWidgets.QLineEdit): ...


class QSpinBox(PythonQtObject, QtWidgets.QSpinBox): ...


class QDoubleSpinBox(PythonQtObject, QtWidgets.QDoubleSpinBox): ...


class QProgressBar(PythonQtObject, QtWidgets.QProgressBar): ...


class QVBoxLayout(PythonQtObject, QtWidgets.QVBoxLayout): ...


class QFileDialog:
    """File dialogs; PythonQt returns the path alone, without the filter that PySide6 adds."""

    @staticmethod
    def getSaveFileName(parent: Any, caption: str, directory: str, filter: str) -> str:  # noqa: N802
        path, _filter = QtWidgets.QFileDialog.getSaveFileName(parent, caption, directory, filter)
        return str(path)


class QSettings(QtCore.QSettings):
    """Settings in a file of the test session, not of the user (see `desktop.install`)."""

    _standin_file = ""

    def __init__(self) -> None:
        super().__init__(QSettings._standin_file, QtCore.QSettings.Format.IniFormat)


WIDGET_CLASSES: dict[str, Any] = {
    widget.__name__: widget
    for widget in (
        QWidget,
        QLabel,
        QPushButton,
        QTextBrowser,
        QCheckBox,
        QRadioButton,
        QComboBox,
        QLineEdit,
        QSpinBox,
        QDoubleSpinBox,
        QProgressBar,
        QGroupBox,
    )
}
