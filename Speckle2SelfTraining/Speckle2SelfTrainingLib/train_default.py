"""Train the default bundle again: `make model`."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from Speckle2SelfLib.bundle import save_bundle
from Speckle2SelfLib.frame_path.grain import measure_grain
from tqdm import tqdm

from .metadata import default_metadata
from .pairs import PairRecipe, simulate_pair
from .pretraining import Pretraining, PretrainingSettings

GRAIN_PAIRS = 80
# Coarser grain than most training frames have is filtered better at a smaller working scale.
GRAIN_PERCENTILES = (5, 90)


def main(arguments: list[str] | None = None) -> int:
    """Train, or go on with a training that was stopped, and write the bundle."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=Path, default=Path("runs/default"), help="checkpoint and learning curve")
    parser.add_argument("--output", type=Path, default=Path("Resources/Models/speckle2self-default"))
    parser.add_argument("--steps", type=int, default=PretrainingSettings().steps)
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args(arguments)
    settings = PretrainingSettings(steps=options.steps)
    training = Pretraining(settings, options.runs, options.device)
    with tqdm(total=settings.steps, initial=training.step, unit="step") as bar:

        def report(step: int, loss: float) -> None:
            bar.set_postfix(loss=f"{loss:.4f}")
            bar.update(step - bar.n)

        network = training.run(report)
    save_bundle(options.output, network, default_metadata(settings, training.step, grain_seen(settings.pairs)))
    return 0


def grain_seen(recipe: PairRecipe) -> dict[str, list[float]]:
    """Return the speckle grain of the training frames along rows and columns: percentiles 5 and 90, pixels."""
    measured = []
    for index in range(min(GRAIN_PAIRS, recipe.frames)):
        speckled, _ = simulate_pair(recipe, index)
        grain = measure_grain(speckled[None].astype(np.float32), None, 0.0, 255.0)
        if grain is not None:
            measured.append(grain)
    low, high = np.percentile(np.array(measured), GRAIN_PERCENTILES, axis=0).round(2)
    return {"rows": [float(low[0]), float(high[0])], "columns": [float(low[1]), float(high[1])]}


if __name__ == "__main__":
    raise SystemExit(main())
