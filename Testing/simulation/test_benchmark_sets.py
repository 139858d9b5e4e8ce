"""The named benchmark sets: the same pixels always, and not what training draws."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from Speckle2SelfLib.errors import SettingsError
from Speckle2SelfTrainingLib.simulation.benchmark_sets import BENCHMARK_SETS, benchmark_set, benchmark_sweep
from Speckle2SelfTrainingLib.simulation.limb import Limb
from Speckle2SelfTrainingLib.simulation.shapes import FlatShapes

SIZE, FRAMES = 128, 3


def digest(name: str, **options: int) -> str:
    """SHA-256 of everything that a set yields."""
    found = hashlib.sha256()
    for frame in benchmark_set(name, FRAMES, size=SIZE, **options):
        for picture in (frame.speckled, frame.clean, frame.lumen, frame.sector):
            found.update(np.ascontiguousarray(picture).tobytes())
        found.update(repr(frame.spacing).encode())
    return found.hexdigest()


@pytest.mark.parametrize("name", BENCHMARK_SETS)
def test_a_set_regenerates_bit_for_bit(name: str) -> None:
    assert digest(name) == digest(name)


def test_a_set_regenerates_bit_for_bit_with_other_numbers_of_processes_and_threads() -> None:
    code = "from test_benchmark_sets import digest\nif __name__ == '__main__': print(digest('anatomy', processes=2))"
    environment = {**os.environ, "OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2", "MKL_NUM_THREADS": "2"}
    environment["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    result = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == digest("anatomy")


def test_a_longer_set_begins_with_the_shorter_one() -> None:
    short, long = (list(benchmark_set("flat-shapes", count, size=SIZE)) for count in (1, 2))
    np.testing.assert_array_equal(short[0].speckled, long[0].speckled)
    assert not np.array_equal(long[0].clean, long[1].clean)


def test_the_three_sets_are_different_and_every_frame_of_a_set_has_the_same_pixel_size() -> None:
    assert list(BENCHMARK_SETS) == ["flat-shapes", "anatomy", "anatomy-other-probe"]
    frames = {name: list(benchmark_set(name, FRAMES, size=SIZE)) for name in BENCHMARK_SETS}
    assert len({digest(name) for name in frames}) == 3
    for pictures in frames.values():
        assert len({frame.spacing for frame in pictures}) == 1
        for frame in pictures:
            assert frame.speckled.dtype == frame.clean.dtype == np.uint8
            assert frame.lumen.dtype == frame.sector.dtype == bool
            assert frame.lumen.any()
            assert frame.speckled[frame.sector].std() > frame.clean[frame.sector].std()
    assert frames["anatomy"][0].spacing != frames["anatomy-other-probe"][0].spacing


def test_the_sets_differ_from_training_in_seed_anatomy_and_probe() -> None:
    from Speckle2SelfTrainingLib.pairs import PairRecipe  # loads torch, which the other tests and processes can spare

    for entry in BENCHMARK_SETS.values():
        sweep = entry.sweep(0, SIZE)
        assert entry.seed != PairRecipe().seed
        assert isinstance(sweep.anatomy, FlatShapes if entry.name == "flat-shapes" else Limb)
        assert sweep.machine.side_lobes  # training draws Gaussian beams
        assert sweep.machine.cycles > 2.2  # and shorter pulses


def test_the_sweep_of_a_set_starts_with_its_frame() -> None:
    frames = list(benchmark_sweep("anatomy", 1, 2, size=SIZE))
    still = list(benchmark_set("anatomy", 2, size=SIZE))[1]
    np.testing.assert_array_equal(frames[0].speckled, still.speckled)
    assert 0 < np.abs(frames[1].clean.astype(int) - frames[0].clean).mean() < 10


def test_an_unknown_set_or_a_bad_number_is_said_before_anything_is_computed() -> None:
    with pytest.raises(SettingsError, match=r"'easy'; choose one of flat-shapes, anatomy, anatomy-other-probe\."):
        benchmark_set("easy")
    with pytest.raises(SettingsError, match="frames must be a whole number from 1 to 10000, got 0"):
        benchmark_set("anatomy", 0)
    with pytest.raises(SettingsError, match="size must be a whole number from 64 to 2048, got 32"):
        benchmark_set("anatomy", 1, size=32)
