"""The folder of wheels of a computer without a network: a setting of the computer, and its line in the panels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ctk
import qt
from slicer.i18n import tr as _

from ..errors import DependencyError
from .path_line import connectPath

WHEEL_FOLDER_KEY = "Speckle2Self/WheelFolder"


def wheelFolder() -> Path | None:
    """Return the folder that packages are installed from, None where they come from the network.

    Raises
    ------
    DependencyError
        If the chosen folder does not exist.
    """
    stored = _stored()
    if not stored:
        return None
    folder = Path(stored)
    if not folder.is_dir():
        raise DependencyError(
            _(
                "The wheel folder {folder} does not exist; choose another one as Wheel folder in the panel, or empty "
                "that line to install from the network."
            ).format(folder=folder)
        )
    return folder


def connectWheelFolder(pathLineEdit: Any) -> None:
    """Make a ctkPathLineEdit show the folder and remember what is chosen."""
    pathLineEdit.filters = ctk.ctkPathLineEdit.Dirs
    showWheelFolder(pathLineEdit)
    connectPath(pathLineEdit, _remember)


def showWheelFolder(pathLineEdit: Any) -> None:
    """Make a ctkPathLineEdit show the folder that is chosen."""
    if pathLineEdit.currentPath != _stored():
        pathLineEdit.currentPath = _stored()


def _stored() -> str:
    return str(qt.QSettings().value(WHEEL_FOLDER_KEY, "") or "").strip()


def _remember(path: str) -> None:
    qt.QSettings().setValue(WHEEL_FOLDER_KEY, path.strip())
