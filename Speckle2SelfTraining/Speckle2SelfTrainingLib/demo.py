"""The demo: despeckle a real cine and a simulated carotid sweep, measure, and draw before and after."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from Speckle2SelfLib.commands.run_file import despeckle_file
from Speckle2SelfLib.despeckler import Despeckler
from Speckle2SelfLib.files import open_sweep
from Speckle2SelfLib.frame_path.luminance import luminance

from .commands.simulate import write_sweep
from .evaluation.box_measures import equivalent_looks
from .evaluation.boxes import flattest_box
from .evaluation.brightness_measures import tone
from .evaluation.edge_measures import edges_kept
from .evaluation.frames import Gray
from .evaluation.truth_measures import psnr, ssim

SEED = 20261108  # a carotid seen across, as the figure wants it
SIMULATED_FRAMES = 16
SIMULATED_SIZE = 384
ATTRIBUTION = "Cine: examples_ybr_color of the pydicom package (MIT). Carotid sweep: simulated."


def main(arguments: list[str] | None = None) -> int:
    """Run the demo and print what it measured and wrote."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("demo"))
    folder = parser.parse_args(arguments).output
    folder.mkdir(parents=True, exist_ok=True)
    despeckler = Despeckler()
    cine = despeckle_cine(folder, despeckler)
    carotid = despeckle_simulated(folder, despeckler)
    figure = draw(folder / "before-after.png", cine, carotid)
    print_table([cine, carotid])
    print("\nWritten:")
    for path in (cine["path"], *carotid["paths"], figure):
        print(f"  {path}")
    return 0


def despeckle_cine(folder: Path, despeckler: Despeckler) -> dict[str, Any]:
    """Despeckle the 30-frame color cine that the pydicom package carries."""
    from pydicom import examples

    source = Path(examples.get_path("ybr_color"))
    target = folder / "cine-despeckled.dcm"
    report = despeckle_file(source, target, despeckler)
    before, after = open_sweep(source), open_sweep(target)
    middle = len(before.frames) // 2
    statistics = despeckler.analyze(before.frames, color=True, keep=before.keep)
    frames = [np.asarray(sweep.frames[middle]) for sweep in (before, after)]
    area = np.ones(frames[0].shape[:2], bool) if statistics.valid is None else statistics.valid
    return {
        "name": "real cine",
        "path": target,
        "frames": [display(frame, area, statistics.high) for frame in frames],
        "fps": report["frames"] / report["seconds"],
        **without_truth(luminance(frames[0]), luminance(frames[1]), statistics.valid),
    }


def display(frame: Gray, area: NDArray[np.bool_], white: float) -> Gray:
    """Return the part of a dark color frame around its picture area, brightened to `white`, for the figure."""
    rows, columns = np.flatnonzero(area.any(axis=1)), np.flatnonzero(area.any(axis=0))
    part = frame[rows[0] : rows[-1] + 1, max(0, columns[0] - 10) : columns[-1] + 1]
    return np.asarray(np.clip(part * (255.0 / white), 0, 255), np.uint8)


def despeckle_simulated(folder: Path, despeckler: Despeckler) -> dict[str, Any]:
    """Simulate a carotid sweep, despeckle it and compare it with its truth."""
    paths = write_sweep(folder / "simulated", SIMULATED_FRAMES, SIMULATED_SIZE, convex=False, seed=SEED)
    target = folder / "simulated" / "despeckled.nrrd"
    start = time.perf_counter()
    report = despeckle_file(paths["speckled"], target, despeckler)
    seconds = time.perf_counter() - start
    before, truth, after = (np.asarray(open_sweep(path).frames) for path in (paths["speckled"], paths["clean"], target))
    middle = len(before) // 2
    measured = {
        f"{name} {side}": float(np.mean([measure(one, clean, 255.0) for one, clean in zip(sweep, truth, strict=True)]))
        for name, measure in (("PSNR", psnr), ("SSIM", ssim))
        for side, sweep in (("in", before), ("out", after))
    }
    return {
        "name": "simulated carotid",
        "paths": [*paths.values(), target],
        "frames": [before[middle], after[middle], truth[middle]],
        "fps": report["frames"] / seconds,
        **measured,
        **without_truth(before[middle], after[middle], None),
    }


def without_truth(before: Gray, after: Gray, valid: np.ndarray | None) -> dict[str, float]:
    """Return ENL in the flattest tissue box, edges kept and tone."""
    box = flattest_box(before, valid)
    return {
        "ENL in": equivalent_looks(before, box),
        "ENL out": equivalent_looks(after, box),
        "edges s3": edges_kept(after, before, 3.0),
        "edges s1": edges_kept(after, before, 1.0),
        "tone": tone(after, before),
    }


def draw(path: Path, cine: dict[str, Any], carotid: dict[str, Any]) -> Path:
    """Draw both sweeps before and after, and the truth of the simulated one."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    rows = [
        ["Real cine, input (brightened)", cine["frames"][0], "despeckled", cine["frames"][1]],
        [
            "Simulated carotid, input",
            carotid["frames"][0],
            "despeckled",
            carotid["frames"][1],
            "truth",
            carotid["frames"][2],
        ],
    ]
    figure = plt.figure(figsize=(13.5, 9.2), facecolor="black", layout="constrained")
    for band, row in zip(figure.subfigures(2, 1, height_ratios=(5.2, 4.4)), rows, strict=True):
        band.set_facecolor("black")
        for axis, title, picture in zip(band.subplots(1, len(row) // 2), row[::2], row[1::2], strict=True):
            axis.imshow(picture, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
            axis.set_title(title, color="white", fontsize=13)
            axis.axis("off")
    figure.supxlabel(ATTRIBUTION + " Despeckled with Speckle2Self; research use.", color="gray", fontsize=9)
    figure.savefig(path, dpi=110, facecolor="black")
    plt.close(figure)
    return path


def print_table(results: list[dict[str, Any]]) -> None:
    """Print the measures as a small table; a dash where there is no truth."""
    columns = ["PSNR in", "PSNR out", "SSIM in", "SSIM out", "ENL in", "ENL out", "edges s3", "edges s1", "tone", "fps"]
    print(f"\n{'sweep':<18}" + "".join(f"{column:>10}" for column in columns))
    for result in results:
        cells = (f"{result[column]:10.3g}" if column in result else f"{'-':>10}" for column in columns)
        print(f"{result['name']:<18}" + "".join(cells))


if __name__ == "__main__":
    raise SystemExit(main())
