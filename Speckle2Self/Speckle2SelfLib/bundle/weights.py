"""Reading weights without ever executing what a file holds."""

from __future__ import annotations

import io
import lzma
import pickle
import zipfile
import zlib
from typing import TYPE_CHECKING, Any

from ..errors import DependencyError, ModelError

if TYPE_CHECKING:
    from torch import Tensor

MAXIMUM_WEIGHT_BYTES = 512 * 1024 * 1024
BYTES_OF_FLOAT = 4
# What zipfile raises on damaged archives; damaged bzip2 adds OSError.
DAMAGED_ARCHIVE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)
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
    import torch

    if not content:
        raise ModelError(f"The weights of the model {where!r} are empty.")
    state = _safetensors(content, where) if file_name.endswith(".safetensors") else _torch(content, where)
    state = _unwrapped(state)
    if not isinstance(state, dict) or not state:
        raise ModelError(f"{where!r} holds no state dict: a model file maps names to weights.")
    _check_tensors(state, where)
    return {_plain_name(key): value.detach().to(torch.float32) for key, value in state.items()}


def _torch(content: bytes, where: str) -> Any:
    import torch

    # Old .pth files are bare pickles, new ones zip archives of known size: check that before torch allocates.
    if content[:2] == b"PK":
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                size = sum(entry.file_size for entry in archive.infolist())
        except DAMAGED_ARCHIVE as error:
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


def _check_tensors(state: dict[Any, Any], where: str) -> None:
    """Refuse what is no plain tensor, or is far larger in memory than in the file, before anything is allocated."""
    size = 0
    for key, value in state.items():
        if not _is_plain_tensor(value):
            raise ModelError(
                f"{where!r} holds no state dict: its entry {str(key)[:80]!r} is no plain tensor of floats."
            )
        size += value.numel() * BYTES_OF_FLOAT
        if size > MAXIMUM_WEIGHT_BYTES:
            raise ModelError(f"The weights of the model {where!r} unpack to more than {MAXIMUM_WEIGHT_BYTES} bytes.")


def _is_plain_tensor(value: Any) -> bool:
    import torch

    return (
        isinstance(value, torch.Tensor)
        and value.layout == torch.strided
        and value.device.type == "cpu"
        and not value.is_quantized
        and not value.is_nested
        and value.dtype in (torch.float16, torch.bfloat16, torch.float32, torch.float64)
    )
