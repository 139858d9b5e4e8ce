"""Results of peers on disk, found by what they were computed from: another model costs only its own run."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .frames import Gray8
from .peers import CLASSICAL, Parameters, Peer

REVISION = 1  # raised whenever a method of ours changes its pixels


class ResultCache:
    """A folder of despeckled frames.

    A folder that cannot be written only costs time: nothing is then kept.

    Parameters
    ----------
    folder : path, optional
        None keeps nothing.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def key(self, peer: Peer, parameters: Parameters, frames: Sequence[Gray8]) -> str:
        """Return the name of a result: a hash of method, settings, version and pixels."""
        # The environment of the optional peers is pinned, and results made in it serve where they are not installed.
        version = peer.version() if peer.kind == CLASSICAL else ""
        text = json.dumps([REVISION, peer.name, dict(sorted(parameters.items())), version])
        digest = hashlib.sha256(text.encode())
        for frame in frames:
            digest.update(str(frame.shape).encode())
            digest.update(np.ascontiguousarray(frame).tobytes())
        return f"{peer.name}-{digest.hexdigest()[:32]}"

    def load(self, key: str) -> tuple[list[Gray8], float] | None:
        """Return frames and the seconds they took, or None where they are not kept or damaged."""
        if self._folder is None:
            return None
        with (
            contextlib.suppress(OSError, ValueError, KeyError, zipfile.BadZipFile, EOFError),
            np.load(self._folder / f"{key}.npz", allow_pickle=False) as content,
        ):
            return list(np.asarray(content["frames"], np.uint8)), float(content["seconds"])
        return None

    def store(self, key: str, frames: Sequence[Gray8], seconds: float) -> None:
        """Keep frames of one size."""
        if self._folder is None:
            return
        content: dict[str, Any] = {"frames": np.stack(frames), "seconds": np.float64(seconds)}
        temporary = self._folder / f".{secrets.token_hex(6)}.npz"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            np.savez_compressed(temporary, **content)
            os.replace(temporary, self._folder / f"{key}.npz")
        except OSError:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
