"""Opening a model: a shipped or trained one by name, a bundle folder, a bundle zip, or the authors' checkpoint."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from ..errors import ModelError
from ..network import NetworkOptions
from .content import BundleContent, find_model, read_content
from .kinds import DESPECKLING
from .looks import CHECKPOINT_SUFFIXES
from .model import Bundle, count_encoders, fitting_state
from .weights import MAXIMUM_WEIGHT_BYTES, parse_weights

CHECKPOINT_NAME = "published-checkpoint"
ACCEPTED = "a bundle folder, a bundle .zip, or a checkpoint of the authors (.pth)"


def load_bundle(model: str | os.PathLike[str]) -> Bundle:
    """Load a model.

    Parameters
    ----------
    model : str or path
        Name of a shipped model ("default") or of one that was trained on this computer, or path of a bundle folder, a
        bundle ``.zip``, or an authors' ``.pth``.

    Returns
    -------
    Bundle

    Raises
    ------
    ModelError
        If there is no such model, or it is not one, is damaged, does not fit, or is not what its SHA-256 says.
    """
    path = Path(model)
    try:
        path = find_model(str(model), DESPECKLING)
        if path.is_file() and path.suffix.lower() in CHECKPOINT_SUFFIXES:
            return _from_checkpoint(path)
        return _from_content(read_content(path, DESPECKLING, ACCEPTED))
    except OSError as error:
        raise ModelError(f"The model {path.name[:60]!r} cannot be read ({error.strerror or 'damaged'}).") from error


def _from_content(content: BundleContent) -> Bundle:
    metadata = content.metadata
    return _checked(
        Bundle(
            name=str(metadata["name"]),
            version=str(metadata["version"]),
            sha256=content.sha256,
            metadata=metadata,
            state=content.state,
            options=NetworkOptions.from_dict(metadata["speckle2self"]["network"]),
            encoders=count_encoders(content.state),
        ),
        content.where,
    )


def _from_checkpoint(path: Path) -> Bundle:
    if path.stat().st_size > MAXIMUM_WEIGHT_BYTES:
        raise ModelError(f"{path.name!r} has {path.stat().st_size} bytes, more than a model may have.")
    content = path.read_bytes()
    state = parse_weights(content, path.name, path.name)
    return _checked(
        Bundle(
            name=CHECKPOINT_NAME,  # file names may hold what must not travel with results
            version="checkpoint",
            sha256=hashlib.sha256(content).hexdigest(),
            metadata={"description": "Checkpoint of the published network, without metadata."},
            state=state,
            options=NetworkOptions(),
            encoders=count_encoders(state),
        ),
        path.name,
    )


def _checked(bundle: Bundle, where: str) -> Bundle:
    from ..network import SpeckleNetwork

    fitting_state(bundle.state, SpeckleNetwork(bundle.options, max(1, bundle.encoders)), where)
    return bundle
