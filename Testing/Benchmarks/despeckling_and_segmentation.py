"""Does despeckling help to find a lumen? The same small trainings on original and on despeckled frames.

    python Testing/Benchmarks/despeckling_and_segmentation.py --output study [--data FOLDER] [--steps 100]

FOLDER holds S01 to S06 of Common Carotid Artery Ultrasound Images (A. Momot, Mendeley Data 2022,
doi:10.17632/d4xt63mgjm.1, CC BY 4.0), NAME.png with NAME_mask.png. Filtered frames and runs that are done are kept, so
that a stopped study goes on. Writes ``runs.jsonl``, ``tables.md`` and ``figure.png``.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

import numpy as np
import torch
from segmentation_study.figure import draw
from segmentation_study.inputs import INPUTS, SUBJECTS, Subject, input_path, load_subject, prepare_inputs
from segmentation_study.plan import Run, all_runs
from segmentation_study.results import append_record, read_records, run_of, to_record
from segmentation_study.table import make_rows, report
from segmentation_study.training import run_one, training_settings

REPOSITORY = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("SPECKLE2SELF_SHARED", REPOSITORY.parent / "shared"))


def main(arguments: list[str] | None = None) -> int:
    """Filter, train and test what is not done yet, and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=Path("despeckling-and-segmentation"))
    parser.add_argument("--data", type=Path, default=SHARED / "data" / "carotid-transverse")
    parser.add_argument("--steps", type=int, default=None, help="of every training")
    parser.add_argument("--until", metavar="HH:MM", default=None, help="start no training after this time of day")
    parser.add_argument("--inputs-only", action="store_true", help="filter, and train nothing")
    parser.add_argument("--trainings-only", action="store_true", help="leave out inputs that are not filtered yet")
    parser.add_argument("--tables-only", action="store_true", help="write the tables of the runs that are done")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    options.output.mkdir(parents=True, exist_ok=True)
    if not (options.tables_only or options.trainings_only):
        prepare_inputs(options.data, options.output / "inputs")
    if not (options.tables_only or options.inputs_only):
        subjects = {name: load_subject(options.data, name) for name in SUBJECTS}
        steps = {} if options.steps is None else {"steps": options.steps}
        run_study(options.output, subjects, steps, options.until)
    write_report(options.output)
    return 0


def run_study(folder: Path, subjects: dict[str, Subject], changes: dict[str, int], until: str | None = None) -> None:
    """Do the runs that are not done, in the order of the plan, and note each as soon as it is."""
    records = folder / "runs.jsonl"
    while (run := next_run(folder, records)) is not None:
        if until is not None and time.strftime("%H:%M") >= until:
            break
        settings = training_settings(run.seed, **changes)
        began = time.process_time()
        quality = run_one(run, load_input(folder, run), subjects, settings)
        seconds = time.process_time() - began
        exams = {name: subjects[name].exams for name in quality}
        record = to_record(run, quality, exams, settings=settings.to_dict(), seconds=seconds)
        append_record(records, record)
        dice = {name: round(float(np.mean([one.dice for one in values])), 4) for name, values in quality.items()}
        print(run, dice, f"{seconds:.0f} s", flush=True)


def next_run(folder: Path, records: Path) -> Run | None:
    """Return the first run of the plan that is not done and whose frames are filtered."""
    done = {run_of(record) for record in read_records(records)}
    ready = [all(input_path(folder / "inputs", name, subject).is_file() for subject in SUBJECTS) for name in INPUTS]
    there = dict(zip(INPUTS, ready, strict=True))
    return next((run for run in all_runs() if run not in done and there[run.source]), None)


def load_input(folder: Path, run: Run) -> dict[str, np.ndarray]:
    """Return the frames of every subject as the run sees them."""
    return {name: np.load(input_path(folder / "inputs", run.source, name)) for name in SUBJECTS}


def write_report(folder: Path) -> None:
    """Write tables and figure of what is done."""
    records = read_records(folder / "runs.jsonl")
    if records:
        (folder / "tables.md").write_text(report(records), encoding="utf-8")
        draw(make_rows(records), folder / "figure.png")


if __name__ == "__main__":
    raise SystemExit(main())
