"""Settings of this computer, kept by the application and never in the scene: device, model file, what is shown."""

from __future__ import annotations

import sys
from typing import Any

import qt
from slicer.i18n import tr as _

from ..settings import DEVICES

DEVICE_KEY = "Speckle2Self/Device"
MODEL_PATH_KEY = "Speckle2Self/ModelPath"
COMPARE_KEY = "Speckle2Self/CompareAfterApply"


class MachineSettings:
    """Read and write the application's settings file through QSettings."""

    @property
    def device(self) -> str:
        """Name of the device, one of ``DespeckleSettings.device``'s; "auto" where nothing valid is stored."""
        value = str(qt.QSettings().value(DEVICE_KEY, "auto"))
        return value if value in DEVICES else "auto"

    @device.setter
    def device(self, name: str) -> None:
        qt.QSettings().setValue(DEVICE_KEY, name)

    @property
    def modelPath(self) -> str:
        """Path of the user's own model, empty where none was chosen."""
        return str(qt.QSettings().value(MODEL_PATH_KEY, "") or "")

    @modelPath.setter
    def modelPath(self, path: str) -> None:
        qt.QSettings().setValue(MODEL_PATH_KEY, path)

    @property
    def comparesAfterApply(self) -> bool:
        """Whether new results are shown beside their input at once."""
        # a settings file holds text, the settings of a running application what was put in
        return str(qt.QSettings().value(COMPARE_KEY, "false")).lower() == "true"

    @comparesAfterApply.setter
    def comparesAfterApply(self, shown: bool) -> None:
        qt.QSettings().setValue(COMPARE_KEY, shown)


def deviceLabels() -> dict[str, str]:
    """Return what the devices are called in the user's language."""
    return {"auto": _("Automatic"), "cpu": _("CPU"), "cuda": _("NVIDIA GPU (cuda)"), "mps": _("Apple GPU (mps)")}


def fillDevices(comboBox: Any, chosen: str) -> None:
    """Fill a combo box with the devices that this kind of computer can have, their names as data."""
    labels = deviceLabels()
    absent = "cuda" if sys.platform == "darwin" else "mps"
    comboBox.clear()
    for name in DEVICES:
        if name != absent:
            comboBox.addItem(labels[name], name)
    chooseDevice(comboBox, chosen)


def chooseDevice(comboBox: Any, chosen: str) -> None:
    """Choose a device in a combo box, Automatic where it is none of this kind of computer."""
    comboBox.currentIndex = max(comboBox.findData(chosen), 0)
