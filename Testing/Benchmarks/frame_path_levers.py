"""What each step of the frame path and the model itself contribute at the default strength.

Example: ``python Testing/Benchmarks/frame_path_levers.py Input_01.gif Input_02.gif --boxes boxes.json``
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from Speckle2SelfLib import Despeckler
from Speckle2SelfLib.frame_path import change
from Speckle2SelfLib.frame_path.strength import FAITHFUL, StrengthPlan
from Speckle2SelfTrainingLib.evaluation.boxes import BoxFile
from Speckle2SelfTrainingLib.evaluation.measuring import FrameMeasures, mean_values
from Speckle2SelfTrainingLib.evaluation.sets import file_set

STRENGTH = 0.8
COLUMNS = {"enl": 1, "cnr": 2, "edges_3": 3, "edges_1": 3, "tone": 3, "black": 3}


class _FixedPlan(Despeckler):
    """The despeckler with a plan of its own instead of that of its strength."""

    def with_plan(self, plan: StrengthPlan) -> _FixedPlan:
        assert isinstance(self._filter, change.ChangeFilter)
        self._filter._plan = plan
        return self


def rows(old: Path | None) -> Iterator[tuple[str, Despeckler]]:
    """Yield a title and a despeckler for every row."""
    plan = change.plan_strength(STRENGTH, Despeckler().model.strongest)
    yield "as shipped", Despeckler(strength=STRENGTH)
    yield "tissue not flattened (condition 1)", _FixedPlan().with_plan(replace(plan, condition=FAITHFUL))
    yield "no detail at boundaries", _FixedPlan().with_plan(replace(plan, detail=0.0))
    yield "no crispness", _FixedPlan().with_plan(replace(plan, crispness=0.0))
    yield "neither detail nor crispness", _FixedPlan().with_plan(replace(plan, detail=0.0, crispness=0.0))
    yield "tone not kept", Despeckler(strength=STRENGTH, tone=False)
    if old is not None:
        yield "model 0.1.0 (simulated pairs only), its largest condition", Despeckler(old, strength=1.0)


def main() -> int:
    """Measure every row and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("frames", type=Path, nargs="+")
    parser.add_argument("--boxes", type=Path, required=True)
    parser.add_argument("--old", type=Path, help="bundle of an earlier model")
    options = parser.parse_args()
    evaluated = file_set(options.frames, limit=1000, boxes=BoxFile.read(options.boxes), independent=True)
    print("| row | ENL | CNR | edges (sigma 3) | (sigma 1) | tone | black |\n|---|---|---|---|---|---|---|")
    for title, despeckler in rows(options.old):
        pairs = zip(evaluated.frames, evaluated.boxes, strict=True)
        values = mean_values([FrameMeasures(frame, None, boxes).of(despeckler(frame)) for frame, boxes in pairs])
        cells = (f"{values[name]:.{decimals}f}" for name, decimals in COLUMNS.items())
        print(f"| {title} | {' | '.join(cells)} |", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
