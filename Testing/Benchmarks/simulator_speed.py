"""How fast the simulator is: processor time per frame of every kind, and the time of a whole sweep.

Run it with::

    python Testing/Benchmarks/simulator_speed.py --processes 2
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / name) for name in ("Speckle2Self", "Speckle2SelfTraining")]

from Speckle2SelfTrainingLib.simulation.job import frames_of, sweep_of  # noqa: E402 - found through the line above
from Speckle2SelfTrainingLib.simulation.settings import SimulationSettings  # noqa: E402

KINDS = (("neck", "linear"), ("layers", "linear"), ("limb", "linear"), ("tissue", "convex"), ("phantom", "linear"))
SIZE, SEEDS, FRAMES = 512, 4, 6


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--number", type=int, default=200, help="frames of the whole sweep")
    parser.add_argument("--processes", type=int, default=2)
    arguments = parser.parse_args()
    print(
        f"| anatomy, probe | processor seconds per frame of {SIZE}x{SIZE} | frames per second and core |\n|---|---|---|"
    )
    for anatomy, probe in KINDS:
        seconds = 0.0
        for seed in range(SEEDS):
            sweep = sweep_of(SimulationSettings(FRAMES, SIZE, probe, anatomy=anatomy, seed=seed))
            start = time.process_time()
            for index in range(FRAMES):
                sweep.frame(index)
            seconds += (time.process_time() - start) / (SEEDS * FRAMES)
        print(f"| {anatomy}, {probe} | {seconds:.3f} | {1 / seconds:.1f} |")
    start, before = time.perf_counter(), sum(os.times()[:4])
    count = sum(1 for _ in frames_of(SimulationSettings(arguments.number, SIZE), arguments.processes))
    wall, used = time.perf_counter() - start, sum(os.times()[:4]) - before
    print(f"\n{count} frames of a neck with {arguments.processes} processes: {wall:.0f} s on the clock,")
    print(f"{used:.0f} processor seconds, the start of the processes included")
    return 0


if __name__ == "__main__":
    sys.exit(main())
