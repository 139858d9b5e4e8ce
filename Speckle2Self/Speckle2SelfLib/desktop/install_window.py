"""A small window that shows that packages are being installed, and keeps what the installer prints."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import Any

import qt
import slicer
from slicer.i18n import tr as _

_SHOWN_CHARACTERS = 90


class InstallWindow:
    """Modal, so that no button starts a second job meanwhile; it closes with the ``with`` block and not otherwise.

    Parameters
    ----------
    requester : str
        Who installs, as shown to the user.
    """

    def __init__(self, requester: str) -> None:
        self._lines: list[str] = []
        # slicer.util.mainWindow() is None under --no-main-window; the window then stands alone
        self._dialog = qt.QDialog(slicer.util.mainWindow())
        self._dialog.setModal(True)
        self._dialog.setWindowTitle(_("{requester} - Installing Python packages").format(requester=requester))
        self._dialog.setWindowFlags(self._dialog.windowFlags() & ~qt.Qt.WindowCloseButtonHint)
        # Escape would hide it while pip goes on: a shortcut that does nothing takes the key
        self._escape = qt.QShortcut(qt.QKeySequence(qt.Qt.Key_Escape), self._dialog)
        layout = qt.QVBoxLayout(self._dialog)
        self._stage, self._bar, self._line = qt.QLabel(), qt.QProgressBar(), qt.QLabel()
        self._bar.setRange(0, 0)  # pip does not tell how far it is
        self._bar.accessibleName = _("Installation")
        self._line.textFormat = qt.Qt.PlainText
        for widget in (self._stage, self._bar, self._line):
            layout.addWidget(widget)
        self._dialog.resize(560, 110)

    def __enter__(self) -> InstallWindow:
        self._dialog.show()
        slicer.app.processEvents()
        return self

    def __exit__(self, *exception: object) -> None:
        self._dialog.hide()
        self._dialog.deleteLater()

    @property
    def output(self) -> str:
        """All that the installer printed so far."""
        return "\n".join(self._lines)

    def showStage(self, text: str) -> None:
        """Say what is being done."""
        self._stage.setText(text)
        self._line.setText("")
        slicer.app.processEvents()

    def showLine(self, line: str) -> None:
        """Show and keep a line of the installer."""
        if line.strip():
            self._lines.append(line)
            self._line.setText(line.strip()[:_SHOWN_CHARACTERS])

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Also hear what is printed meanwhile: installers without a callback print pip's lines to the Python console.

        They process the application's events after each line, which keeps this window alive.
        """
        listener = _Listener(sys.stdout, self)
        with contextlib.redirect_stdout(listener):
            yield


class _Listener:
    """Passes on what is printed, and tells the window about whole lines."""

    def __init__(self, stream: Any, window: InstallWindow) -> None:
        self._stream, self._window, self._rest = stream, window, ""

    def write(self, text: str) -> int:
        self._stream.write(text)
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            self._window.showLine(line)
        return len(text)

    def flush(self) -> None:
        self._stream.flush()
