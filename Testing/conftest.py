"""Fixtures that every test may use."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from lumen_samples import NeckSweep

# On a busy machine OpenMP threads that wait for each other make small frames many times slower; workers inherit this.
os.environ.setdefault("OMP_NUM_THREADS", "1")

REPOSITORY = Path(__file__).resolve().parents[1]
GIVEN = frozenset(os.environ)


@pytest.fixture(autouse=True)
def process_as_before() -> Iterator[None]:
    """Undo what commands change in their process for good: threads of PyTorch, what is said to the memory of children.

    A process that is forked later would wait for threads that it has not.
    """
    from Speckle2SelfLib.kept_memory import NAMES

    for name in NAMES.keys() - GIVEN:  # here, as fixtures of a whole session run commands before a test
        os.environ.pop(name, None)
    yield
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(int(os.environ["OMP_NUM_THREADS"]))


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of this project."""
    return REPOSITORY


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with real ultrasound and reference numbers, which only developers have."""
    folder = Path(os.environ.get("SPECKLE2SELF_SHARED", REPOSITORY.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"development data not found at {folder} (set SPECKLE2SELF_SHARED)")
    return folder


@pytest.fixture(scope="session")
def a_model(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Path of a checkpoint with random weights: enough to compare two ways that must give equal pixels."""
    import torch
    from Speckle2SelfLib.network import NetworkOptions, SpeckleNetwork

    torch.set_num_threads(1)
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("model") / "random.pth"
    torch.save(SpeckleNetwork(NetworkOptions(), 1).state_dict(), path)
    return str(path)


@pytest.fixture(scope="session")
def neck_sweeps() -> list[NeckSweep]:
    """Two simulated necks with their lumens; the network of `a_lumen_model` knows them."""
    from lumen_samples import simulated_neck

    return [simulated_neck(3), simulated_neck(0)]


@pytest.fixture(scope="session")
def a_lumen_model(neck_sweeps: list[NeckSweep], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a segmentation bundle: a tiny network that was trained for seconds on `neck_sweeps`."""
    import torch
    from lumen_samples import train_lumen_model

    torch.set_num_threads(1)
    return train_lumen_model(tmp_path_factory.mktemp("lumen") / "tiny-lumen", neck_sweeps)
