"""The simulator against PyMUST, an independent one, where it is installed."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[1] / "Benchmarks" / "simulator_against_pymust.py"


def test_speckle_and_contrast_agree_with_pymust() -> None:
    pytest.importorskip("pymust", reason="PyMUST is an optional check: pip install pymust")
    found = importlib.util.spec_from_file_location("simulator_against_pymust", SCRIPT)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    sys.modules[found.name] = module  # dataclasses look their module up
    found.loader.exec_module(module)
    setup = module.Setup(side=5.0, cyst=1.0, density=120.0, angles=(0.0,))
    result = module.compare(setup, seeds=4)
    theirs, ours = result["PyMUST"], result["ours, Gaussian beam"]
    assert theirs["MSR of the envelope"] == pytest.approx(ours["MSR of the envelope"], abs=0.25)
    for axis in ("axial", "lateral"):
        key = f"grain of the power, {axis}, mm"
        assert theirs[key] == pytest.approx(ours[key], rel=0.3)
    through = result["our truth through PyMUST's response"]
    assert theirs[module.CYST] == pytest.approx(through[module.CYST], abs=3)
    assert ours[module.CYST] < theirs[module.CYST] < -5
