"""Settings of this computer that training adds: where trained models go, and the file of a base model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ctk
import qt
from Speckle2SelfLib.bundle.trained import trained_models_folder
from Speckle2SelfLib.desktop.machine import MachineSettings

MODEL_PATH_KEY = "Speckle2SelfTraining/BaseModelPath"
SEGMENT_MODEL_PATH_KEY = "Speckle2SelfTraining/SegmentModelPath"
COMPARE_MODEL_PATH_KEY = "Speckle2SelfTraining/CompareModelPath"
FOLDER_KEY = "Speckle2SelfTraining/ModelsFolder"


class TrainingMachineSettings(MachineSettings):
    """Read and write the application's settings file; the device is that of the other module."""

    @property
    def modelPath(self) -> str:
        """Path of the user's own base model, empty where none was chosen."""
        return str(qt.QSettings().value(MODEL_PATH_KEY, "") or "")

    @modelPath.setter
    def modelPath(self, path: str) -> None:
        qt.QSettings().setValue(MODEL_PATH_KEY, path)

    @property
    def segmentModelPath(self) -> str:
        """Path of the user's own segmentation model, empty where none was chosen."""
        return str(qt.QSettings().value(SEGMENT_MODEL_PATH_KEY, "") or "")

    @segmentModelPath.setter
    def segmentModelPath(self, path: str) -> None:
        qt.QSettings().setValue(SEGMENT_MODEL_PATH_KEY, path)

    @property
    def compareModelPath(self) -> str:
        """Path of the user's own model to compare with filters, empty where none was chosen."""
        return str(qt.QSettings().value(COMPARE_MODEL_PATH_KEY, "") or "")

    @compareModelPath.setter
    def compareModelPath(self, path: str) -> None:
        qt.QSettings().setValue(COMPARE_MODEL_PATH_KEY, path)

    @property
    def modelsFolder(self) -> Path:
        """Folder for new models; where none was chosen, the one whose models the chooser lists."""
        stored = str(qt.QSettings().value(FOLDER_KEY, "") or "").strip()
        return Path(stored) if stored else trained_models_folder()

    @modelsFolder.setter
    def modelsFolder(self, path: str) -> None:
        isDefault = not path.strip() or Path(path) == trained_models_folder()
        qt.QSettings().setValue(FOLDER_KEY, "" if isDefault else path)


def fillFolder(pathLineEdit: Any, folder: Path) -> None:
    """Make a path line show and browse for folders."""
    pathLineEdit.filters = ctk.ctkPathLineEdit.Dirs
    pathLineEdit.currentPath = str(folder)
