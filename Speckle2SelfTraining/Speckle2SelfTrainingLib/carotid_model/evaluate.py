"""Test carotid models on what they never saw: ``python -m Speckle2SelfTrainingLib.carotid_model.evaluate``.

Each model is tested on the subjects and the collections that its own metadata does not list among its training
frames, so a model that saw everything is tested on the collections that nobody trains on.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from ..segmentation.reading import load_segmentation_model
from ..segmentation.segmenter import Segmenter
from ..segmentation.settings import SegmentSettings
from ..segmentation.training import LabelledSource
from ..segmentation.training.agreement import FrameAgreement, measure_agreement
from ..segmentation.training.subject_table import SubjectTable
from .frames import LIMBS, LIVER, SUBJECTS, TISSUES, carotids, limbs, liver, simulated

OTHERS = ("muscle", "breast", "fetal-head")
"""Folders with frames that show no carotid and that no model is trained on."""

OTHER_SEED = 8191


def main() -> None:
    """Test the models and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with the collections")
    parser.add_argument("output", type=Path, help="folder for the tables")
    parser.add_argument("models", nargs="+", help="bundles, each of which left something out")
    parser.add_argument("--despeckle", type=float, help="strength of despeckling before")
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    rows: list[FrameAgreement] = []
    for name in arguments.models:
        # The frames of an exam are no sweep: they lie 10 to 30 frames apart.
        segmenter = Segmenter(name, settings=SegmentSettings(temporal=False, despeckle=arguments.despeckle))
        for source in unseen(arguments.data, trained_on(name)):
            rows += measure_agreement(segmenter, source)
            print(f"{name}: {source.name} done", flush=True)
    table = SubjectTable(rows, [subject for subject in SUBJECTS if any(row.subject == subject for row in rows)])
    table.write(arguments.output)
    print(table.to_markdown())


def trained_on(model: str) -> set[str]:
    """Return the names of a model's training sources, as its metadata lists them."""
    section = load_segmentation_model(model).metadata["speckle2self"]
    return {source["name"] for source in section["sources"]["training"]}


def unseen(data: Path, seen: set[str]) -> Iterator[LabelledSource]:
    """Yield what a model has not seen: subjects, collections it left out, and those nobody trains on."""
    makers: dict[str, Callable[[], LabelledSource]] = {name: partial(carotids, data, name) for name in SUBJECTS}
    makers |= {LIVER: partial(liver, data, slice(None)), LIMBS: partial(_without_vessels, data)}
    for name, make in makers.items():
        if name not in seen:
            yield make()
    yield replace(simulated(TISSUES, OTHER_SEED), name="other simulated tissue", subject="other simulated tissue")
    for folder in OTHERS:
        yield from _pictures(data / folder)


def _without_vessels(data: Path) -> LabelledSource:
    source = limbs(data)
    return source.only([index for index in range(len(source)) if not np.asarray(source.masks[index]).any()])


def _pictures(folder: Path) -> Iterator[LabelledSource]:
    images = folder / "images" if (folder / "images").is_dir() else folder
    for path in sorted([*images.glob("*.png"), *images.glob("*.jpg")]):
        yield LabelledSource.without_lumen(path, subject=folder.name)


if __name__ == "__main__":
    main()
