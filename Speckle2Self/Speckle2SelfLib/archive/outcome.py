"""What came of an archive, in a memory that does not grow with it."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

from ..commands.run_folder import say_failure, say_failures
from ..files.folder import natural_key
from .one_file import REDONE, SKIPPED

NAMED = 50  # files that are named at the end


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

    def add(self, report: dict[str, Any]) -> None:
        """Take the report of a file; a failure is said at once."""
        self.total += 1
        self.skipped += SKIPPED in report
        if "error" in report:
            self.failed += 1
            if len(self._named) < NAMED:
                self._named.append(str(report["file"]))
            say_failure(report)
        if REDONE in report and (report[REDONE] in self._redone or len(self._redone) < NAMED):
            self._redone[report[REDONE]] += 1
        if self._keep:
            self._reports.append(report)

    def tell(self) -> None:
        """Say at the end what was done again, what was left as it was and what failed."""
        for reason, count in self._redone.items():
            print(f"speckle2self: {count} finished files were done again: the result {reason}.", file=sys.stderr)
        if self.skipped:
            print(f"speckle2self: {self.skipped} of {self.total} files were finished before.", file=sys.stderr)
        say_failures(sorted(self._named, key=natural_key), self.total, self.failed)

    @property
    def reports(self) -> list[dict[str, Any]]:
        """The kept reports in the order of the files."""
        return sorted(self._reports, key=lambda report: natural_key(str(report["file"])))

    def counting(self, reports: Iterator[dict[str, Any]]) -> None:
        """Take all of these reports, with a bar on a terminal."""
        if not sys.stderr.isatty():
            for report in reports:
                self.add(report)
            return
        from tqdm import tqdm

        for report in tqdm(reports, desc=self._name or None, unit="file", file=sys.stderr):
            self.add(report)
