"""Train the shipped carotid model, or one of those that it is tested by: ``make carotid-model DATA=...``.

Progress lies in the given folder, and a second start goes on from there.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import tqdm

from ..segmentation.training import SegmentationProgress, SegmentationTraining, save_segmentation_model
from .frames import training_sources
from .metadata import carotid_metadata
from .recipe import carotid_settings

STEPS, SEED = 3000, 777


def main() -> None:
    """Train and write the bundle."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with the collections that frames.py lists")
    parser.add_argument("folder", type=Path, help="folder for checkpoints and curves")
    parser.add_argument("bundle", type=Path, help="folder of the resulting model")
    parser.add_argument(
        "--without", nargs="*", default=[], metavar="NAME", help="subjects and collections to leave out"
    )
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--seed", type=int, default=SEED)
    arguments = parser.parse_args()
    without = frozenset(arguments.without)
    sources = training_sources(arguments.data, without)
    training = SegmentationTraining(carotid_settings(arguments.steps, arguments.seed), sources, [], arguments.folder)
    with tqdm.tqdm(total=arguments.steps, initial=training.step, mininterval=10) as bar:

        def show(progress: SegmentationProgress) -> None:
            bar.set_postfix_str(f"loss {progress.loss:.4f}", refresh=False)
            bar.update(progress.step - bar.n)

        result = training.run(show)
    save_segmentation_model(training, result, arguments.bundle, replace=True, **carotid_metadata(sources, without))


if __name__ == "__main__":
    main()
