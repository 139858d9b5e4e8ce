"""The options of commands that take folders: who does the files, and which of them."""

from __future__ import annotations

import argparse

from ..archive.means import Means
from ..errors import SettingsError

NAMES = ("jobs", "dask", "redo")
JOBS_HELP = (
    "processes (default: by processors, memory, GPUs and files), which share the processors, or --threads; "
    "more processes than processors help only where files come slowly"
)


def add_folder_options(parser: argparse.ArgumentParser) -> None:
    """Declare ``--jobs``, ``--dask`` and ``--redo``."""
    folder = parser.add_argument_group("folder (files that are finished already are left as they are)")
    folder.add_argument("--jobs", metavar="N", type=int, help=JOBS_HELP)
    folder.add_argument("--dask", metavar="ADDRESS", help="Dask scheduler whose workers share the files")
    folder.add_argument("--redo", action="store_true", help="do finished files again")


def check_folder_options(arguments: argparse.Namespace, *, archive: bool) -> Means:
    """Return who does the files, refusing options that do not go together.

    Raises
    ------
    SettingsError
    """
    from ..archive.machine import check_jobs

    for name in NAMES:
        given = getattr(arguments, name)
        if not archive and given is not None and given is not False:
            raise SettingsError(f"--{name} is for folders, and INPUT is a single sweep: leave it out.")
    if arguments.dask is not None:
        for name in ("jobs", "threads"):
            if getattr(arguments, name) is not None:
                raise SettingsError(f"--{name} is for this machine: with --dask the cluster has its own workers.")
    check_jobs(arguments.jobs, arguments.threads)
    return Means(arguments.jobs, arguments.threads, arguments.dask, arguments.redo)
