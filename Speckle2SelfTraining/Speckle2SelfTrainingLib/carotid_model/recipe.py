"""Settings of the shipped carotid model's training."""

from __future__ import annotations

from ..segmentation.training import SegmentationTrainingSettings


def carotid_settings(steps: int, seed: int) -> SegmentationTrainingSettings:
    """Return the recipe; no frames are held out, so that none has a say in which weights are kept."""
    return SegmentationTrainingSettings(
        steps=steps,
        learning_rate=2e-3,
        weight_decay=1e-2,
        negative_share=0.25,
        keep="last",
        validation_share=0.0,
        precision="bf16",
        save_every=100,
        seed=seed,
    )
