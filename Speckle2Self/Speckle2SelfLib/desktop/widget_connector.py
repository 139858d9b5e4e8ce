"""What the connectors between one widget and one parameter have in common, where Slicer brings none."""

from __future__ import annotations

from typing import Any

from slicer.parameterNodeWrapper import GuiConnector


class WidgetConnector(GuiConnector):  # type: ignore[misc]
    """Binds a widget to a parameter; subclasses name the widget's signal and say how to read and write it.

    Parameters
    ----------
    widget : QWidget
    """

    signal: str
    """The widget's signal that says that the user chose, with its argument types."""

    def __init__(self, widget: Any) -> None:
        super().__init__()
        self._widget = widget

    @staticmethod
    def canRepresent(widget: Any, datatype: Any) -> bool:
        """Return False: it is never chosen by type, only given."""
        return False

    @classmethod
    def create(cls, widget: Any, datatype: Any) -> WidgetConnector:
        """Return a connector for a widget."""
        return cls(widget)

    def _connect(self) -> None:
        self._widget.connect(self.signal, self._onChosen)

    def _disconnect(self) -> None:
        self._widget.disconnect(self.signal, self._onChosen)

    def _onChosen(self, choice: Any = None) -> None:
        self.changed()

    def widget(self) -> Any:
        """Return the widget."""
        return self._widget
