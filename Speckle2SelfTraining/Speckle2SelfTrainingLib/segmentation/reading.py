"""Opening a segmentation model: a shipped or trained one by name, a bundle folder or a bundle zip.

Of a bundle only ``metadata.json`` and the weights are read; the network is built from plain arguments.
"""

from __future__ import annotations

import os
from pathlib import Path

from Speckle2SelfLib.bundle.kinds import SEGMENTATION
from Speckle2SelfLib.bundle.shipped import shipped_models
from Speckle2SelfLib.bundle.trained import trained_models
from Speckle2SelfLib.errors import ModelError

from .model import SegmentationModel

ACCEPTED = "a segmentation bundle, as a folder or a .zip"


def segmentation_models() -> dict[str, Path]:
    """Return the known segmentation models by name: the shipped ones and those trained on this computer."""
    return {**trained_models(SEGMENTATION), **shipped_models(SEGMENTATION)}


def load_segmentation_model(model: str | os.PathLike[str]) -> SegmentationModel:
    """Load a model.

    Parameters
    ----------
    model : str or path
        "carotid", another shipped model, one that was trained on this computer, or the path of a bundle folder or zip.

    Raises
    ------
    ModelError
        If there is no such model, or it is not one that segments, is damaged, or is not what its SHA-256 says.
    DependencyError
        If MONAI is missing.
    """
    from Speckle2SelfLib.bundle.content import find_model, read_content

    path = Path(model)
    try:
        path = find_model(str(model), SEGMENTATION)
        content = read_content(path, SEGMENTATION, ACCEPTED)
    except OSError as error:
        raise ModelError(f"The model {path.name[:60]!r} cannot be read ({error.strerror or 'damaged'}).") from error
    loaded = SegmentationModel(
        name=str(content.metadata["name"]),
        version=str(content.metadata["version"]),
        sha256=content.sha256,
        metadata=content.metadata,
        network_def=content.metadata["speckle2self"]["network"],
        state=content.state,
    )
    loaded.network()  # which refuses what does not fit
    return loaded
