"""Reading weights without ever executing what a file holds."""

from __future__ import annotations

import io
import pickle
import zipfile
from typing import TYPE_CHECKING, Any

from ..errors import DependencyError, ModelError

if TYPE_CHECKING:
    from torch import Tensor

MAXIMUM_WEIGHT_BYTES = 512 * 1024 * 1024
WRAPPERS = ("state_dict", "model_state_dict", "model", "net")


def parse_weights(content: bytes, file_name: str, where: str) -> dict[str, Tensor]:
    """Read a state dict.

    Parameters
    ----------
    content : bytes
        The file's content.
    file_name : str
        Its name; the suffix tells the format: ``.safetensors``, or ``.pt`` / ``.pth`` (read with ``weights_only``).
    where : str
        Name of the model, for messages.

    Returns
    -------
    dict of str to Tensor, float32

    Raises
    ------
    ModelError
        If the file is empty, truncated, not a state dict, or holds pickled code.
    """
    if not content:
        raise ModelError(f"The weights of the model {where!r} are empty.")
    state = _safetensors(content, where) if file_name.endswith(".safetensors") else _torch(content, where)
    state = _unwrapped(state)
    if not isinstance(state, dict) or not state:
        raise ModelError(f"{where!r} holds no state dict: a model file maps names to weights.")
    return {_plain_name(key): _as_float(value, key, where) for key, value in state.items()}


def _torch(content: bytes, where: str) -> Any:
    import torch

    # Old .pth files are bare pickles, new ones zip archives of known size: check that before torch allocates.
    if content[:2] == b"PK":
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                size = sum(entry.file_size for entry in archive.infolist())
        except zipfile.BadZipFile as error:
            raise ModelError(f"The weights of the model {where!r} are truncated or damaged.") from error
        if size > MAXIMUM_WEIGHT_BYTES:
            raise ModelError(f"The weights of the model {where!r} unpack to {size} bytes, more than is accepted.")
    try:
        return torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise ModelError(
            f"The weights of {where!r} are not a plain state dict: the file is damaged or holds pickled code, "
            "which is never executed."
        ) from error
    except Exception as error:  # torch raises whatever its readers raise on damaged files
        raise ModelError(f"{where!r} is not a model file, or it is truncated or damaged.") from error


def _safetensors(content: bytes, where: str) -> Any:
    try:
        from safetensors.torch import load
    except ImportError as error:
        raise DependencyError(f"The model {where!r} needs the Python package safetensors: install it first.") from error
    try:
        return load(content)
    except Exception as error:  # safetensors raises its own kinds from Rust
        raise ModelError(f"The weights of the model {where!r} are truncated or damaged.") from error


def _unwrapped(state: Any) -> Any:
    for wrapper in WRAPPERS:
        if isinstance(state, dict) and isinstance(state.get(wrapper), dict):
            return state[wrapper]
    return state


def _plain_name(key: Any) -> str:
    # Training on several GPUs leaves this prefix.
    return str(key).removeprefix("module.")


def _as_float(value: Any, key: Any, where: str) -> Tensor:
    import torch

    if not isinstance(value, torch.Tensor):
        raise ModelError(f"{where!r} holds no state dict: its entry {str(key)!r} is not a tensor.")
    return value.detach().to(torch.float32)
