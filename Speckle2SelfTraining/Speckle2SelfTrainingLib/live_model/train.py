"""Train the model for live use again: `make live-model`, after `make model`, from whose examples it learns."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

from Speckle2SelfLib.bundle import Bundle, load_bundle, save_bundle
from Speckle2SelfLib.network import SpeckleNetwork
from tqdm import tqdm

from ..calibration import calibration_of
from ..default_model.example_set import kept_examples
from .distillation import Distillation
from .metadata import Course, live_metadata
from .settings import COURSES, DistillationSettings


def main(arguments: list[str] | None = None) -> int:
    """Train course after course, or go on with a training that was stopped, and write the bundle."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--runs", type=Path, default=Path("runs"), help="examples of the teacher's training, checkpoints"
    )
    parser.add_argument("--teacher", default="default", help="model that answers for every crop")
    parser.add_argument("--output", type=Path, default=Path("Resources/Models/speckle2self-live"))
    parser.add_argument(
        "--courses",
        type=int,
        choices=range(1, len(COURSES) + 1),
        default=1,
        help="how many courses; version 0.1.0 had 1",
    )
    parser.add_argument("--settings", type=Path, help="JSON file with fields of DistillationSettings for every course")
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args(arguments)
    teacher = load_bundle(options.teacher)
    network, done = _train(options, teacher, _courses(options.settings)[: options.courses])
    save_bundle(options.output, network, live_metadata(done, teacher), calibration_of(network, teacher.strongest))
    return 0


def _courses(path: Path | None) -> list[DistillationSettings]:
    changes = json.loads(path.read_text(encoding="utf-8")) if path else {}
    DistillationSettings.from_dict(changes)  # refuses what it does not know
    return [replace(course, **changes) for course in COURSES]


def _train(
    options: argparse.Namespace, teacher: Bundle, courses: list[DistillationSettings]
) -> tuple[SpeckleNetwork, list[Course]]:
    """Return the network as the last course left it, and what the metadata say of every course."""
    simulated, real, _collections = kept_examples(options.runs / "examples.pt")
    network: SpeckleNetwork | None = None
    done: list[Course] = []
    for number, settings in enumerate(courses, 1):
        examples = simulated + settings.real_repeats * real
        folder = options.runs / f"live-{number}"
        strongest = teacher.strongest or 1.0
        training = Distillation(settings, teacher.network(), strongest, examples, folder, options.device, network)
        network = _run(training, f"live, course {number}")
        done.append(Course(settings, training.step, training.curve()))
    assert network is not None  # there is a first course
    return network, done


def _run(training: Distillation, name: str) -> SpeckleNetwork:
    with tqdm(total=training.schedule.steps, initial=training.step, unit="step", desc=name) as bar:

        def report(step: int, loss: float) -> None:
            bar.set_postfix(loss=f"{loss:.4f}")
            bar.update(step - bar.n)

        return training.run(report)


if __name__ == "__main__":
    raise SystemExit(main())
