"""The configs of a segmentation bundle that ``python -m monai.bundle run`` executes.

MONAI evaluates them; both go the way of the commands, so that they give the same results.
"""

from __future__ import annotations

from typing import Any

LIBRARY = "Speckle2SelfTrainingLib.segmentation"


def inference_config(network_def: dict[str, Any]) -> dict[str, Any]:
    """Return ``inference.json``: segments the file `input` into the label map or segmentation `output`."""
    return {
        "imports": [f"$from {LIBRARY}.files import segment_file"],
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
        "run": ["$segment_file(@input, @output, @segmenter)"],
    }


def train_config(network_def: dict[str, Any]) -> dict[str, Any]:
    """Return ``train.json``: goes on from the bundle with the labelled frames of the folder `dataset`.

    `dataset` holds images, each with a mask ``NAME_mask``, or one such folder for each subject. The folder `output`
    receives the new bundle, and one beside it what a stopped training goes on from.
    """
    return {
        "imports": [
            "$from pathlib import Path",
            *(
                f"$from {LIBRARY}.training import {name}"  # MONAI takes one name from each
                for name in ("LabelledSource", "save_segmentation_model", "split_by_subject")
            ),
        ],
        "bundle_root": ".",
        "device": "auto",
        "dataset": "",
        "output": "",
        "steps": 150,
        "network_def": network_def,
        "settings": {"_target_": f"{LIBRARY}.training.settings.adaptation_settings", "steps": "@steps"},
        "folders": "$sorted(place for place in Path(@dataset).iterdir() if place.is_dir()) or [Path(@dataset)]",
        "sources": "$[LabelledSource.from_files(folder) for folder in @folders]",
        "split": "$split_by_subject(@sources)",
        "trainer": {
            "_target_": f"{LIBRARY}.training.trainer.SegmentationTraining",
            "settings": "@settings",
            "training_sources": "$@split.training",
            "validation_sources": "$@split.held_out",
            "folder": "$Path(@output).with_name(Path(@output).name + '-training')",
            "base": "@bundle_root",
            "device": "@device",
            "notes": "$@split.notes",
        },
        "run": ["$save_segmentation_model(@trainer, @trainer.run(), @output)"],
    }
