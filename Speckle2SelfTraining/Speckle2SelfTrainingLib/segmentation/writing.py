"""Writing a segmentation bundle: weights, metadata and configs that MONAI runs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from Speckle2SelfLib.bundle.kinds import SEGMENTATION
from Speckle2SelfLib.bundle.writing import write_bundle

from .configs import inference_config, train_config
from .model import SegmentationModel


def write_segmentation_model(path: str | os.PathLike[str], model: SegmentationModel, metadata: dict[str, Any]) -> Path:
    """Write a model bundle; the folder appears complete or not at all.

    Parameters
    ----------
    path : path
        Folder; a bundle that is there is replaced.
    model : SegmentationModel
        Its weights are stored in half precision.
    metadata : dict
        As :func:`~.metadata.segmentation_metadata` returns it.

    Raises
    ------
    OutputError
        If the folder cannot be written, or is there and no model bundle.
    ModelError
        If the metadata is incomplete, the weights do not fit the network or do not fit into half precision.
    """
    section = {**metadata.get("speckle2self", {}), "network": model.network_def}
    configs = {"inference": inference_config(model.network_def), "train": train_config(model.network_def)}
    return write_bundle(Path(path), model.network(), {**metadata, "speckle2self": section}, configs, SEGMENTATION)
