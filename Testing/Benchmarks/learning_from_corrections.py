"""What a model gains from a handful of corrected frames, and what it forgets.

``python Testing/Benchmarks/learning_from_corrections.py DATA BASE OUTPUT.json`` continues from BASE, a model that has
not seen the subject S03, with 5, 10 and 20 labelled frames of a new kind, by the recipe ``adaptation_settings``:

- "subject": frames of S03 as they are: another subject of the same machine;
- "echoes": the same with echoes in the lumen, as of a machine with much gain or clutter, where a model that knows dark
  lumens finds little;
- "limbs": vessels from neck to knee of another machine: another organ.

Told are the Dice of other frames of that kind, and of the subjects S01, S02, S04, S05 and S06, which the base was
trained on, before and after, and the processor time. What is done already is kept in OUTPUT.json.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import ndimage
from Speckle2SelfLib.files import open_sweep
from Speckle2SelfTrainingLib.segmentation import Segmenter, SegmentSettings, load_segmentation_model
from Speckle2SelfTrainingLib.segmentation.training import (
    LabelledSource,
    SegmentationTraining,
    adaptation_settings,
    measure_agreement,
)

SUBJECT, OTHERS = "S03", ("S01", "S02", "S04", "S05", "S06")
COUNTS = (5, 10, 20)
# Frames for learning are the first of a subject, those for testing its last: other exams of it.
LEARNING, TESTING = 50, 60
TESTED, KEPT = 20, 3
# Every frame on its own, at the scale that the frames without a known pixel size have in training.
SEGMENTING = SegmentSettings(temporal=False, scale=1.0)
ECHO = 0.42
"""Brightness of the echoes, of white."""

Gray = NDArray[np.uint8]


def carotids(data: Path, subject: str) -> LabelledSource:
    """Return the frames of a subject with their masks."""
    return LabelledSource.from_files(data / "carotid-transverse" / subject)


def echoes(source: LabelledSource, indices: list[int]) -> LabelledSource:
    """Return frames with speckle of a fixed brightness in their lumens."""
    frames = []
    for index in indices:
        rng = np.random.default_rng(index)
        frame, mask = source.frames[index] / 255, np.asarray(source.masks[index], float)
        envelope = np.hypot(*(ndimage.gaussian_filter(rng.normal(size=frame.shape), (1.5, 4)) for _ in range(2)))
        filled = ECHO * envelope / np.sqrt(np.mean(envelope**2)) * ndimage.gaussian_filter(mask, 4)
        frames.append(np.clip(255 * np.maximum(frame, filled), 0, 255).astype(np.uint8))
    masks = [np.asarray(source.masks[index]) for index in indices]
    return LabelledSource.from_arrays("echoes", frames, masks, subject=source.subject)


def limbs(data: Path) -> LabelledSource:
    """Return vessels from neck to knee; their masks are colored, vessels green."""
    frames, masks = [], []
    for path in sorted((data / "neck-to-knee-vessels").glob("*_mask.png")):
        mask = (np.asarray(open_sweep(path).frames[0])[..., 1] > 0).astype(np.uint8)
        if mask.any():
            pixels = np.asarray(open_sweep(path.with_name(path.name.replace("_mask", ""))).frames[0])
            frames.append(pixels if pixels.ndim == 2 else pixels[..., 0])
            masks.append(mask)
    return LabelledSource.from_arrays("limbs", frames, masks, subject="limbs")


def spread(first: int, last: int, count: int) -> list[int]:
    """Return so many numbers spread evenly from `first` up to below `last`."""
    return [first + place * (last - first) // count for place in range(count)]


def kinds(data: Path) -> dict[str, Callable[[int], tuple[LabelledSource, LabelledSource]]]:
    """Return, by kind, what gives frames to learn from, of a number, and frames to test on."""
    subject, vessels = carotids(data, SUBJECT), limbs(data)
    tested = spread(TESTING, len(subject), TESTED)
    middle = len(vessels) // 2
    return {
        "subject": lambda count: (subject.only(spread(0, LEARNING, count)), subject.only(tested)),
        "echoes": lambda count: (echoes(subject, spread(0, LEARNING, count)), echoes(subject, tested)),
        "limbs": lambda count: (
            vessels.only(spread(0, middle, count)),
            vessels.only(spread(middle, len(vessels), TESTED)),
        ),
    }


def dice(segmenter: Segmenter, source: LabelledSource) -> float:
    """Return the mean Dice of the frames that show a lumen."""
    return float(np.mean([row.dice for row in measure_agreement(segmenter, source) if row.expected]))


def main() -> None:
    """Run what is not done yet."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("base")
    parser.add_argument("output", type=Path)
    parser.add_argument("--kinds", nargs="*", default=["echoes", "limbs", "subject"])
    parser.add_argument("--counts", nargs="*", type=int, default=COUNTS)
    parser.add_argument("--settings", type=json.loads, default={}, help="changes of the recipe, as JSON")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    done: dict[str, Any] = json.loads(arguments.output.read_text()) if arguments.output.is_file() else {}
    known = [carotids(arguments.data, name) for name in OTHERS]
    known = [source.only(spread(0, len(source), KEPT)) for source in known]
    base = load_segmentation_model(arguments.base)
    available = kinds(arguments.data)

    def figures(model: Any, tested: LabelledSource) -> dict[str, float]:
        segmenter = Segmenter(model, "cpu", SEGMENTING)
        forgotten = float(np.mean([dice(segmenter, source) for source in known]))
        return {"dice": round(dice(segmenter, tested), 4), "dice_of_known": round(forgotten, 4)}

    for kind in arguments.kinds:
        for count in (0, *arguments.counts):
            key = f"{kind} {count} {json.dumps(arguments.settings) if count else ''}".strip()
            if key in done:
                continue
            learned, tested = available[kind](count or 1)
            model, seconds = base, 0.0
            if count:
                with tempfile.TemporaryDirectory() as folder:
                    settings = adaptation_settings(**{"minutes": None, **arguments.settings})
                    training = SegmentationTraining(settings, [learned], [], folder, base, "cpu")
                    start = time.process_time()
                    training.run()
                    seconds, model = time.process_time() - start, training.model()
            done[key] = {**figures(model, tested), "processor_seconds": round(seconds, 1)}
            print(key, done[key], flush=True)
            arguments.output.write_text(json.dumps(done, indent=1) + "\n")


if __name__ == "__main__":
    main()
