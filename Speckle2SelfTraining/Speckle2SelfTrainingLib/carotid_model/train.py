"""Train the shipped carotid model, or one of those that it is tested by: ``make carotid-model DATA=...``.

Progress lies in the given folder, and a second start goes on from there.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import tqdm

from ..segmentation.training import (
    LabelledSource,
    SegmentationProgress,
    SegmentationTraining,
    save_segmentation_model,
)
from .frames import training_sources
from .metadata import carotid_metadata
from .recipe import STAGES, Stage, carotid_settings


def main() -> None:
    """Train stage after stage and write the bundle."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with the collections that frames.py lists")
    parser.add_argument("folder", type=Path, help="folder for checkpoints and curves")
    parser.add_argument("bundle", type=Path, help="folder of the resulting model")
    parser.add_argument(
        "--without", nargs="*", default=[], metavar="NAME", help="subjects and collections to leave out"
    )
    arguments = parser.parse_args()
    without = frozenset(arguments.without)
    sources = training_sources(arguments.data, without)
    said = carotid_metadata(sources, without)
    base = None
    for number, stage in enumerate(STAGES, start=1):
        last = number == len(STAGES)
        place = arguments.folder / f"stage-{number}"
        bundle = arguments.bundle if last else arguments.folder / f"after-stage-{number}"
        base = train_stage(stage, sources, place, base, bundle, said)


def train_stage(
    stage: Stage,
    sources: Sequence[LabelledSource],
    folder: Path,
    base: Path | None,
    bundle: Path,
    said: dict[str, Any],
) -> Path:
    """Train one stage, or take it as it was finished before, and write its bundle."""
    training = SegmentationTraining(carotid_settings(stage), sources, [], folder, base)
    with tqdm.tqdm(total=stage.steps, initial=training.step, mininterval=10, desc=folder.name) as bar:

        def show(progress: SegmentationProgress) -> None:
            bar.set_postfix_str(f"loss {progress.loss:.4f}", refresh=False)
            bar.update(progress.step - bar.n)

        result = training.run(show)
    return save_segmentation_model(training, result, bundle, replace=True, **said)


if __name__ == "__main__":
    main()
