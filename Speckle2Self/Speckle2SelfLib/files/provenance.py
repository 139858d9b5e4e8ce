"""How the provenance of a result is named in headers."""

from __future__ import annotations

PREFIX = "Speckle2Self_"


def header_entries(provenance: dict[str, str]) -> dict[str, str]:
    """Return provenance as one-line header entries whose names no other program uses."""
    return {PREFIX + _name(key): " ".join(str(value).split()) or "none" for key, value in provenance.items()}


def without_provenance(metadata: dict[str, str]) -> dict[str, str]:
    """Return metadata without what an earlier run stored about itself."""
    return {key: value for key, value in metadata.items() if not key.startswith(PREFIX)}


def _name(key: str) -> str:
    return "".join(character if character.isalnum() or character in "_-" else "_" for character in key)
