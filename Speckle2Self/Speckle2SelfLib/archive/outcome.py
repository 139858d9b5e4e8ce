"""What came of an archive, in a memory and with words that do not grow with it."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ..errors import Speckle2SelfError
from ..files.folder import natural_key
from .one_file import REDONE, SKIPPED

NAMED = 50  # files that are named at the end
NOTED = 20  # files whose notes are said


class Outcome:
    """Counts reports and says what failed; keeps the reports only where somebody wants them.

    Parameters
    ----------
    keep : bool
        Keep all reports, for a report as JSON.
    name : str
        What is done, for the bar.
    """

    def __init__(self, *, keep: bool, name: str = "") -> None:
        self._name = name
        self.total = self.failed = self.skipped = 0
        self._keep = keep
        self._reports: list[dict[str, Any]] = []
        self._named: list[str] = []
        self._redone: Counter[str] = Counter()
        self._noted = 0
        self._bar: Any = None
        self._all: int | None = None

    def add(self, report: dict[str, Any]) -> None:
        """Take the report of a file; a failure is said at once, and notes on the first files."""
        self.total += 1
        self.skipped += SKIPPED in report
        if "error" in report:
            self.failed += 1
            if len(self._named) < NAMED:
                self._named.append(str(report["file"]))
            self._say(f"{report['file']}: {report['error']}")
        elif SKIPPED not in report and report.get("notes"):
            self._noted += 1
            for note in report["notes"] if self._noted <= NOTED else []:
                self._say(f"{report['file']}: {note.rstrip('.')}.")
        if REDONE in report and (report[REDONE] in self._redone or len(self._redone) < NAMED):
            self._redone[report[REDONE]] += 1
        if self._keep:
            self._reports.append(report)

    def tell(self) -> None:
        """Say at the end what was done again, what was left as it was and what failed."""
        if self._noted > NOTED:
            more = "all are in the report" if self._keep else "--json writes all"
            self._say(f"there are notes on {self._noted - NOTED} more files: {more}.")
        for reason, count in self._redone.items():
            self._say(f"{count} finished files were done again: the result {reason}.")
        if self.skipped:
            self._say(f"{self.skipped} of {self.total} files were finished before.")
        if self.failed:
            more = f" and {self.failed - len(self._named)} more" if self.failed > len(self._named) else ""
            named = ", ".join(sorted(self._named, key=natural_key))
            self._say(f"{self.failed} of {self.total} files failed: {named}{more}")

    @property
    def reports(self) -> list[dict[str, Any]]:
        """The kept reports in the order of the files."""
        return sorted(self._reports, key=lambda report: natural_key(str(report["file"])))

    def counting(self, reports: Iterator[dict[str, Any]], files: Callable[[], Iterable[object]]) -> None:
        """Take all of these reports, with a bar on a terminal.

        Parameters
        ----------
        reports : iterator of dict
        files : callable
            Returns all files of the archive: they are counted meanwhile, so that the bar can tell the time left.
        """
        if not sys.stderr.isatty():
            for report in reports:
                self.add(report)
            return
        from tqdm import tqdm

        with tqdm(desc=self._name or None, unit="file", file=sys.stderr) as self._bar:
            threading.Thread(target=self._count, args=(files,), daemon=True).start()
            for report in reports:
                self.add(report)
                self._set_total()
                self._bar.update()
            self._set_total()
        self._bar = None

    def _set_total(self) -> None:
        bar = self._bar
        if bar is not None and self._all is not None:
            bar.total = self._all - self.skipped  # what was found finished so far

    def _count(self, files: Callable[[], Iterable[object]]) -> None:
        with contextlib.suppress(Speckle2SelfError, OSError):  # which the command itself says
            self._all = sum(1 for _ in files())
        self._set_total()
        bar = self._bar
        if bar is not None:
            bar.refresh()

    def _say(self, sentence: str) -> None:
        if self._bar is None:
            print(f"speckle2self: {sentence}", file=sys.stderr)
        else:
            self._bar.write(f"speckle2self: {sentence}", file=sys.stderr)  # above the bar
