"""The part of ``metadata.json`` that this project relies on: what it must hold, checked with clear sentences."""

from __future__ import annotations

import json
import re
from typing import Any

from ..errors import ModelError
from ..int8.calibration import Calibration
from .kinds import DESPECKLING, DOES, kind_of

FORMAT = 1
REQUIRED_TEXTS = ("version", "name", "task", "description", "license", "intended_use", "data_source")
MAXIMUM_METADATA_BYTES = 4 * 1024 * 1024
MAXIMUM_NAME_LENGTH = 200


def parse_metadata(content: bytes, where: str, kind: str = DESPECKLING) -> dict[str, Any]:
    """Read and check the metadata of a bundle.

    Parameters
    ----------
    content : bytes
        The file's content, UTF-8 JSON.
    where : str
        Name of the bundle, for messages.
    kind : {"despeckling", "segmentation"}
        What the model is wanted for.

    Raises
    ------
    ModelError
        If it is not JSON, the model is for something else, or a field is missing or of the wrong kind.
    """
    try:
        metadata = json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError) as error:  # ValueError also of numbers with thousands of digits
        raise ModelError(f"The metadata of the model {where!r} is not valid JSON ({error}).") from error
    if not isinstance(metadata, dict):
        raise ModelError(f"The metadata of the model {where!r} must be a JSON object.")
    check_kind(metadata, where, kind)
    for field in REQUIRED_TEXTS:
        if not isinstance(metadata.get(field), str) or not metadata[field].strip():
            raise ModelError(f"The metadata of the model {where!r} lacks the text {field!r}.")
    for field in ("name", "version"):
        if not _is_name(metadata[field]):
            raise ModelError(
                f"The {field} of the model {where!r} must be at most {MAXIMUM_NAME_LENGTH} printable characters."
            )
    if not isinstance(metadata.get("changelog"), dict):
        raise ModelError(f"The metadata of the model {where!r} lacks the object 'changelog'.")
    check_modality(metadata, where)
    check_section(metadata.get("speckle2self"), where)
    return metadata


def check_kind(metadata: dict[str, Any], where: str, kind: str) -> None:
    """Refuse models that do something else than what is wanted."""
    given = kind_of(metadata)
    if given != kind:
        does = DOES.get(given, f"does something else ({given[:40]!r})")
        raise ModelError(f"The model {where!r} {does}: choose one that {DOES[kind]}.")


def check_modality(metadata: dict[str, Any], where: str) -> None:
    """Refuse models for other modalities."""
    try:
        modality = metadata["network_data_format"]["inputs"]["image"]["modality"]
    except (KeyError, TypeError) as error:
        raise ModelError(f"The metadata of the model {where!r} does not describe its input image.") from error
    if modality != "US":
        raise ModelError(f"The model {where!r} is for the modality {modality!r}; only US (ultrasound) is accepted.")


def check_section(section: Any, where: str) -> None:
    """Check the project's own section of the metadata."""
    if not isinstance(section, dict):
        raise ModelError(f"The model {where!r} is not a Speckle2Self model: its metadata lacks 'speckle2self'.")
    if section.get("format") != FORMAT:
        raise ModelError(
            f"The model {where!r} has format {section.get('format')!r}; this version reads format {FORMAT}."
        )
    if not isinstance(section.get("network"), dict):
        raise ModelError(f"The metadata of the model {where!r} lacks the object 'speckle2self.network'.")
    if not _is_name(section.get("weights")):
        raise ModelError(f"The metadata of the model {where!r} lacks a usable file name in 'speckle2self.weights'.")
    if not re.fullmatch(r"[0-9a-f]{64}", str(section.get("sha256"))):
        raise ModelError(f"The metadata of the model {where!r} lacks the SHA-256 of its weights.")
    strongest = section.get("strongest", 1.0)
    if not isinstance(strongest, (int, float)) or isinstance(strongest, bool) or not 0 < strongest <= 10:
        raise ModelError(f"The metadata of the model {where!r} has a malformed 'speckle2self.strongest'.")
    grain = section.get("grain")
    if grain is not None and not (
        isinstance(grain, dict) and all(_is_range(grain.get(axis)) for axis in ("rows", "columns"))
    ):
        raise ModelError(f"The metadata of the model {where!r} has a malformed 'speckle2self.grain'.")

    levels = section.get("levels")
    if levels is not None and not (
        isinstance(levels, dict) and all(_is_range(levels.get(name), zero=True) for name in ("mean", "brightest"))
    ):
        raise ModelError(f"The metadata of the model {where!r} has a malformed 'speckle2self.levels'.")
    try:
        Calibration.from_dict(section.get("int8"))
    except ValueError as error:
        raise ModelError(
            f"The metadata of the model {where!r} has a malformed 'speckle2self.int8': {error}."
        ) from error


def _is_name(value: Any) -> bool:
    # NUL and lone surrogates cannot be written to files, nor line ends into headers.
    return isinstance(value, str) and value.isprintable() and 0 < len(value) <= MAXIMUM_NAME_LENGTH


def _is_range(value: Any, *, zero: bool = False) -> bool:
    if not isinstance(value, list) or len(value) != 2:
        return False
    if not all(isinstance(number, (int, float)) and not isinstance(number, bool) for number in value):
        return False
    return bool((value[0] > 0 or (zero and value[0] == 0)) and value[0] <= value[1] < 1000)
