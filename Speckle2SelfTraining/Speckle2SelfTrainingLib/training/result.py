"""A finished training as a model bundle with complete metadata."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from pathlib import Path
from typing import Any

import numpy as np
from Speckle2SelfLib import __version__
from Speckle2SelfLib.bundle import Bundle, save_bundle
from Speckle2SelfLib.errors import OutputError
from Speckle2SelfLib.network import SpeckleNetwork

from ..calibration import calibration_of
from ..default_model.metadata import IMAGE_FORMAT, PAPER
from .progress import CurveRow, TrainingResult
from .store import Grain
from .trainer import Training

LIBRARIES = ("torch", "numpy", "scipy", "monai", "SimpleITK", "matplotlib")
CURVE_POINTS = 20
DECIMALS = 6


def save_trained(
    training: Training,
    result: TrainingResult,
    path: str | os.PathLike[str],
    name: str | None = None,
    *,
    replace: bool = False,
) -> Path:
    """Write the weights that validated best as a bundle; it appears complete or not at all.

    Parameters
    ----------
    training : Training
        After :meth:`Training.run`.
    result : TrainingResult
        What that returned.
    path : path
        Folder of the bundle.
    name : str, optional
        Of the model; the folder's name by default.
    replace : bool
        Replace a bundle that is there already.

    Raises
    ------
    OutputError
        If the folder exists already, or cannot be written.
    """
    folder = Path(path)
    check_output(folder, replace=replace)
    network = training.best_network()
    assert isinstance(network, SpeckleNetwork)
    metadata = trained_metadata(training, result, name or folder.name)
    return save_bundle(folder, network, metadata, calibration_of(network, training.strongest))


def check_output(folder: Path, *, replace: bool = False) -> None:
    """Refuse a place for a bundle that is taken.

    Raises
    ------
    OutputError
    """
    if folder.exists() and not replace:
        raise OutputError(f"{folder.name!r} exists already: choose another name, or delete it first.")


def trained_metadata(training: Training, result: TrainingResult, name: str) -> dict[str, Any]:
    """Return everything that a bundle's metadata says about a training; no path, no patient data."""
    base, settings = training.base, training.settings
    how = "trained from scratch" if base is None else f"fine-tuned from {base.name!r}"
    sweeps = [*training.store.sources, *training.held_out.sources]
    section: dict[str, Any] = {
        "library": __version__,
        "encoders": len(_network_names(training)),
        "scales": list(settings.scales),
        "training": {**settings.to_dict(), "trained_steps": result.steps},
        "trained": {
            "stopped": result.stopped,
            "best_step": result.best_step,
            "best_validation_loss": None if result.best_loss is None else round(result.best_loss, DECIMALS),
            "seconds": round(result.seconds, 1),
            "device": training.team.device,
            "processes": training.team.size,
            "curves": summarize(result.curves),
            "notes": result.notes,
        },
        "sources": {"training": training.store.sources, "validation": training.held_out.sources},
        "base": None if base is None else {"name": base.name, "version": base.version, "sha256": base.sha256},
        "versions": versions(),
    }
    if (grain := grain_known(training.store.grains, base)) is not None:
        section["grain"] = grain
    if base is not None and (levels := base.metadata.get("speckle2self", {}).get("levels")):
        section["levels"] = levels  # what the base knows, a fine-tuned network does not unlearn
    if training.strongest is not None:
        section["strongest"] = training.strongest
    return {
        "version": "0.1.0",
        "changelog": {"0.1.0": f"{how[0].upper()}{how[1:]}, {result.steps} steps."},
        "name": name,
        "task": "Speckle reduction in B-mode ultrasound",
        "description": f"Speckle2Self network, {how} on {len(sweeps)} sweeps by its user.",
        "authors": "Whoever trained it, with Speckle2Self; network design after Li, Navab, Jiang",
        "copyright": "With whoever trained it",
        "license": _license(base),
        "intended_use": "Research on B-mode ultrasound images and sweeps; not for diagnosis or treatment decisions.",
        "data_source": _data_source(training),
        "data_type": "simulated" if all(sweep["simulated"] for sweep in sweeps) else "ultrasound frames",
        "references": [PAPER],
        "monai_version": versions()["monai"],
        "pytorch_version": versions()["torch"].partition("+")[0],
        "numpy_version": np.__version__,
        "required_packages_version": {},
        "network_data_format": {
            "inputs": {"image": IMAGE_FORMAT},
            "outputs": {"pred": {**IMAGE_FORMAT, "channel_def": {"0": "despeckled gray level"}}},
        },
        "speckle2self": section,
    }


def grain_known(grains: list[Grain], base: Bundle | None) -> dict[str, list[float]] | None:
    """Return the speckle grain that the network has seen: that of the base and that of the sweeps together."""
    known = [] if base is None or base.grain_range is None else list(zip(*base.grain_range, strict=True))
    pairs = np.array([*grains, *known])
    if not len(pairs):
        return None
    low, high = pairs.min(axis=0).round(2), pairs.max(axis=0).round(2)
    return {"rows": [float(low[0]), float(high[0])], "columns": [float(low[1]), float(high[1])]}


def summarize(rows: list[CurveRow]) -> list[CurveRow]:
    """Return about twenty rows spread over a curve, the last one included."""
    every = max(1, len(rows) // CURVE_POINTS)
    kept = [row for index, row in enumerate(rows) if index % every == 0 or index == len(rows) - 1]
    return [{name: None if value is None else round(value, DECIMALS) for name, value in row.items()} for row in kept]


def versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries that a training depends on."""
    found = {"python": platform.python_version()}
    for library in LIBRARIES:
        try:
            found[library] = importlib.metadata.version(library)
        except importlib.metadata.PackageNotFoundError:
            found[library] = "not installed"
    return found


def _network_names(training: Training) -> tuple[str, ...]:
    network = training.loop.network
    assert isinstance(network, SpeckleNetwork)
    return network.encoder_names


def _license(base: Bundle | None) -> str:
    given = base.metadata.get("license") if base is not None else None
    return str(given) if given else "As whoever trained it decides"


def _data_source(training: Training) -> str:
    names = [f"{sweep['name']} ({sweep['frames']} frames)" for sweep in training.store.sources]
    shown = ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")
    return f"Given by whoever trained it: {shown}. Hashes are listed under speckle2self.sources."
