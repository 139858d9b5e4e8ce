"""What a short training learns in bf16 and in fp32: held-out loss after the same steps, several seeds, both recipes.

Run it with::

    python Testing/Benchmarks/training_precision.py --steps 100 --seeds 3
    python Testing/Benchmarks/training_precision.py --steps 40 --crop 192 --recipes adaptation \
        --sweep liver.nrrd --train 0:60:3 --held-out 62:84:3
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / name) for name in ("Speckle2Self", "Speckle2SelfTraining")]

import numpy as np  # noqa: E402 - found through the line above
from Speckle2SelfTrainingLib.simulation.job import frames_of  # noqa: E402
from Speckle2SelfTrainingLib.simulation.settings import SimulationSettings  # noqa: E402
from Speckle2SelfTrainingLib.training import FrameSource, adaptation_settings, published_settings  # noqa: E402
from Speckle2SelfTrainingLib.training.batches import CropBatches  # noqa: E402
from Speckle2SelfTrainingLib.training.objective import TOTAL  # noqa: E402
from Speckle2SelfTrainingLib.training.trainer import Training  # noqa: E402

PRECISIONS = ("fp32", "bf16")
BASE = "default"
MOST_HELD_OUT = 40


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--crop", type=int, default=64)
    parser.add_argument(
        "--recipes", nargs="+", choices=("published", "adaptation"), default=("published", "adaptation")
    )
    parser.add_argument("--sweep", type=Path, help="real frames instead of simulated ones")
    parser.add_argument("--train", type=places, default=slice(None), help="frames of it, as START:STOP:STEP")
    parser.add_argument("--held-out", type=places, default=slice(None), help="other frames of it")
    arguments = parser.parse_args()
    sources = real(arguments) if arguments.sweep else [[source(f"sweep {seed}", seed)] for seed in (1, 2)]
    print("| recipe | seed | precision | frames | held-out loss before | after | processor seconds per step |")
    print("|---|---|---|---|---|---|---|")
    for recipe in arguments.recipes:
        for seed in range(arguments.seeds):
            for row in rows(recipe, seed, arguments, sources):
                print(f"| {recipe} | {seed} | {row}", flush=True)
    return 0


def places(text: str) -> slice:
    """Return START:STOP:STEP as a slice."""
    return slice(*(int(part) if part else None for part in text.split(":")))


def real(arguments: argparse.Namespace) -> list[list[FrameSource]]:
    """Return the frames of a sweep to train on and those held out."""
    sweep = FrameSource.from_path(arguments.sweep)
    indices = range(len(sweep))
    return [[sweep.only(list(indices[chosen]))] for chosen in (arguments.train, arguments.held_out)]


def source(name: str, seed: int) -> FrameSource:
    """Return eight simulated frames, taken as real ones: without their truth."""
    frames = [frame.speckled for frame in frames_of(SimulationSettings(8, 256, seed=seed), 1)]
    return FrameSource.from_array(name, np.stack(frames))


def rows(recipe: str, seed: int, arguments: argparse.Namespace, sources: list[list[FrameSource]]) -> Iterator[str]:
    """Train in both precisions from the same start on the same batches; losses are those of fp32."""
    settings = {"published": published_settings, "adaptation": adaptation_settings}[recipe](
        steps=arguments.steps, batch_size=4, crop=arguments.crop, fit="crop", seed=seed, simulated_frames=8
    )
    base = BASE if recipe == "adaptation" else None
    for precision in PRECISIONS:
        with tempfile.TemporaryDirectory() as folder:
            training = Training(
                settings.replace(precision=precision), sources[0], sources[1], folder, base, device="cpu"
            )
            before = held_out_losses(training)
            start = time.process_time()
            for _ in range(arguments.steps):
                training.loop.advance()
            seconds = (time.process_time() - start) / arguments.steps
            after = held_out_losses(training)
            for kind, loss in before.items():
                yield f"{precision} | {kind} | {loss:.5f} | {after[kind]:.5f} | {seconds:.3f} |"


def held_out_losses(training: Training) -> dict[str, float]:
    """Return the mean loss of held-out frames, and of held-out pairs, in fp32, whatever the training computes in."""
    own, training.loop.precision = training.loop.precision, "fp32"
    batches = CropBatches(training.held_out, training.settings, "cpu")
    losses: dict[str, list[float]] = {}
    try:
        for index, frame in enumerate(training.held_out.frames[:MOST_HELD_OUT]):
            kind = "frames" if frame.truth is None else "pairs"
            losses.setdefault(kind, []).append(training.loop.evaluate(batches.validation(index))[TOTAL])
    finally:
        training.loop.precision = own
    return {kind: float(np.mean(values)) for kind, values in losses.items()}


if __name__ == "__main__":
    sys.exit(main())
