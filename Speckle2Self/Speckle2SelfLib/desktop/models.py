"""The model chooser: shipped and trained models by name, and one from a file of this computer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from slicer.i18n import tr as _

from ..bundle.kinds import DESPECKLING, SEGMENTATION
from .widget_connector import WidgetConnector

FROM_FILE = "file"
"""What the scene stores when the model comes from a file; the path itself stays on this computer."""


def shippedModels(kind: str = DESPECKLING) -> list[tuple[str, str]]:
    """Return name and title of the models of a kind that came with the extension, the first choice first."""
    from ..bundle.shipped import SHORT_NAMES, shipped_models

    models = shipped_models(kind)
    # first choices are listed under their short names only, which also mean the better ones of a later version
    short = {name: models[name] for name in SHORT_NAMES if name in models}
    names = [name for name in models if name in short or models[name] not in short.values()]
    return [(name, _title(models[name])) for name in sorted(names, key=lambda name: (name not in short, name))]


def trainedModels(kind: str = DESPECKLING) -> list[tuple[str, str]]:
    """Return name and title of the models of a kind that were trained on this computer."""
    from ..bundle.shipped import shipped_models
    from ..bundle.trained import trained_models

    hidden = {*shipped_models(kind), FROM_FILE}
    return [
        (name, str(_("{name} (trained here)").format(name=name))) for name in trained_models(kind) if name not in hidden
    ]


def modelPlace(name: str, modelPath: str, kind: str = DESPECKLING) -> Path | None:
    """Return where the model of a name lies, or None where this computer has none.

    Parameters
    ----------
    name : str
        As the scene stores it.
    modelPath : str
        The user's own model, which "from file" means.
    kind : {"despeckling", "segmentation"}
    """
    from ..bundle.shipped import shipped_models
    from ..bundle.trained import trained_models

    if name == FROM_FILE:
        return Path(modelPath) if modelPath else None
    return {**trained_models(kind), **shipped_models(kind)}.get(name)


def modelProblem(name: str, modelPath: str, kind: str = DESPECKLING) -> str | None:
    """Return why a chosen model cannot be used, as one sentence, or None; reads no weights.

    Parameters
    ----------
    name, modelPath, kind
        As :func:`modelPlace` takes them.
    """
    place = modelPlace(name, modelPath, kind)
    if place is None:
        if name == FROM_FILE:
            return str(_("Choose a model file, or a model from the list."))
        return str(_("The model {name} is not on this computer; choose another one.").format(name=name))
    from ..bundle.looks import looks_like_model

    if looks_like_model(place, kind):
        return None
    if not place.exists():
        return str(_("There is no file or folder {path}; choose another model.").format(path=place))
    if kind == SEGMENTATION:
        text = _("{path} is no segmentation model; choose a bundle, a folder or a .zip file.")
    else:
        text = _("{path} is no model that removes speckle; choose a bundle (a folder or a .zip file) or a .pth file.")
    return str(text.format(path=place))


def _title(bundleFolder: Path) -> str:
    metadata = json.loads((bundleFolder / "configs" / "metadata.json").read_text(encoding="utf-8"))
    return f"{metadata['name']} {metadata['version']}"


class ModelConnector(WidgetConnector):
    """Binds a combo box, whose items carry model names as data, to a text parameter.

    Slicer's own connector needs the choices when the class is made; these are found when the panel is.

    Parameters
    ----------
    comboBox : QComboBox
        Is filled with the shipped models, those that were trained on this computer, and "From file".
    kind : {"despeckling", "segmentation"}
        What the models do.
    """

    signal = "currentIndexChanged(int)"

    def __init__(self, comboBox: Any, kind: str = DESPECKLING) -> None:
        super().__init__(comboBox)
        comboBox.clear()
        for name, title in [*shippedModels(kind), *trainedModels(kind)]:
            comboBox.addItem(title, name)
        comboBox.addItem(_("From file..."), FROM_FILE)

    def read(self) -> str:
        """Return the chosen model's name."""
        return str(self._widget.itemData(self._widget.currentIndex))

    def write(self, value: str) -> None:
        """Choose a model; one that a scene names but this computer lacks is added to the list, marked."""
        index = self._widget.findData(value)
        if index < 0:
            self._widget.addItem(_("{name} (not installed here)").format(name=value), value)
            index = self._widget.findData(value)
        self._widget.currentIndex = index
