"""Binds the chooser of the lumen's segment: the segments of the chosen segmentation, or none in particular."""

from __future__ import annotations

from typing import Any

from slicer.i18n import tr as _
from Speckle2SelfLib.desktop.widget_connector import WidgetConnector


class LumenSegmentConnector(WidgetConnector):
    """Binds a combo box, whose items carry identifiers of segments as data, to a text parameter; empty is automatic.

    Parameters
    ----------
    comboBox : QComboBox
        Is filled by :meth:`offer`.
    """

    signal = "currentIndexChanged(int)"

    def __init__(self, comboBox: Any) -> None:
        super().__init__(comboBox)
        self._offered: dict[str, str] | None = None
        self.offer({})

    def offer(self, names: dict[str, str]) -> None:
        """Offer segments, names by identifier; a choice that is not among them becomes automatic."""
        if names == self._offered:
            return
        chosen = self.read() if self._offered is not None else ""
        self._offered = dict(names)
        wasBlocked = self._widget.blockSignals(True)
        self._widget.clear()
        self._widget.addItem(_("Automatic"), "")
        for identifier, name in names.items():
            self._widget.addItem(name, identifier)
        self._widget.currentIndex = max(self._widget.findData(chosen), 0)
        self._widget.blockSignals(wasBlocked)
        if self.read() != chosen:
            self.changed()

    def read(self) -> str:
        """Return the identifier of the chosen segment, empty for none in particular."""
        return str(self._widget.itemData(self._widget.currentIndex) or "")

    def write(self, value: str) -> None:
        """Choose a segment; one that is not offered is automatic."""
        self._widget.currentIndex = max(self._widget.findData(value), 0)
