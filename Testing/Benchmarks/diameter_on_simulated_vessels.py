"""How wrong the measured diameter of a carotid is: simulated necks, whose lumen is known apart from any picture.

Every frame is of another neck and another machine. Measured are the true mask at the pixels of the frame, and what a
model finds on the clean and on the speckled frame, with and without telling it the size of pixels; then cines, whose
true distension is known. Run it with::

    python Testing/Benchmarks/diameter_on_simulated_vessels.py --model carotid
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / name) for name in ("Speckle2Self", "Speckle2SelfTraining")]

from Speckle2SelfTrainingLib.measurement import measure_mask  # noqa: E402 - found through the line above
from Speckle2SelfTrainingLib.measurement.cycles import measure_distension  # noqa: E402
from Speckle2SelfTrainingLib.segmentation import Segmenter, SegmentSettings  # noqa: E402
from Speckle2SelfTrainingLib.simulation.lumen_truth import true_lumen_diameter  # noqa: E402
from Speckle2SelfTrainingLib.simulation.machine import Machine  # noqa: E402
from Speckle2SelfTrainingLib.simulation.neck import TransverseNeck  # noqa: E402
from Speckle2SelfTrainingLib.simulation.probes import Probe  # noqa: E402
from Speckle2SelfTrainingLib.simulation.sweep import SimulatedFrame, Sweep, draw_sweep  # noqa: E402

SPACINGS = (0.03, 0.055, 0.08, 0.11, 0.15)  # mm per pixel
FIELD_MM, MOST_PIXELS = 38.0, 750
FIRST_SEED = 70_000  # no other part of the project simulates with these seeds
CINE_SPACING, CINE_FRAMES = 0.08, 72
BEATS_PER_SECOND = 1.2
RADIANS_PER_TIME = 9.0  # of the beat of a simulated vessel
KINDS = ("true mask", "clean frame", "speckled frame", "speckled frame, pixel size untold")


@dataclass(frozen=True)
class KnownNeck:
    """A neck in a sweep, with its true diameter in frame 0."""

    sweep: Sweep
    frame: SimulatedFrame
    diameter: float


def main() -> int:
    """Measure and print tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="carotid", help="shipped model, bundle folder or zip")
    parser.add_argument("--number", type=int, default=12, help="necks for each pixel size")
    parser.add_argument("--cines", type=int, default=6, help=f"cines of {CINE_FRAMES} frames")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--json", type=Path, help="write every single error")
    arguments = parser.parse_args()
    segmenter = Segmenter(arguments.model, arguments.device, SegmentSettings(temporal=False))
    errors: dict[str, dict[str, list[float | None]]] = {}
    print_head("mm per pixel", "measured on", "n", "found", "mean error", "95th percentile", "bias")
    for spacing in SPACINGS:
        found = errors[str(spacing)] = {kind: [] for kind in KINDS}
        for neck in necks(spacing, arguments.number):
            for kind, error in errors_of(neck, segmenter).items():
                found[kind].append(error)
        for kind in KINDS:
            print(line(f"{spacing:g}", kind, found[kind]), flush=True)
    for kind in KINDS:
        print(line("all", kind, [error for found in errors.values() for error in found[kind]]))
    moving = Segmenter(arguments.model, arguments.device, SegmentSettings())
    print_head("\ncine", "true distension, %", "measured, %", "beats", "true diastolic, mm", "measured, mm")
    for number, neck in enumerate(necks(CINE_SPACING, arguments.cines, 500)):
        print(cine_line(number + 1, neck, moving), flush=True)
    print(f"\nModel: {segmenter.provenance()}")
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(errors, indent=1), encoding="utf-8")
    return 0


def print_head(*titles: str) -> None:
    """Begin a table."""
    print("\n" * titles[0].count("\n") + "| " + " | ".join(title.strip() for title in titles) + " |")
    print("|---" * len(titles) + "|")


def necks(spacing: float, number: int, first: int = 0) -> Iterator[KnownNeck]:
    """Yield simulated necks whose lumen lies whole in the field of view, each with a machine of its own."""
    pixels = min(round(FIELD_MM / spacing), MOST_PIXELS)
    side = pixels * spacing
    seed = FIRST_SEED + 1000 * SPACINGS.index(spacing) + first
    made = 0
    while made < number:
        rng = np.random.default_rng(seed)
        seed += 1
        machine = a_machine(rng, side, pixels)
        neck = TransverseNeck(rng, (side, side))
        sweep = draw_sweep(rng, size=(pixels, pixels), machine=machine, anatomy=neck)
        frame = sweep.frame(0)
        if measure_mask(frame.lumen, spacing).plausible:
            made += 1
            yield KnownNeck(sweep, frame, true_lumen_diameter(neck, (side, side)))


def a_machine(rng: np.random.Generator, side: float, pixels: int) -> Machine:
    """Draw a machine whose pulse and beam are those of a vascular probe, however large its pixels are."""
    lines = min(max(128, round(0.6 * pixels)), 384)
    drawn = Machine.random(rng, convex=False, samples=pixels, lines=lines, aspect=1.0)
    return replace(
        drawn,
        probe=Probe(side, side, pixels, lines),
        axial_mm=max(float(rng.uniform(0.15, 0.35)), 1.3 * side / pixels),
        lateral_mm=max(float(rng.uniform(0.25, 0.6)), 1.6 * side / lines),
        focus=float(rng.uniform(0.3, 0.7)) * side,
        noise_slope=float(rng.uniform(0, 15)) / side,
    )


def errors_of(neck: KnownNeck, segmenter: Segmenter) -> dict[str, float | None]:
    """Return the relative errors of the diameter; None where no lumen was found."""
    size = (neck.frame.spacing, neck.frame.spacing)
    masks = {
        KINDS[0]: neck.frame.lumen,
        KINDS[1]: segmenter(neck.frame.clean, size),
        KINDS[2]: segmenter(neck.frame.speckled, size),
        KINDS[3]: segmenter(neck.frame.speckled),
    }
    found = {kind: measure_mask(mask, size) for kind, mask in masks.items()}
    return {
        kind: measures.equivalent_diameter / neck.diameter - 1 if measures.found else None
        for kind, measures in found.items()
    }


def line(spacing: str, kind: str, errors: list[float | None]) -> str:
    """Return a line of the table of errors."""
    percent = 100 * np.array([error for error in errors if error is not None])
    if percent.size == 0:
        return f"| {spacing} | {kind} | {len(errors)} | 0 | - | - | - |"
    return (
        f"| {spacing} | {kind} | {len(errors)} | {percent.size} | {np.abs(percent).mean():.2f} % | "
        f"{np.percentile(np.abs(percent), 95):.2f} % | {percent.mean():+.2f} % |"
    )


def cine_line(number: int, neck: KnownNeck, segmenter: Segmenter) -> str:
    """Return a line of the table of cines: a beat of 1.2 per second."""
    sweep = neck.sweep
    times = np.arange(CINE_FRAMES) * sweep.step * RADIANS_PER_TIME / (2 * np.pi * BEATS_PER_SECOND)
    size, spacing = sweep.machine.field_of_view, (neck.frame.spacing, neck.frame.spacing)
    truth = [true_lumen_diameter(sweep.anatomy, size, index * sweep.step) for index in range(CINE_FRAMES)]
    frames = np.stack([sweep.frame(index).speckled for index in range(CINE_FRAMES)])
    measured = [measure_mask(mask, spacing) for mask in segmenter(frames, spacing)]
    known = measure_distension(times, truth, [True] * CINE_FRAMES)
    found = measure_distension(
        times, [one.equivalent_diameter for one in measured], [one.plausible for one in measured]
    )
    if known is None or found is None:
        return f"| {number} | - | no lumen found | - | - | - |"
    return (
        f"| {number} | {known.strain:.1f} | {found.strain:.1f} | {found.beats} | "
        f"{known.diastolic:.2f} | {found.diastolic:.2f} |"
    )


if __name__ == "__main__":
    sys.exit(main())
