"""The part of the panel that compares the input with the result in the views."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slicer.i18n import tr as _

from .machine import MachineSettings
from .panel_part import PanelPart

if TYPE_CHECKING:
    from ..scene.comparison import Comparison, Style
    from ..scene.environment import SceneEnvironment

SLIDING = ("FADE", "SWIPE")  # styles for which the slider means something


class CompareSection(PanelPart):
    """The part of the panel that compares the input with the result in the views.

    What it shows stays while the user works in other modules, to measure in both views for example; it ends with the
    check box, with the nodes, with the scene and with the panel, and the views are then as they were before.

    Parameters
    ----------
    panel : JobPanel
        Its ``ui`` holds the widgets of this part too, its ``parameters`` what the scene stores.
    """

    def __init__(self, panel: Any) -> None:
        self._panel, self._ui = panel, panel.ui
        self._machine = MachineSettings()
        self._comparison: Comparison | None = None
        self._last: tuple[str, str] | None = None  # input and result of the last job, by ID
        self._opensAtEnter = False
        ui = self._ui
        ui.compareAfterApplyCheckBox.checked = self._machine.comparesAfterApply
        ui.compareCheckBox.connect("toggled(bool)", self.onCompareToggled)
        ui.compareAfterApplyCheckBox.connect("toggled(bool)", self.onAfterApplyToggled)
        ui.previewCheckBox.connect("toggled(bool)", self.onPreviewToggled)
        ui.compareSliderWidget.connect("valueChanged(double)", self.onSliderMoved)
        for name in _STYLE_BUTTONS:
            # clicked, not toggled: only the user chooses, and only what was chosen is told
            getattr(ui, name).connect("clicked(bool)", self.onStyleClicked)

    @property
    def isOn(self) -> bool:
        """Whether the views show the comparison."""
        return self._comparison is not None

    def onCompareToggled(self, checked: bool) -> None:
        """Show input and result side by side, or put the views back."""
        if checked and not self.isOn:
            self._open()
        elif not checked:
            self._close()
        self.showState()

    def onStyleClicked(self, checked: bool = True) -> None:
        """Show something else in the right view; whoever chooses it wants to see it."""
        self._ui.compareCheckBox.checked = True
        self._draw()

    def onPreviewToggled(self, checked: bool) -> None:
        """Leave the views to the live preview."""
        if checked and self.isOn:
            self._ui.compareCheckBox.checked = False

    def onSliderMoved(self, value: float) -> None:
        """Show more or less of the result."""
        self._draw()

    def onAfterApplyToggled(self, checked: bool) -> None:
        """Remember on this computer whether results are shown at once."""
        self._machine.comparesAfterApply = checked

    def showResult(self, source: Any, result: Any) -> None:
        """Take note of a new result, and show it if the user wants that.

        While another module is shown its views stay as they are: the result is shown when the user comes back.

        Parameters
        ----------
        source, result : vtkMRMLVolumeNode
            Input and result as they are shown.
        """
        self._last = (source.GetID(), result.GetID())
        self.showState()
        if self.isOn:
            self._draw()  # there may be more to see in the same nodes
        elif self._machine.comparesAfterApply and self._pair() is not None:
            self._opensAtEnter = not self._panel.isShown
            self._ui.compareCheckBox.checked = self._panel.isShown

    def enter(self) -> None:
        """Show the result that came while another module was shown."""
        if self._opensAtEnter and self._machine.comparesAfterApply and self._pair() is not None:
            self._ui.compareCheckBox.checked = True
        self._opensAtEnter = False

    def showState(self) -> None:
        """Show what can be compared, and follow the choice of input and output."""
        if self._panel.parameters is None:
            return
        pair = self._pair()
        if self._comparison is not None and pair != (self._comparison.source, self._comparison.result):
            self._close()
            if pair is not None and self._ui.compareCheckBox.checked:
                self._open()
        reason = self._problem(pair)
        self._ui.compareCheckBox.checked = self.isOn
        self._ui.compareCheckBox.enabled = reason is None
        self._ui.compareCheckBox.toolTip = reason or _(
            "Show the input in the left view and the result in the right one, both linked; unchecked, the views are "
            "again as they were."
        )
        self._showStyles(pair, reason)
        self._say(self._info() if self.isOn else reason or "")

    def clear(self) -> None:
        """Put the views back before the scene closes."""
        self._close()
        self._last, self._opensAtEnter = None, False
        self._ui.compareCheckBox.checked = False

    def cleanup(self) -> None:
        """Put the views back before the panel goes."""
        self._close()

    def _open(self) -> None:
        pair = self._pair()
        if pair is None or self._problem(pair) is not None:
            return
        from ..scene.comparison import Comparison

        # both want the foreground of the views: the one that was asked for last gets it
        self._ui.previewCheckBox.checked = False
        self._comparison = Comparison(self._environment(), *pair, self._onEnded)
        self._draw()

    def _close(self) -> None:
        comparison, self._comparison = self._comparison, None
        if comparison is not None:
            comparison.close()

    def _onEnded(self) -> None:
        self._comparison = None
        self.showState()

    def _draw(self) -> None:
        if self._comparison is None:
            return
        self._comparison.show(self._style(), self._ui.compareSliderWidget.value)
        self._ui.compareSliderWidget.enabled = self._style().name in SLIDING
        self._say(self._info())

    def _say(self, text: str) -> None:
        self._ui.compareInfoLabel.text = text
        self._ui.compareInfoLabel.visible = bool(text)

    def _style(self) -> Style:
        from ..scene.comparison import Style

        chosen = [style for name, style in _STYLE_BUTTONS.items() if getattr(self._ui, name).checked]
        return Style[chosen[0]] if chosen else Style.RESULT

    def _pair(self) -> tuple[Any, Any] | None:
        """Return input and result, as far as both can be seen."""
        parameters = self._panel.parameters
        source = parameters.inputVolume if parameters is not None else None
        if source is None or source.GetImageData() is None:
            return None
        result = parameters.outputVolume
        if result is None and self._last is not None and self._last[0] == source.GetID():
            result = source.GetScene().GetNodeByID(self._last[1])
        if result is None or result is source or result.GetImageData() is None:
            return None
        return source, result

    def _problem(self, pair: tuple[Any, Any] | None) -> str | None:
        if pair is None:
            return str(_("There is no result to compare with yet; press Apply, or choose an output that has one."))
        from ..scene.comparison import can_compare

        if not can_compare(self._environment()):
            return str(_("There are no slice views here to compare in."))
        return None

    def _showStyles(self, pair: tuple[Any, Any] | None, reason: str | None) -> None:
        for name in _STYLE_BUTTONS:
            getattr(self._ui, name).enabled = reason is None
        self._ui.compareSliderWidget.enabled = self.isOn and self._style().name in SLIDING
        button = self._ui.compareDifferenceRadioButton
        hindrance = reason if pair is None else _differenceProblem(*pair)
        button.enabled = reason is None and hindrance is None
        button.toolTip = hindrance or _("Show what was taken away and what was added, in colors.")
        if button.checked and not button.enabled:
            self._ui.compareResultRadioButton.checked = True
            self._draw()

    def _info(self) -> str:
        if self._comparison is None:
            return ""
        limit = self._comparison.limit
        texts = {
            "RESULT": _("Left: input. Right: despeckled, research use."),
            "FADE": _("Right: the result (research use) over the input; the slider fades it in."),
            "SWIPE": _("Right: the result (research use) left of the line, the input right of it."),
            "DIFFERENCE": _(
                "Right: input minus result (research use). Orange was taken away, blue was added; full color from "
                "{limit} gray levels on."
            ).format(limit=f"{limit:.3g}" if limit else "-"),
        }
        text = str(texts[self._style().name])
        return f"{text} {self._frameNote()}".strip()

    def _frameNote(self) -> str:
        """Say where a single frame was despeckled, while the input shows whichever is browsed."""
        from ..scene.sequences import find_sequence

        assert self._comparison is not None
        environment, shown = self._environment(), self._comparison
        if find_sequence(environment, shown.source) is None or find_sequence(environment, shown.result) is not None:
            return ""
        return str(_("Only one frame was despeckled: browse the input to that frame."))

    @staticmethod
    def _environment() -> SceneEnvironment:
        from ..scene.environment import current_environment

        return current_environment()


# names of the radio buttons in Compare.ui, and which of scene.comparison.Style each means
_STYLE_BUTTONS = {
    "compareResultRadioButton": "RESULT",
    "compareFadeRadioButton": "FADE",
    "compareSwipeRadioButton": "SWIPE",
    "compareDifferenceRadioButton": "DIFFERENCE",
}


def _differenceProblem(source: Any, result: Any) -> str | None:
    from ..scene.pair import common_part, gray_problem

    problem = gray_problem(result)
    if problem is not None:
        return problem
    if common_part(source, result) is None:
        return str(_("The pixels of input and result do not lie on each other."))
    return None
