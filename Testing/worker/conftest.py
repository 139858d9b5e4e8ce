"""A small model, and worker processes that end with their test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def start_worker(tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Make worker clients whose temporary files lie in a folder with letters beyond ASCII and a space."""
    from Speckle2SelfLib.worker import WorkerClient

    folder = tmp_path / "Jürgen Ångström 超音波"
    folder.mkdir()
    clients = []

    def make(**options: Any) -> Any:
        clients.append(WorkerClient(**{"folder": folder, **options}))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


@pytest.fixture(scope="module")
def a_warm_worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """One worker for the tests that leave it alive."""
    from Speckle2SelfLib.worker import WorkerClient

    client = WorkerClient(folder=tmp_path_factory.mktemp("Jürgen 超音波"))
    yield client
    client.close()


@pytest.fixture
def a_full_disk() -> Iterator[None]:
    """Files of this process cannot grow beyond 300 kB, which fails as a full disk does."""
    import resource
    import signal

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    signal.signal(signal.SIGXFSZ, handler)
