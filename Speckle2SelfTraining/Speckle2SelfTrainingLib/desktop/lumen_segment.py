"""Binds the chooser of the lumen's segment: the segments of the chosen segmentation, or none in particular."""

from __future__ import annotations

from typing import Any

from slicer.i18n import tr as _
from slicer.parameterNodeWrapper import GuiConnector


class LumenSegmentConnector(GuiConnector):  # type: ignore[misc]
    """Binds a combo box, whose items carry identifiers of segments as data, to a text parameter; empty is automatic.

    Parameters
    ----------
    comboBox : QComboBox
        Is filled by :meth:`offer`.
    """

    def __init__(self, comboBox: Any) -> None:
        super().__init__()
        self._comboBox = comboBox
        self._offered: dict[str, str] | None = None
        self.offer({})

    @staticmethod
    def canRepresent(widget: Any, datatype: Any) -> bool:
        """Return False: it is never chosen by type, only given."""
        return False

    @staticmethod
    def create(widget: Any, datatype: Any) -> LumenSegmentConnector:
        """Return a connector for a combo box."""
        return LumenSegmentConnector(widget)

    def offer(self, names: dict[str, str]) -> None:
        """Offer segments, names by identifier; a choice that is not among them becomes automatic."""
        if names == self._offered:
            return
        chosen = self.read() if self._offered is not None else ""
        self._offered = dict(names)
        wasBlocked = self._comboBox.blockSignals(True)
        self._comboBox.clear()
        self._comboBox.addItem(_("Automatic"), "")
        for identifier, name in names.items():
            self._comboBox.addItem(name, identifier)
        self._comboBox.currentIndex = max(self._comboBox.findData(chosen), 0)
        self._comboBox.blockSignals(wasBlocked)
        if self.read() != chosen:
            self.changed()

    def _connect(self) -> None:
        self._comboBox.connect("currentIndexChanged(int)", self._onIndexChanged)

    def _disconnect(self) -> None:
        self._comboBox.disconnect("currentIndexChanged(int)", self._onIndexChanged)

    def _onIndexChanged(self, index: int) -> None:
        self.changed()

    def widget(self) -> Any:
        """Return the combo box."""
        return self._comboBox

    def read(self) -> str:
        """Return the identifier of the chosen segment, empty for none in particular."""
        return str(self._comboBox.itemData(self._comboBox.currentIndex) or "")

    def write(self, value: str) -> None:
        """Choose a segment; one that is not offered is automatic."""
        self._comboBox.currentIndex = max(self._comboBox.findData(value), 0)
