"""What a segmentation bundle says about itself, in MONAI's words."""

from __future__ import annotations

from typing import Any

from Speckle2SelfLib import __version__

from .labels import LUMEN_NAME, LUMEN_TERMINOLOGY
from .recipe.network import side_multiple
from .recipe.normalize import HIGH, LOW
from .recipe.working_size import LONG_SIDE, TARGET_SPACING

INTENDED_USE = (
    "Research on B-mode ultrasound of the neck: the lumen of the common carotid artery on transverse frames. Not for "
    "diagnosis or treatment decisions."
)
REQUIRED_PACKAGES = ("monai", "torch", "numpy", "scikit-image")


def segmentation_metadata(
    name: str,
    *,
    version: str,
    changelog: dict[str, str],
    description: str,
    data_source: str,
    license: str,
    network_def: dict[str, Any],
    **further: Any,
) -> dict[str, Any]:
    """Return the metadata of a segmentation bundle, but for what names its weights.

    Parameters
    ----------
    name, version, description, data_source, license : str
    changelog : dict of str to str
        By version.
    network_def : dict
        As :func:`~.recipe.default_network_def` returns it.
    **further
        Any field of MONAI's metadata (``authors``, ``eval_metrics``, ``references`` ...); ``speckle2self`` adds to
        this project's own section, for example how it was trained.
    """
    versions = installed_versions()
    section = {
        "library": __version__,
        "network": network_def,
        "target_spacing": TARGET_SPACING,
        "long_side": LONG_SIDE,
        "percentiles": [LOW, HIGH],
        **further.pop("speckle2self", {}),
    }
    return {
        "version": version,
        "changelog": changelog,
        "name": name,
        "task": "Segmentation of the common carotid artery's lumen in B-mode ultrasound",
        "description": description,
        "authors": "Whoever trained it, with Speckle2Self",
        "copyright": "With whoever trained it",
        "license": license,
        "intended_use": INTENDED_USE,
        "data_source": data_source,
        "data_type": "ultrasound frames with masks",
        "references": [],
        "monai_version": versions["monai"],
        "pytorch_version": versions["torch"],
        "numpy_version": versions["numpy"],
        "required_packages_version": {"scikit-image": versions["scikit-image"]},
        "image_classes": "B-mode gray level, luminance of color frames",
        "label_classes": f"0: background, 1: {LUMEN_NAME}",
        "pred_classes": f"one logit per pixel: {LUMEN_NAME}",
        "terminology": {kind: list(term) for kind, term in LUMEN_TERMINOLOGY.items()},
        "network_data_format": network_data_format(side_multiple(network_def)),
        **further,
        "speckle2self": section,
    }


def network_data_format(multiple: int) -> dict[str, Any]:
    """Return what goes into the network and comes out, as MONAI's schema has it; sides are multiples of `multiple`."""
    shared = {
        "modality": "US",
        "num_channels": 1,
        "spatial_shape": [f"{multiple}*n", f"{multiple}*n"],
        "dtype": "float32",
        "is_patch_data": False,
    }
    image = {
        **shared,
        "type": "image",
        "format": "magnitude",
        "value_range": [0, 1],
        "channel_def": {
            "0": f"gray level between the frame's percentiles {LOW:g} and {HIGH:g}, {TARGET_SPACING} mm per pixel"
        },
    }
    prediction = {
        **shared,
        "type": "image",
        "format": "segmentation",
        "value_range": [],
        "channel_def": {"0": f"logit of {LUMEN_NAME}"},
    }
    return {"inputs": {"image": image}, "outputs": {"pred": prediction}}


def installed_versions() -> dict[str, str]:
    """Return the versions of the libraries that the network depends on, without their build tags."""
    import importlib.metadata

    found = {}
    for package in REQUIRED_PACKAGES:
        try:
            found[package] = importlib.metadata.version(package).partition("+")[0]
        except importlib.metadata.PackageNotFoundError:
            found[package] = "not installed"
    return found
