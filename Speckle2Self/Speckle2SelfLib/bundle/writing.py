"""Writing a model bundle: weights in half precision, complete metadata, and a config that MONAI can run."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from ..errors import ModelError, OutputError
from ..int8.calibration import Calibration
from ..network import SpeckleNetwork
from .kinds import DESPECKLING
from .metadata import FORMAT, parse_metadata
from .placing import replace_folder

WEIGHTS = "models/model.pt"

# MONAI evaluates this; it goes the way of every other frame, so both give equal pixels.
INFERENCE_CONFIG: dict[str, Any] = {
    "imports": [
        "$from Speckle2SelfLib.bundle import load_bundle",
        "$from Speckle2SelfLib.commands.run_file import despeckle_file",
    ],
    "bundle_root": ".",
    "device": "auto",
    "input": "",
    "output": "",
    "network_def": {
        "_target_": "Speckle2SelfLib.network.SpeckleNetwork",
        "options": "$load_bundle(@bundle_root).options",
    },
    "despeckler": {"_target_": "Speckle2SelfLib.despeckler.Despeckler", "model": "@bundle_root", "device": "@device"},
    "run": ["$despeckle_file(@input, @output, @despeckler)"],
}


def save_bundle(
    folder: Path, network: SpeckleNetwork, metadata: dict[str, Any], calibration: Calibration | None = None
) -> Path:
    """Write a despeckling bundle; the folder appears complete or not at all.

    Parameters
    ----------
    folder : Path
        Where the bundle is to lie; an existing bundle there is replaced.
    network : SpeckleNetwork
        Its weights are stored in half precision (fp16).
    metadata : dict
        Complete metadata but for the section that names the weights, which is filled in here.
    calibration : Calibration, optional
        Of this network; without it the bundle does not run in int8, whatever its metadata say.

    Raises
    ------
    OutputError
        If the folder cannot be written, or exists and is not a model bundle.
    ModelError
        If the metadata is incomplete, or weights overflow half precision.
    """
    described = {**metadata.get("speckle2self", {}), "network": network.options.to_dict()}
    described.pop("int8", None)
    if calibration is not None:
        described["int8"] = calibration.to_dict()
    network_def = {**INFERENCE_CONFIG["network_def"], "encoders": len(network.encoder_names)}
    configs = {"inference": {**INFERENCE_CONFIG, "network_def": network_def}}
    return write_bundle(folder, network, {**metadata, "speckle2self": described}, configs, DESPECKLING)


def write_bundle(
    folder: Path,
    network: torch.nn.Module,
    metadata: dict[str, Any],
    configs: Mapping[str, dict[str, Any]],
    kind: str,
) -> Path:
    """Write a bundle of any kind; the folder appears complete or not at all.

    Parameters
    ----------
    folder : Path
    network : Module
        Its weights are stored in half precision (fp16).
    metadata : dict
        Complete but for what names the format and the weights.
    configs : mapping of str to dict
        Further files of ``configs`` by name, without their suffix.
    kind : {"despeckling", "segmentation"}

    Raises
    ------
    OutputError
        If the folder cannot be written, or exists and is not a model bundle.
    ModelError
        If the metadata is incomplete, or weights overflow half precision.
    """
    if folder.exists() and not (folder / "configs" / "metadata.json").is_file():
        raise OutputError(f"{folder.name!r} exists and is not a model bundle: choose another name.")
    content = _half_precision(network, folder.name)
    complete = _complete(metadata, content, kind)
    parse_metadata(json.dumps(complete).encode(), folder.name, kind)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise OutputError(f"The model cannot be written beside {folder.name!r} ({error.strerror}).") from error
    try:
        for name in ("configs", "models"):
            (temporary / name).mkdir()
        (temporary / WEIGHTS).write_bytes(content)
        for name, values in {"metadata": complete, **configs}.items():
            text = json.dumps(values, indent=2) + "\n"
            (temporary / "configs" / f"{name}.json").write_text(text, encoding="utf-8")
        temporary.chmod(0o755)
        replace_folder(temporary, folder)
    except OSError as error:
        raise OutputError(f"The model {folder.name!r} cannot be written ({error.strerror}).") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return folder


def _complete(metadata: dict[str, Any], weights: bytes, kind: str) -> dict[str, Any]:
    section = {
        **metadata.get("speckle2self", {}),
        "format": FORMAT,
        "weights": WEIGHTS,
        "sha256": hashlib.sha256(weights).hexdigest(),
    }
    if "int8" in section:
        section["int8"] = {**section["int8"], "weights": section["sha256"]}
    if kind != DESPECKLING:  # which is what earlier versions of this project take every bundle for
        section["kind"] = kind
    return {**metadata, "speckle2self": section}


def _half_precision(network: torch.nn.Module, where: str) -> bytes:
    # Counters, such as batch norm's, are no weights.
    weights = {name: value for name, value in network.state_dict().items() if value.is_floating_point()}
    # Networks of MONAI name some layers twice: what they share in memory is stored once.
    halves: dict[tuple[int, torch.Size], torch.Tensor] = {}
    for value in weights.values():
        halves.setdefault((value.data_ptr(), value.shape), value.detach().cpu().half())
    state = {name: halves[value.data_ptr(), value.shape] for name, value in weights.items()}
    for name, value in state.items():
        if not bool(value.isfinite().all()):
            raise ModelError(f"The weights {name!r} of {where!r} do not fit into half precision: train again.")
    buffer = io.BytesIO()
    torch.save(state, buffer)
    return buffer.getvalue()
