"""The part of the panel that tells what the chosen model is: its card, and the file that it comes from."""

from __future__ import annotations

import html
from typing import Any

from slicer.i18n import tr as _

from ..bundle.card import ModelCard, read_card
from .machine import MachineSettings
from .models import FROM_FILE, modelPlace, shippedModels
from .panel_part import PanelPart
from .path_line import connectPath


class ModelSection(PanelPart):
    """The model's card and the line for its file.

    Parameters
    ----------
    panel : JobPanel
    """

    def __init__(self, panel: Any) -> None:
        self._panel, self._ui, self._machine = panel, panel.ui, MachineSettings()
        ui = self._ui
        self._shownText = ""
        ui.modelPathLineEdit.currentPath = self._machine.modelPath
        connectPath(ui.modelPathLineEdit, self.onModelPathChanged)
        ui.modelCardButton.connect("toggled(bool)", self.onCardToggled)

    def onModelPathChanged(self, path: str) -> None:
        """Remember the model file on this computer."""
        self._machine.modelPath = path
        self._panel.updatePanel()

    def onCardToggled(self, shown: bool) -> None:
        """Show the card, or hide it."""
        self.showState()

    def showState(self) -> None:
        """Show the card of the chosen model, if it is to be seen."""
        browser, shown = self._ui.modelCardBrowser, self._ui.modelCardButton.checked
        browser.visible = shown
        if not shown or self._panel.parameters is None:
            return
        text = self._text(self._panel.parameters.model)
        if text != self._shownText:  # setting it anew would scroll back to the top
            self._shownText = text
            browser.html = text

    def _text(self, model: str) -> str:
        place = modelPlace(model, self._machine.modelPath)
        if place is None:
            text = _("Choose a model file.") if model == FROM_FILE else _("This model is not on this computer.")
            return html.escape(str(text))
        return cardText(read_card(place), _origin(model))


def cardText(card: ModelCard, origin: str) -> str:
    """Return a card as rich text in which everything that comes from the model is plain.

    Parameters
    ----------
    card : ModelCard
    origin : str
        Where the model is from: shipped, trained here, from a file.
    """
    size = _("{megabytes} MB").format(megabytes=f"{card.bytes / 1e6:.1f}") if card.bytes else ""
    rows = [
        (_("Origin"), ", ".join(filter(None, [origin, size, card.written]))),
        (_("Intended use"), card.intended_use),
        (_("What it is"), card.description),
        (_("Trained on"), card.data_source),
        (_("Training"), card.training),
        (_("Measured"), " ".join(card.quality)),
        (_("Limits"), " ".join(card.limits)),
        (_("License"), card.license),
        (_("Authors"), card.authors),
        (_("Please cite"), " ".join(card.references)),
        (_("Place"), str(card.place)),
    ]
    title = f"<b>{_plain(' '.join(filter(None, [card.name, card.version])))}</b>"
    unreadable = _("It has no readable metadata.")
    missing = "" if card.intended_use else f"<p>{_plain(unreadable)}</p>"
    return title + missing + "".join(f"<p><b>{_plain(name)}:</b> {_plain(text)}</p>" for name, text in rows if text)


def _plain(text: Any) -> str:
    return html.escape(str(text))


def _origin(model: str) -> str:
    if model == FROM_FILE:
        return str(_("from a file"))
    shipped = model in dict(shippedModels())
    return str(_("came with the extension") if shipped else _("trained on this computer"))
