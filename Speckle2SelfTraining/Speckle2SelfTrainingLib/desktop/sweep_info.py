"""What the panel says about the chosen sweeps: how many frames, and which of them are held out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from slicer.i18n import tr as _
from Speckle2SelfLib.desktop.input_info import InputInfo, inputInfo

from .checked_nodes import presentNodes


@dataclass(frozen=True)
class SweepsInfo:
    """The chosen sweeps.

    Parameters
    ----------
    sweeps : list of InputInfo or None
        What is known of each; None for one without an image.
    validation : InputInfo or None
        Of the validation sweep, where one is chosen.
    """

    sweeps: list[InputInfo | None]
    validation: InputInfo | None

    @property
    def frames(self) -> int:
        """Frames of all sweeps together."""
        return sum(sweep.frames for sweep in self.sweeps if sweep is not None)

    def text(self) -> str:
        """Return one line about the sweeps to train on."""
        if not self.sweeps:
            return str(_("Choose one sweep or several: cine loops, tracked sweeps or volumes of your machine."))
        if len(self.sweeps) == 1:
            return self.sweeps[0].text() if self.sweeps[0] is not None else ""
        return str(_("{sweeps} sweeps, {frames} frames").format(sweeps=len(self.sweeps), frames=self.frames))

    def heldOutText(self) -> str:
        """Return one line about the frames that check the training."""
        if not self.sweeps:
            return ""
        if self.validation is not None:
            return str(_("These frames check the training, which never sees them."))
        if len(self.sweeps) == 1:
            return str(_("The last fifth of the sweep is held out: it checks the training, which never sees it."))
        return str(_("One of the sweeps or more is held out: it checks the training, which never sees it."))


def sweepsInfo(parameterNode: Any) -> SweepsInfo:
    """Return what is known of the chosen sweeps.

    Parameters
    ----------
    parameterNode : Speckle2SelfTrainingParameterNode
        What the scene stores.
    """
    axis = parameterNode.frameAxis.value
    sweeps = [inputInfo(node, axis) for node in presentNodes(parameterNode.sweeps)]
    return SweepsInfo(sweeps, inputInfo(parameterNode.validationSweep, axis))
