"""Ablation: one row per change of the recipe, all with the same data, steps and seeds.

    python Testing/Benchmarks/ablation.py --output ablation [--rows "skip connections" ...]

Rows that are done are kept, a row that was stopped goes on where it was. Writes ``ablation.csv`` and ``ablation.md``.
Real frames are those of the liver sweep where the development data is: 0 to 59 are trained on, from 60 on looked at.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from Speckle2SelfLib.files import open_sweep
from Speckle2SelfLib.frame_path.resample import reflect_pad
from Speckle2SelfLib.network import SpeckleNetwork
from Speckle2SelfLib.perturbation import normalize_min_max
from Speckle2SelfTrainingLib.evaluation.box_measures import equivalent_looks
from Speckle2SelfTrainingLib.evaluation.boxes import flattest_box
from Speckle2SelfTrainingLib.evaluation.brightness_measures import flicker, tone
from Speckle2SelfTrainingLib.evaluation.edge_measures import edges_kept
from Speckle2SelfTrainingLib.evaluation.truth_measures import psnr, ssim
from Speckle2SelfTrainingLib.simulation.sweep import simulate_sweep
from Speckle2SelfTrainingLib.training import (
    FrameSource,
    Training,
    TrainingSettings,
    published_settings,
    split_sources,
)
from Speckle2SelfTrainingLib.training.settings import IMPROVED_NETWORK, PUBLISHED_NETWORK

REPOSITORY = Path(__file__).resolve().parents[2]
SWEEP = "data/liver-sweep/liver_f000-083.nrrd"
REAL_TRAINING, REAL_HELD_OUT = slice(0, 60, 3), slice(62, 66)
PAIRS, PAIR_SEED = 24, 20260706
HELD_OUT_SEEDS, HELD_OUT_FRAMES, HELD_OUT_SIZE = (9001, 9002, 9003), 3, 256
BLACK = 1

SMALL: dict[str, Any] = {
    "batch_size": 4,
    "crop": 128,
    "fit": "crop",
    "precision": "bf16",
    "validate_every": 1000,
    "validation_frames": 2,
    "save_every": 50,
}
WITHOUT_NORM = {**PUBLISHED_NETWORK, "feature_norm": False, "output_norm": False, "output_relu": False}
WITHOUT_OUTPUT_NORM = {**PUBLISHED_NETWORK, "output_norm": False, "output_relu": False}
SKIPS = {**PUBLISHED_NETWORK, "skips": True}
BEST: dict[str, Any] = {
    "supervised_weight": 1.0,
    "network": IMPROVED_NETWORK,
    "normalize": "sweep",
    "clip": 1.0,
}
ALL: dict[str, Any] = {
    **BEST,
    "antialias": True,
    "shifted": True,
    "scale_jitter": 0.2,
    "gradient_weight": 1.0,
    "edge_weight": 3.0,
}

INPUT = "input"
ROWS: dict[str, dict[str, Any]] = {
    INPUT: {"normalize": "sweep"},
    "published": {},
    "anti-aliased perturbation": {"antialias": True},
    "phase of the perturbation drawn": {"shifted": True},
    "scales jittered by 20 %": {"scale_jitter": 0.2},
    "consistency of gradients": {"gradient_weight": 1.0},
    "boundaries weigh 3 times": {"edge_weight": 3.0},
    "range of the sweep's picture": {"normalize": "sweep"},
    "no norm and ReLU at the output": {"network": WITHOUT_OUTPUT_NORM, "normalize": "sweep"},
    "no norm at all": {"network": WITHOUT_NORM, "normalize": "sweep", "clip": 1.0},
    "skip connections": {"network": SKIPS},
    "residual, skips, no norm": {"network": IMPROVED_NETWORK, "normalize": "sweep", "clip": 1.0},
    "supervised term on the pairs": {"supervised_weight": 1.0, "network": WITHOUT_OUTPUT_NORM, "normalize": "sweep"},
    "supervised, residual, skips, no norm": BEST,
    "the same, anti-aliased": {**BEST, "antialias": True},
    "the same, phase drawn": {**BEST, "shifted": True},
    "the same, scales jittered": {**BEST, "scale_jitter": 0.2},
    "the same, consistency of gradients": {**BEST, "gradient_weight": 1.0},
    "the same, boundaries weigh 3 times": {**BEST, "edge_weight": 3.0},
    "all of these": ALL,
    "L1 reconstruction, MSE consistency": {"reconstruction": "l1", "consistency": "mse"},
    "two scales": {"scales": (1.0, 0.5)},
    "one scale": {"scales": (1.0,)},
    "one encoder for all scales": {"shared_encoder": True},
}
COLUMNS = ("PSNR", "SSIM", "lumen black", "edges, simulated", "tone", "ENL, real", "edges, real", "flicker, real")

Gray = NDArray[np.uint8]


@dataclass(frozen=True)
class HeldOut:
    """Frames to measure on: (N, H, W), with truth and lumen where they are simulated."""

    frames: Gray
    truth: Gray | None = None
    lumen: NDArray[np.bool_] | None = None


def main(arguments: list[str] | None = None) -> int:
    """Run the rows that are asked for and not done yet, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=Path("ablation"))
    parser.add_argument("--rows", nargs="+", choices=tuple(ROWS), default=list(ROWS), metavar="ROW")
    parser.add_argument("--steps", type=int, default=150)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    options.output.mkdir(parents=True, exist_ok=True)
    waiting = [name for name in options.rows if not result_path(options.output, name, options.steps).is_file()]
    sources = training_sources() if waiting else []
    sets = held_out_sets() if waiting else []
    for name in waiting:
        if name == INPUT:
            row = {**mean_measures(None, sets, settings_of(name, options.steps)), "seconds": 0.0}
        else:
            row = run_row(options.output, name, options.steps, sources, sets)
        result_path(options.output, name, options.steps).write_text(json.dumps(row, indent=1))
        print(name, json.dumps(row), flush=True)
    write_table(options.output, options.steps)
    return 0


def result_path(folder: Path, name: str, steps: int) -> Path:
    """Return where the result of a row lies."""
    return folder / f"{'-'.join(name.replace('%', 'percent').replace(',', '').split())}-{steps}.json"


def training_sources() -> list[FrameSource]:
    """Return the simulated pairs, and the real frames where they are."""
    sources = [FrameSource.simulated(PAIRS, seed=PAIR_SEED)]
    if (frames := real_frames(REAL_TRAINING)) is not None:
        sources.insert(0, FrameSource.from_array("liver sweep 0-59", frames))
    return sources


def held_out_sets() -> list[HeldOut]:
    """Return the simulated sweeps, and behind them the real one where it is."""
    sets = []
    for seed in HELD_OUT_SEEDS:
        sweep = list(
            simulate_sweep(np.random.default_rng(seed), frames=HELD_OUT_FRAMES, size=(HELD_OUT_SIZE, HELD_OUT_SIZE))
        )
        sets.append(HeldOut(*(np.stack([getattr(frame, part) for frame in sweep]) for part in PARTS)))
    if (frames := real_frames(REAL_HELD_OUT)) is not None:
        sets.append(HeldOut(frames))
    return sets


PARTS = ("speckled", "clean", "lumen")


def real_frames(which: slice) -> Gray | None:
    """Return frames of the liver sweep; None where the development data is missing."""
    shared = Path(os.environ.get("SPECKLE2SELF_SHARED", REPOSITORY.parent / "shared"))
    path = shared / SWEEP
    return np.asarray(open_sweep(path).frames)[which] if path.is_file() else None


def settings_of(name: str, steps: int) -> TrainingSettings:
    """Return the settings of a row."""
    return published_settings(steps=steps, **{**SMALL, **ROWS[name]})


def run_row(
    folder: Path, name: str, steps: int, sources: list[FrameSource], sets: list[HeldOut]
) -> dict[str, float | None]:
    """Train a row and measure its last network on the held-out frames."""
    settings = settings_of(name, steps)
    run = folder / result_path(folder, name, steps).stem
    training = Training(settings, *split_sources(sources, seed=settings.seed), run, device="cpu")
    result = training.run()
    network = training.loop.network
    assert isinstance(network, SpeckleNetwork)
    means = mean_measures(network.eval(), sets, settings)
    (run / "last.pt").unlink()  # 90 MB per row
    (run / "best.pt").unlink()
    return {**means, "seconds": round(result.seconds, 1)}


def mean_measures(
    network: SpeckleNetwork | None, sets: list[HeldOut], settings: TrainingSettings
) -> dict[str, float | None]:
    """Return the means over the held-out sweeps; None stands for no network, which leaves the frames as they are."""
    measured = [measure(network, one, settings) for one in sets]
    means: dict[str, float | None] = {}
    for column in COLUMNS:
        values = [row[column] for row in measured if column in row]
        means[column] = float(np.mean(values)) if values else None
    return means


def measure(network: SpeckleNetwork | None, held_out: HeldOut, settings: TrainingSettings) -> dict[str, float]:
    """Return the measures of one sweep: of the network's own linear output, clamped to [0, 1]."""
    inputs = [normalized(frame, settings) for frame in held_out.frames]
    outputs = inputs if network is None else [despeckled(network, image) for image in inputs]
    before, after = ([to_gray(image) for image in images] for images in (inputs, outputs))
    box = flattest_box(before[0])
    edges = float(np.mean([edges_kept(one, other) for one, other in zip(after, before, strict=True)]))
    if held_out.truth is None or held_out.lumen is None:
        looks = float(np.mean([equivalent_looks(frame, box) for frame in after]))
        return {"ENL, real": looks, "edges, real": edges, "flicker, real": flicker(after, before, box)}
    truths = [
        to_gray(normalized(frame, settings, like=speckled))
        for frame, speckled in zip(held_out.truth, held_out.frames, strict=True)
    ]
    values = {
        "PSNR": float(np.mean([psnr(one, truth, 255) for one, truth in zip(after, truths, strict=True)])),
        "SSIM": float(np.mean([ssim(one, truth, 255) for one, truth in zip(after, truths, strict=True)])),
        "edges, simulated": edges,
        "tone": float(np.mean([tone(one, other) for one, other in zip(after, before, strict=True)])),
    }
    if held_out.lumen.any():
        values["lumen black"] = float(np.mean(np.stack(after)[held_out.lumen] <= BLACK))
    return values


def normalized(frame: Gray, settings: TrainingSettings, like: Gray | None = None) -> torch.Tensor:
    """Return a frame as the network was trained to see it, (1, 1, H, W); `like` gives the range."""
    image = torch.from_numpy(frame.astype(np.float32))[None, None]
    reference = image if like is None else torch.from_numpy(like.astype(np.float32))[None, None]
    if settings.normalize == "view":
        low, high = float(reference.min()), float(reference.max())
        return normalize_min_max(image) if like is None else (image - low) / max(high - low, 1e-6)
    return image / max(float(np.percentile(reference.numpy(), 99.8)), 1e-6)


@torch.no_grad()
def despeckled(network: SpeckleNetwork, image: torch.Tensor) -> torch.Tensor:
    """Return the network's output for a whole frame."""
    rows, columns = image.shape[-2:]
    return network.despeckle(reflect_pad(image))[..., :rows, :columns]


def to_gray(image: torch.Tensor) -> Gray:
    """Return (1, 1, H, W) as 8-bit gray levels."""
    return np.asarray((image[0, 0].clamp(0, 1) * 255).round().byte().numpy())


def write_table(folder: Path, steps: int) -> None:
    """Write the rows that are done as CSV and as Markdown."""
    done = {name: json.loads(path.read_text()) for name in ROWS if (path := result_path(folder, name, steps)).is_file()}
    with open(folder / "ablation.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["row", *COLUMNS, "seconds"])
        writer.writerows([name, *(row[column] for column in (*COLUMNS, "seconds"))] for name, row in done.items())
    lines = [f"| row | {' | '.join(COLUMNS)} |", "|---" * (len(COLUMNS) + 1) + "|"]
    lines += [f"| {name} | {' | '.join(shown(row[column]) for column in COLUMNS)} |" for name, row in done.items()]
    (folder / "ablation.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def shown(value: float | None) -> str:
    """Return a number with three significant digits."""
    return "-" if value is None else f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}"


if __name__ == "__main__":
    raise SystemExit(main())
