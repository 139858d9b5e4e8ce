"""The confidence of every frame, as the header of a label map holds it."""

from __future__ import annotations

from collections.abc import Sequence

from Speckle2SelfLib.files.metaimage_reading import MetaImageSource
from Speckle2SelfLib.files.nrrd_reading import NrrdSource
from Speckle2SelfLib.files.provenance import PREFIX
from Speckle2SelfLib.files.sweep import Sweep

ENTRY = "Confidence"
LONGEST = 32000  # characters: ITK cannot read a MetaImage file with a longer line


def confidence_entry(confidences: Sequence[float]) -> dict[str, str]:
    """Return the header entry for one confidence per frame; none where there are too many for a header."""
    text = " ".join(f"{confidence:.3f}" for confidence in confidences)
    return {ENTRY: text} if len(text) <= LONGEST else {}


def read_confidences(sweep: Sweep) -> list[float] | None:
    """Return the confidences that ``speckle2self segment`` stored, None where there are none."""
    if isinstance(sweep.source, NrrdSource):
        entries = sweep.source.header.key_values()
    elif isinstance(sweep.source, MetaImageSource):
        entries = sweep.source.header.custom_fields()
    else:
        return None
    return parse_confidences(entries.get(PREFIX + ENTRY), len(sweep))


def parse_confidences(text: str | None, count: int) -> list[float] | None:
    """Read the entry; None where it is missing or not of as many frames."""
    try:
        numbers = [float(word) for word in (text or "").split()]
    except ValueError:
        return None
    return numbers if len(numbers) == count > 0 else None
