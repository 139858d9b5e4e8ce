"""Asks for a file and writes it, complete or not at all."""

from __future__ import annotations

from pathlib import Path

import qt
import slicer
from slicer.i18n import tr as _
from Speckle2SelfLib.desktop.plain_text import plain
from Speckle2SelfLib.errors import Speckle2SelfError


def askPath(caption: str, name: str, kinds: str) -> Path | None:
    """Ask where to save a file; None if the user cancels.

    Parameters
    ----------
    caption : str
        Of the dialog.
    name : str
        Suggested name, with its suffix.
    kinds : str
        What the dialog lists, for example ``"Tables (*.csv)"``.
    """
    chosen = qt.QFileDialog.getSaveFileName(slicer.util.mainWindow(), caption, name, kinds)
    return Path(chosen) if chosen else None


def save(path: Path, suffix: str, content: bytes) -> str | None:
    """Write a file and return what to say; None where it was not written, which the user knows.

    Parameters
    ----------
    path : Path
        Gets `suffix` if it ends otherwise.
    suffix : str
        For example ``".csv"``.
    content : bytes
    """
    from ..scene.exports import write_file

    asked, path = path, path if path.suffix.lower() == suffix else path.with_name(path.name + suffix)
    if path != asked and path.exists() and not _mayReplace(path):
        return None  # the dialog asked about the name without its suffix only
    try:
        write_file(path, content)
    except Speckle2SelfError as error:
        slicer.util.errorDisplay(plain(error), windowTitle=_("Speckle2Self Training"))
        return None
    return str(_("Written: {path}").format(path=path))


def _mayReplace(path: Path) -> bool:
    question = _("{path} is there already. Replace it?").format(path=path)
    return bool(slicer.util.confirmOkCancelDisplay(plain(question), _("Speckle2Self Training")))
