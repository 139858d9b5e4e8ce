"""An archive over machines: the files are the tasks of a Dask cluster whose scheduler is given by its address.

All machines must see both folders under the same names and have this package installed. Few files are handed out ahead,
so that the memory of the scheduler does not grow with the archive.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..errors import DependencyError, Speckle2SelfError, WorkerError
from .job import Job, LoadedJob
from .order import FileOrder

if TYPE_CHECKING:
    from distributed import Client, Future

AHEAD = 2  # files per thread of the cluster that are handed out
TIMEOUT = 20  # seconds for the scheduler to answer, and for a first worker to be there
RETRIES = 1  # of a file whose worker was lost


def on_cluster(address: str, orders: Iterator[FileOrder], job: Job) -> Iterator[dict[str, Any]]:
    """Yield the report of every file as it is done by some worker of the cluster.

    Parameters
    ----------
    address : str
        Of the scheduler, such as ``tcp://192.168.0.5:8786``.
    orders : iterator of FileOrder
    job : Job
        What the workers load; where it leaves the choice of the device open, each worker chooses.

    Raises
    ------
    DependencyError
        If Dask is not installed.
    WorkerError
        If the scheduler does not answer or has no workers.
    """
    client = _connected(address)
    from distributed import as_completed

    try:
        everywhere = job.anywhere()
        ahead = AHEAD * _threads(client, address)
        names: dict[str, str] = {}
        completed: Any = as_completed()

        def submit() -> None:
            order = next(orders, None)
            if order is not None:
                future = client.submit(process_there, _absolute(order), everywhere, pure=False, retries=RETRIES)
                names[future.key] = order.name
                completed.add(future)

        for _ in range(ahead):
            submit()
        for future in completed:
            yield _report(future, names.pop(future.key))
            submit()
    finally:
        client.close()  # drops what was not done


def process_there(order: FileOrder, job: Job) -> dict[str, Any]:
    """Do one file in a worker of the cluster, with the model that the order names."""
    from .one_file import process

    with _Loaded.lock:  # the network takes all threads that a worker has
        try:
            loaded = _Loaded.of(job)
        except Speckle2SelfError as error:
            return {"file": order.name, "error": str(error)}
        return {**process(order, loaded), "device": loaded.engine.device}


class _Loaded:
    """The job that a worker keeps loaded from file to file."""

    lock = threading.Lock()
    kept: LoadedJob | None = None

    @classmethod
    def of(cls, job: Job) -> LoadedJob:
        """Return this job, loaded."""
        if cls.kept is None or cls.kept.job != job:
            cls.kept = None  # before the next one takes as much memory
            cls.kept = job.loaded()
        return cls.kept


def _connected(address: str) -> Client:
    try:
        from distributed import Client
    except ImportError as error:
        raise DependencyError(
            "--dask needs the package 'distributed', which is not installed: pip install 'speckle2self[dask]'."
        ) from error
    try:
        return Client(address, timeout=TIMEOUT)
    except (OSError, ValueError, TimeoutError) as error:
        raise WorkerError(
            f"No Dask scheduler answers at {address!r}: start one with 'dask scheduler' and give its address."
        ) from error


def _threads(client: Client, address: str) -> int:
    try:
        client.wait_for_workers(1, timeout=TIMEOUT)
    except TimeoutError as error:
        raise WorkerError(
            f"The Dask scheduler at {address!r} has no workers: start some with 'dask worker'."
        ) from error
    return sum(client.nthreads().values())


def _report(future: Future, name: str) -> dict[str, Any]:
    try:
        report: dict[str, Any] = future.result()
    except Exception as error:  # whatever a lost worker or a network raises
        return {"file": name, "error": f"The cluster could not do it ({type(error).__name__})."}
    finally:
        future.release()
    return report


def _absolute(order: FileOrder) -> FileOrder:
    archive = replace(order.archive, source=order.archive.source.absolute(), target=order.archive.target.absolute())
    return replace(order, archive=archive, path=order.path.absolute())
