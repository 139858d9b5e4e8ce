"""Text that stays plain where Qt would take it for markup: in tooltips, labels and message boxes.

Names of volumes, models and files may hold anything, "<b>" among it.
"""

from __future__ import annotations

import html
from typing import Any

import qt


def plain(text: Any) -> str:
    """Return a text such that a tooltip or a message box shows it letter by letter.

    Parameters
    ----------
    text : object
        Anything; without a "<" nothing is markup (Qt::mightBeRichText), and it is returned as it is.
    """
    shown = str(text)
    if "<" not in shown:
        return shown
    escaped = html.escape(shown, quote=False).replace("\n", "<br>")
    return f"<qt>{escaped}</qt>"


def showLabelsPlain(widget: Any) -> None:
    """Let all labels of a panel show their text letter by letter."""
    for label in widget.findChildren(qt.QLabel):
        label.textFormat = qt.Qt.PlainText


def showHint(label: Any, reason: str | None) -> None:
    """Show below a button why it cannot be pressed, which its tooltip tells only whoever looks for it."""
    label.text = reason or ""
    label.visible = bool(reason)
