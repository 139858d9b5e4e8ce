"""Hearing of every change of a ctkPathLineEdit, also of its being emptied."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def connectPath(pathLineEdit: Any, receiver: Callable[[str], None]) -> None:
    """Call something with every path that the line holds, the empty one included.

    Parameters
    ----------
    pathLineEdit : ctkPathLineEdit
    receiver : callable
        Gets the path; sometimes twice.
    """

    def told(accepted: bool) -> None:
        # CTK tells paths that it accepts; of others, the empty one among them, only that it accepts them no more
        if not accepted:
            receiver(pathLineEdit.currentPath)

    pathLineEdit.connect("currentPathChanged(QString)", receiver)
    pathLineEdit.connect("validInputChanged(bool)", told)
