"""What segmentation leaves beside the masks, as attributes: each frame's confidence, and what its mask was.

The latter tells which frames somebody has corrected since.
"""

from __future__ import annotations

from typing import Any

from Speckle2SelfLib.scene.provenance import PREFIX

CONFIDENCE, CHECKSUM = PREFIX + "Confidence", PREFIX + "Checksum"
NOT_COMPUTED = "-"


def frame_marks(confidence: float, checksum: str) -> dict[str, str]:
    """Return the attributes of the segmentation of one frame."""
    return {CONFIDENCE: f"{confidence:.3f}", CHECKSUM: checksum}


def joined_marks(marks: dict[int, dict[str, str]], count: int) -> dict[str, str]:
    """Return the attributes of one segmentation of `count` frames, from those of the frames that were computed."""
    return {
        name: " ".join(marks.get(index, {}).get(name, NOT_COMPUTED) for index in range(count))
        for name in (CONFIDENCE, CHECKSUM)
    }


def split_marks(node: Any, count: int) -> list[tuple[float | None, str | None]]:
    """Return confidence and checksum of each frame, as far as a segmentation node says; None where it does not."""
    confidences, checksums = (_words(node, name, count) for name in (CONFIDENCE, CHECKSUM))
    return [(_number(word), checksum) for word, checksum in zip(confidences, checksums, strict=True)]


def _words(node: Any, name: str, count: int) -> list[str | None]:
    words = (node.GetAttribute(name) or "").split()
    if len(words) != count:
        return [None] * count
    return [None if word == NOT_COMPUTED else word for word in words]


def _number(word: str | None) -> float | None:
    try:
        return None if word is None else float(word)
    except ValueError:
        return None
