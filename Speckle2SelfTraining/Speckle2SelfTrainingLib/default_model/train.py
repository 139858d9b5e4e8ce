"""Train the default bundle again: `make model`."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from Speckle2SelfLib.bundle import load_bundle, save_bundle
from Speckle2SelfLib.frame_path.grain import measure_grain
from Speckle2SelfLib.frame_path.statistics import HIGH_PERCENTILE
from Speckle2SelfLib.network import SpeckleNetwork
from tqdm import tqdm

from ..averaged_run import AveragedRun
from ..calibration import calibration_of
from ..pretraining import Pretraining, PretrainingSettings
from .example_crops import ExampleCrops
from .example_set import keep_examples, kept_examples, make_examples
from .examples import Example
from .metadata import default_metadata
from .student import Student, StudentSettings

GRAIN_EXAMPLES = 200
LEVEL_CROPS = 2000
LEVEL_PERCENTILES = (1, 99)
# Coarser grain than most training frames have is filtered better at a smaller working scale.
GRAIN_PERCENTILES = (5, 90)


def main(arguments: list[str] | None = None) -> int:
    """Train teacher and student, or go on with a training that was stopped, and write the bundle."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="checkpoints, examples and learning curves")
    parser.add_argument("--output", type=Path, default=Path("Resources/Models/speckle2self-default"))
    parser.add_argument("--data", type=Path, help="folder of the real frames; without it only simulated ones are used")
    parser.add_argument("--teacher", help="bundle to start from, instead of training the first teacher on pairs")
    parser.add_argument("--teacher-steps", type=int, default=PretrainingSettings().steps)
    parser.add_argument("--settings", type=Path, help="JSON file with fields of StudentSettings")
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args(arguments)
    options.runs.mkdir(parents=True, exist_ok=True)
    teacher, strongest, teacher_name = _teacher(options)
    changes = json.loads(options.settings.read_text()) if options.settings else {}
    settings = StudentSettings.from_dict({**StudentSettings().to_dict(), **changes})
    examples = options.runs / "examples.pt"
    if not examples.is_file():
        with tqdm(desc="examples", unit="example") as bar:
            made = make_examples(settings, teacher, strongest, options.data, lambda _what, _count: bar.update())
        keep_examples(examples, *made)
    simulated, real, collections = kept_examples(examples)
    training = Student(
        settings, teacher, simulated + settings.real_repeats * real, options.runs / "student", options.device
    )
    network = _run(training, "student")
    metadata = default_metadata(
        settings,
        training.step,
        grain_seen(simulated + real),
        collections,
        levels=levels_seen(simulated + real, settings),
        teacher=teacher_name,
        curve=training.curve(),
    )
    save_bundle(options.output, network, metadata, calibration_of(network, settings.strongest))
    return 0


def _teacher(options: argparse.Namespace) -> tuple[SpeckleNetwork, float, str]:
    """Return the network that answers for real frames, its largest condition and what it is."""
    if options.teacher is not None:
        bundle = load_bundle(options.teacher)
        return bundle.network(bundle.encoders), bundle.strongest or 1.0, f"{bundle.name} {bundle.version}"
    settings = PretrainingSettings(steps=options.teacher_steps)
    training = Pretraining(settings, options.runs / "teacher", options.device)
    return _run(training, "teacher"), settings.strongest, f"trained on simulated pairs, {settings.steps} steps"


def _run(training: AveragedRun, name: str) -> SpeckleNetwork:
    with tqdm(total=training.schedule.steps, initial=training.step, unit="step", desc=name) as bar:
        return training.run(_reporter(bar))


def _reporter(bar: tqdm) -> Callable[[int, float], None]:
    def report(step: int, loss: float) -> None:
        bar.set_postfix(loss=f"{loss:.4f}")
        bar.update(step - bar.n)

    return report


def grain_seen(examples: list[Example]) -> dict[str, list[float]]:
    """Return the speckle grain of the training frames along rows and columns: percentiles 5 and 90, pixels."""
    measured = []
    for example in examples[:: max(1, len(examples) // GRAIN_EXAMPLES)]:
        frame = np.clip(example.speckled.astype(np.float32), 0, 1)
        grain = measure_grain(frame[None], None, 0.0, 1.0)
        if grain is not None:
            measured.append(grain)
    if not measured:
        return {"rows": [1.0, 1.0], "columns": [1.0, 1.0]}
    low, high = np.percentile(np.array(measured), GRAIN_PERCENTILES, axis=0).round(2)
    return {"rows": [float(low[0]), float(high[0])], "columns": [float(low[1]), float(high[1])]}


def levels_seen(examples: list[Example], settings: StudentSettings) -> dict[str, Any]:
    """Return mean and brightest gray level (percentile 99.8) of crops as the training draws them: percentiles 1, 99."""
    crops, _targets = ExampleCrops(examples, settings.crop, settings.seed).batch(LEVEL_CROPS)
    means = crops.mean(dim=(1, 2, 3)).numpy()
    brightest = np.percentile(crops.flatten(1).numpy(), HIGH_PERCENTILE, axis=1)
    mean_range, brightest_range = (
        [round(float(value), 2) for value in np.percentile(values, LEVEL_PERCENTILES)] for values in (means, brightest)
    )
    return {
        "mean": mean_range,
        "brightest": brightest_range,
        "source": (
            f"Percentiles 1 and 99 of mean and brightest gray level (percentile {HIGH_PERCENTILE}) of {LEVEL_CROPS:,} "
            f"crops of {settings.crop} x {settings.crop} pixels, drawn as in training."
        ),
    }


if __name__ == "__main__":
    raise SystemExit(main())
