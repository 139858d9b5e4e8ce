"""The files of a measurement: table, JSON and picture, all of them or none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from Speckle2SelfLib.errors import OutputError
from Speckle2SelfLib.files.output_place import OutputPlace, writing_to

from ..segmentation.files.mask_files import stem_of
from .result import SweepMeasures

KINDS = (".csv", ".json", ".png")


def output_files(target: Path, source: Path) -> list[Path]:
    """Return the files to write.

    Parameters
    ----------
    target : Path
        One file that ends in .csv, .json or .png; a folder, which gets all three, named after the input; or the
        beginning of their names.
    source : Path
        The input.
    """
    if target.is_dir():
        name = source.name if source.is_dir() else stem_of(source)
        target = target / f"{name}-measures"
    elif target.suffix.lower() in KINDS:
        return [target]
    elif target.suffix and target.suffix[1:].isalpha():
        raise OutputError(
            f"{target.name!r} cannot be written: measures go to .csv, .json or .png files; "
            "give one of these, a folder, or a name without an ending for all three."
        )
    return [target.with_name(target.name + kind) for kind in KINDS]


class MeasureFiles:
    """The output files; entering the context, before any work, checks and reserves them.

    Parameters
    ----------
    paths : list of Path
    inputs : iterable of Path
        Files that must not be replaced.

    Raises
    ------
    OutputError
        On entering, if one of them cannot be written.
    """

    def __init__(self, paths: list[Path], inputs: Iterable[Path]) -> None:
        self.paths, self._inputs = paths, tuple(inputs)

    def __enter__(self) -> MeasureFiles:
        self._place = OutputPlace(self.paths[0], self._inputs)
        try:
            self._final = [self._place.path, *(self._place.add(path) for path in self.paths[1:])]
        except BaseException:
            self._place.discard()
            raise
        return self

    def __exit__(self, *details: object) -> None:
        self._place.discard()

    def write(self, measures: SweepMeasures, about: Mapping[str, Any], title: str) -> None:
        """Write all files and put them in their places.

        Parameters
        ----------
        measures : SweepMeasures
        about : mapping
            Settings and provenance for the JSON file.
        title : str
            Of the picture.
        """
        for path, final in zip(self.paths, self._final, strict=True):
            content = _content(path.suffix.lower(), measures, about, title)
            with writing_to(path):
                self._place.temporary(final).write_bytes(content)
        self._place.publish()


def _content(kind: str, measures: SweepMeasures, about: Mapping[str, Any], title: str) -> bytes:
    if kind == ".csv":
        return measures.to_csv().encode()
    return measures.to_json(about).encode() if kind == ".json" else measures.plot(title)
