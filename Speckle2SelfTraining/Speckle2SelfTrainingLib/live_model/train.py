"""Train the model for live use again: `make live-model`, after `make model`, from whose examples it learns."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from Speckle2SelfLib.bundle import load_bundle, save_bundle
from tqdm import tqdm

from ..default_model.example_set import kept_examples
from .distillation import Distillation, DistillationSettings
from .metadata import live_metadata


def main(arguments: list[str] | None = None) -> int:
    """Train, or go on with a training that was stopped, and write the bundle."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--runs", type=Path, default=Path("runs"), help="examples of the teacher's training, checkpoints"
    )
    parser.add_argument("--teacher", default="default", help="model that answers for every crop")
    parser.add_argument("--output", type=Path, default=Path("Resources/Models/speckle2self-live"))
    parser.add_argument("--settings", type=Path, help="JSON file with fields of DistillationSettings")
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args(arguments)
    changes = json.loads(options.settings.read_text(encoding="utf-8")) if options.settings else {}
    settings = DistillationSettings.from_dict(changes)
    teacher = load_bundle(options.teacher)
    simulated, real, _collections = kept_examples(options.runs / "examples.pt")
    training = Distillation(
        settings, teacher.network(), teacher.strongest or 1.0, simulated + real, options.runs / "live", options.device
    )
    with tqdm(total=settings.steps, initial=training.step, unit="step", desc="live") as bar:

        def report(step: int, loss: float) -> None:
            bar.set_postfix(loss=f"{loss:.4f}")
            bar.update(step - bar.n)

        network = training.run(report)
    save_bundle(options.output, network, live_metadata(settings, training.step, teacher, training.curve()))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
