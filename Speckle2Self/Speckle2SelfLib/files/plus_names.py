"""Header names that PLUS spells differently in NRRD and in MetaImage files."""

from __future__ import annotations

IN_METAIMAGE = {
    "ultrasound image orientation": "UltrasoundImageOrientation",
    "ultrasound image type": "UltrasoundImageType",
}
IN_NRRD = {value: key for key, value in IN_METAIMAGE.items()}


def to_nrrd_name(name: str) -> str:
    """Return the name of a MetaImage entry in a NRRD file."""
    return IN_NRRD.get(name, name)


def to_metaimage_name(name: str) -> str:
    """Return the name of a NRRD entry in a MetaImage file, which knows neither ``:`` nor ``=`` in names."""
    return IN_METAIMAGE.get(name.lower(), "".join("_" if mark in ":=\n" else mark for mark in name))
