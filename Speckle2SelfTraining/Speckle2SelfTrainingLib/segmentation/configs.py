"""The configs of a segmentation bundle that ``python -m monai.bundle run`` executes.

MONAI evaluates them; both go the way of the commands, so that they give the same results.
"""

from __future__ import annotations

from typing import Any

LIBRARY = "Speckle2SelfTrainingLib.segmentation"


def inference_config(network_def: dict[str, Any]) -> dict[str, Any]:
    """Return ``inference.json``: segments the file `input` into the label map `output`."""
    return {
        "bundle_root": ".",
        "device": "auto",
        "input": "",
        "output": "",
        "network_def": network_def,
        "settings": {"_target_": f"{LIBRARY}.settings.SegmentSettings"},
        "segmenter": {
            "_target_": f"{LIBRARY}.segmenter.Segmenter",
            "model": "@bundle_root",
            "device": "@device",
            "settings": "@settings",
        },
        "run": [f"$import_module('{LIBRARY}.files').segment_file(@input, @output, @segmenter)"],
        "imports": ["$from importlib import import_module"],
    }


def train_config(network_def: dict[str, Any]) -> dict[str, Any]:
    """Return ``train.json``: goes on from the bundle with the labelled frames of the folder `dataset`."""
    return {
        "bundle_root": ".",
        "device": "auto",
        "dataset": "",
        "output": "",
        "network_def": network_def,
    }
