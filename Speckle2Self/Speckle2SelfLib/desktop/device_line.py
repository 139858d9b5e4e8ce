"""What the panel says about the device: which one it is, why, and what the last run used."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from slicer.i18n import tr as _

from .machine import MachineSettings, deviceLabels
from .panel_part import PanelPart


class DeviceLine(PanelPart):
    """The line below the device chooser; torch is not imported for it: the worker says what it found.

    Parameters
    ----------
    panel : JobPanel
    """

    def __init__(self, panel: Any) -> None:
        self._label = panel.ui.deviceInfoLabel
        self._hello: Mapping[str, Any] | None = None  # what a worker said first; it may have ended since
        self._lastRun = ""

    def showState(self) -> None:
        """Show what is known by now."""
        from ..worker.client import shared_worker

        self._hello = shared_worker().hello or self._hello
        self._label.text = " ".join(filter(None, [deviceText(MachineSettings().device, self._hello), self._lastRun]))

    def showResult(self, outputNode: Any) -> None:
        """Take note of what a run used."""
        device, precision = (outputNode.GetAttribute(f"Speckle2Self.{name}") for name in ("Device", "Precision"))
        if device and precision:
            text = _("Last run: {device}, {precision}.")
            self._lastRun = str(text.format(device=_label(device), precision=precision))
        self.showState()


def deviceText(chosen: str, hello: Mapping[str, Any] | None) -> str:
    """Return where the network will run, and why.

    Parameters
    ----------
    chosen : {"auto", "cpu", "cuda", "mps"}
        By the user.
    hello : mapping or None
        First message of the worker (torch, device, reason); None before any worker has run.
    """
    if chosen == "cpu":
        return str(_("CPU, as you chose."))
    if hello is None or not hello.get("device"):
        if chosen != "auto":
            return str(_("Whether PyTorch can use it is known after the first run."))
        gpu = _("the GPU of this Mac") if sys.platform == "darwin" else _("an NVIDIA GPU")
        return str(
            _("Automatic: {gpu}, if PyTorch can use it, else the CPU; known after the first run.").format(gpu=gpu)
        )
    found = {"device": _label(str(hello["device"])), "reason": hello.get("reason"), "version": _version(hello)}
    if chosen == "auto":
        return str(_("Automatic: {device} ({reason}; PyTorch {version}).").format(**found))
    if str(hello["device"]).partition(":")[0] != chosen:
        return str(_("It cannot be used here ({reason}; PyTorch {version}): choose Automatic or CPU.").format(**found))
    return str(_("{device}, as you chose ({reason}; PyTorch {version}).").format(**found))


def _version(hello: Mapping[str, Any]) -> str:
    return str(hello.get("torch")).partition("+")[0]  # "+cpu" says nothing that the device does not


def _label(device: str) -> str:
    return str(deviceLabels().get(device.partition(":")[0], device))
