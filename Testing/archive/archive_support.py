"""Small archives, and the command line in a process of its own."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import SimpleITK as sitk  # noqa: N813
import torch
from Speckle2SelfLib.__main__ import main
from Speckle2SelfLib.archive.despeckling import DespeckleJob, LoadedDespeckling

SIZE = 48


@dataclass(frozen=True)
class DyingJob(DespeckleJob):
    """A real job whose first processes die while they load the model; `folder` counts them, with their threads."""

    folder: str = ""
    deaths: int = 0

    def loaded(self) -> LoadedDespeckling:
        (Path(self.folder) / secrets.token_hex(8)).write_text(str(torch.get_num_threads()))
        if len(list(Path(self.folder).iterdir())) <= self.deaths:
            os._exit(3)
        return super().loaded()


def write_sweep(path: Path, *, frames: int = 3, seed: int = 0, size: int = SIZE) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 255, (frames, size, size), dtype=np.uint8)
    sitk.WriteImage(sitk.GetImageFromArray(pixels), str(path))
    return path


def write_archive(folder: Path, number: int, **options: Any) -> list[str]:
    """Write sweeps into a folder and a subfolder and return their relative names."""
    names = [f"{'deeper/' if index % 2 else ''}sweep_{index}.nrrd" for index in range(number)]
    for index, name in enumerate(names):
        write_sweep(folder / name, seed=index, **options)
    return names


def despeckle(*arguments: object) -> int:
    return main(["despeckle", *map(str, arguments)])


def despeckled(folder: Path, output: Path, *options: object) -> dict[str, dict[str, Any]]:
    """Despeckle a folder without computing (strength 0) and return the report of every file."""
    report = output.parent / "report.json"
    despeckle(folder, output, "--strength", 0, "--json", report, *options)
    return {entry["file"]: entry for entry in json.loads(report.read_text(encoding="utf-8"))["results"]}


def outputs(folder: Path) -> dict[str, tuple[int, int]]:
    """Return inode and time of every result, which change when it is written again."""
    found = [path for path in folder.rglob("*") if path.is_file() and ".speckle2self" not in path.parts]
    return {p.relative_to(folder).as_posix(): (p.stat().st_ino, p.stat().st_mtime_ns) for p in found}


def start(*arguments: object, **options: Any) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "Speckle2SelfLib", *map(str, arguments)]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, **options)


def wait_for(condition: Callable[[], bool], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "nothing happened in time"
        time.sleep(0.02)
