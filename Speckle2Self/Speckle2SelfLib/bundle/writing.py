"""Writing a model bundle: weights in half precision, complete metadata, and a config that MONAI can run."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import torch

from ..errors import ModelError, OutputError
from ..network import SpeckleNetwork
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
        "encoders": 3,
    },
    "despeckler": {"_target_": "Speckle2SelfLib.despeckler.Despeckler", "model": "@bundle_root", "device": "@device"},
    "run": ["$despeckle_file(@input, @output, @despeckler)"],
}


def save_bundle(folder: Path, network: SpeckleNetwork, metadata: dict[str, Any]) -> Path:
    """Write a model bundle; the folder appears complete or not at all.

    Parameters
    ----------
    folder : Path
        Where the bundle is to lie; an existing bundle there is replaced.
    network : SpeckleNetwork
        Its weights are stored in half precision (fp16).
    metadata : dict
        Complete metadata but for the section that names the weights, which is filled in here.

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
    section = {
        **metadata.get("speckle2self", {}),
        "format": FORMAT,
        "weights": WEIGHTS,
        "sha256": hashlib.sha256(content).hexdigest(),
        "network": network.options.to_dict(),
    }
    complete = {**metadata, "speckle2self": section}
    parse_metadata(json.dumps(complete).encode(), folder.name)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise OutputError(f"The model cannot be written beside {folder.name!r} ({error.strerror}).") from error
    try:
        for name in ("configs", "models"):
            (temporary / name).mkdir()
        (temporary / WEIGHTS).write_bytes(content)
        (temporary / "configs" / "metadata.json").write_text(json.dumps(complete, indent=2) + "\n", encoding="utf-8")
        (temporary / "configs" / "inference.json").write_text(json.dumps(INFERENCE_CONFIG, indent=2) + "\n")
        temporary.chmod(0o755)
        replace_folder(temporary, folder)
    except OSError as error:
        raise OutputError(f"The model {folder.name!r} cannot be written ({error.strerror}).") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return folder


def _half_precision(network: SpeckleNetwork, where: str) -> bytes:
    state = {name: value.detach().cpu().half() for name, value in network.state_dict().items()}
    for name, value in state.items():
        if not bool(value.isfinite().all()):
            raise ModelError(f"The weights {name!r} of {where!r} do not fit into half precision: train again.")
    buffer = io.BytesIO()
    torch.save(state, buffer)
    return buffer.getvalue()
