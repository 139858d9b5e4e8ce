"""An archive over machines: the files are the tasks of a Dask cluster whose scheduler is given by its address.

All machines must see both folders under the same names and have this package installed. Few files are handed out ahead,
so that the memory of the scheduler does not grow with the archive.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import DependencyError, Speckle2SelfError, WorkerError
from ..settings import DespeckleSettings
from .order import FileOrder

if TYPE_CHECKING:
    from distributed import Client, Future

    from ..despeckler import Despeckler

AHEAD = 2  # files per thread of the cluster that are handed out
TIMEOUT = 20  # seconds for the scheduler to answer, and for a first worker to be there
RETRIES = 1  # of a file whose worker was lost


def on_cluster(address: str, orders: Iterator[FileOrder], despeckler: Despeckler) -> Iterator[dict[str, Any]]:
    """Yield the report of every file as it is done by some worker of the cluster.

    Parameters
    ----------
    address : str
        Of the scheduler, such as ``tcp://192.168.0.5:8786``.
    orders : iterator of FileOrder
    despeckler : Despeckler
        Whose settings and model the workers take; the device is chosen by each worker.

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
        settings = _anywhere(despeckler.settings)
        ahead = AHEAD * _threads(client, address)
        names: dict[str, str] = {}
        completed: Any = as_completed()

        def submit() -> None:
            order = next(orders, None)
            if order is not None:
                future = client.submit(process_there, _absolute(order), settings, pure=False, retries=RETRIES)
                names[future.key] = order.name
                completed.add(future)

        for _ in range(ahead):
            submit()
        for future in completed:
            yield _report(future, names.pop(future.key))
            submit()
    finally:
        client.close()  # drops what was not done


def process_there(order: FileOrder, settings: DespeckleSettings) -> dict[str, Any]:
    """Despeckle one file in a worker of the cluster, with the model that the order names."""
    from .one_file import process

    with _Loaded.lock:  # the network takes all threads that a worker has
        try:
            despeckler = _Loaded.despeckler(settings)
        except Speckle2SelfError as error:
            return {"file": order.name, "error": str(error)}
        if despeckler.model.sha256 != order.archive.made_with["model_sha256"]:
            return {"file": order.name, "error": f"The worker has another version of the model {settings.model!r}."}
        return {**process(order, despeckler), "device": despeckler.engine.device}


class _Loaded:
    """The despeckler that a worker keeps from file to file."""

    lock = threading.Lock()
    kept: tuple[DespeckleSettings, Despeckler] | None = None

    @classmethod
    def despeckler(cls, settings: DespeckleSettings) -> Despeckler:
        """Return a despeckler with these settings."""
        from ..despeckler import Despeckler

        if cls.kept is None or cls.kept[0] != settings:
            cls.kept = (settings, Despeckler(settings=settings))
        return cls.kept[1]


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


def _anywhere(settings: DespeckleSettings) -> DespeckleSettings:
    """Return settings that mean the same on another machine."""
    path = Path(settings.model)
    return settings.replace(model=str(path.resolve())) if path.exists() else settings


def _absolute(order: FileOrder) -> FileOrder:
    archive = replace(order.archive, source=order.archive.source.absolute(), target=order.archive.target.absolute())
    return replace(order, archive=archive, path=order.path.absolute())
