"""The network on a device: which one and why, in which precision, in batches that fit its memory."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from .errors import DeviceError, ModelError
from .network import SpeckleNetwork
from .precision import Abilities, abilities, choose_precision

if TYPE_CHECKING:
    from .int8.calibration import Calibration

GPU_BATCH_PIXELS = 8 * 1024 * 1024
_AUTOCAST = {"bf16": torch.bfloat16, "fp16": torch.float16}


class Engine:
    """Run a network on batches of frames.

    Parameters
    ----------
    network : SpeckleNetwork or another Module
        With its full-resolution encoder.
    device : {"auto", "cpu", "cuda", "mps"} or "cuda:N"
    precision : {"auto", "fp32", "bf16", "fp16", "int8"}
        "auto" is the fastest that the device computes in, see :func:`.precision.choose_precision`.
    batch_size : int or None
        Frames per call; None: one on the CPU (batches bring nothing there, and the result does not depend on them),
        as many as 8 million pixels on a GPU.
    channels_last : bool
        The fastest order of values in memory. Sums are then taken in another order than in the authors' run, which
        shows in the last digits.
    forward : callable, optional
        What of `network` computes; its ``despeckle`` by default. Takes the batch and what is given to :meth:`run`.
    calibration : Calibration, optional
        Of a network that bears rounding: what int8 needs, which runs on the CPU.

    Attributes
    ----------
    device : str
    reason : str
        Why this device.
    precision : str
    notes : list of str
        What happened on the way, for the user: batch halved, GPU left, int8 not possible.

    Raises
    ------
    DeviceError
        If the device does not exist here, or cannot compute in int8 although that was asked for.
    ModelError
        If int8 was asked for without a calibration.
    """

    def __init__(
        self,
        network: SpeckleNetwork | nn.Module,
        device: str = "auto",
        precision: str = "auto",
        batch_size: int | None = None,
        *,
        channels_last: bool = True,
        forward: Callable[..., Tensor] | None = None,
        calibration: Calibration | None = None,
    ) -> None:
        self.device, self.reason = choose_device(device)
        self._asked_precision, self._automatic = precision, precision == "auto"
        self.notes: list[str] = []
        self._batch_size = batch_size
        self._format = torch.channels_last if channels_last else torch.contiguous_format
        self._network: nn.Module = network.eval()
        self._given_forward: Callable[..., Tensor] = forward or network.despeckle  # type: ignore[assignment]
        self._calibration = calibration
        self._move(self.device)

    def batch_size(self, size: tuple[int, int]) -> int:
        """Return how many frames of this size go through the network at once."""
        if self._batch_size is not None:
            return self._batch_size
        return 1 if self.device == "cpu" else max(1, GPU_BATCH_PIXELS // (size[0] * size[1]))

    def run(self, frames: Tensor, *conditions: float) -> Tensor:
        """Compute (N, 1, H, W), float32 on the CPU, normalized; H and W as the network takes them. Returns the same.

        `conditions` go to the network with every batch: the strength, for one that despeckles.
        """
        try:
            return self._run(frames, *conditions)
        except (torch.OutOfMemoryError, RuntimeError) as error:
            if not out_of_memory(error):
                raise
        torch.cuda.empty_cache()
        if len(frames) > 1:
            half = len(frames) // 2
            self._batch_size = half
            self._note(f"Out of memory on {self.device}: batch halved to {half}.")
            return torch.cat([self.run(part, *conditions) for part in (frames[:half], frames[half:])])
        if self.device == "cpu":
            rows, columns = frames.shape[-2:]
            raise DeviceError(f"Not enough memory to compute a frame of {rows} x {columns} pixels.")
        self._note(f"Out of memory on {self.device} with a single frame: continuing on the CPU.")
        self._move("cpu")
        return self.run(frames, *conditions)

    def _run(self, frames: Tensor, *conditions: float) -> Tensor:
        batch = frames.to(self.device).contiguous(memory_format=self._format)
        with torch.inference_mode(), self._autocast():
            output = self._forward(batch, *conditions)
        return output.float().cpu().contiguous()

    @contextlib.contextmanager
    def _autocast(self) -> Iterator[None]:
        if self.precision not in _AUTOCAST:
            yield
            return
        with torch.autocast(self.device.partition(":")[0], _AUTOCAST[self.precision]):
            yield

    def _move(self, device: str) -> None:
        self.device = device
        can = abilities(device)
        calibrated = self._calibration is not None
        self.precision = choose_precision(can, calibrated=calibrated) if self._automatic else self._asked_precision
        self._network = self._network.to(device)
        self._forward = self._given_forward
        for weights in self._network.parameters():
            if weights.ndim == 4:
                weights.data = weights.data.contiguous(memory_format=self._format)
        if self.precision == "int8":
            self._forward = self._in_int8(can)

    def _in_int8(self, can: Abilities) -> Callable[..., Tensor]:
        """Return what computes in int8; if that cannot be made, what computes in the next best arithmetic."""
        from .int8 import network_in_int8

        try:
            return network_in_int8(self._network, self._calibration, self.device)
        except (DeviceError, ModelError) as error:
            if not self._automatic:
                raise
            self.precision = choose_precision(can, calibrated=False)
            self._note(f"{error} Continuing in {self.precision}.")
            return self._given_forward

    def _note(self, sentence: str) -> None:
        if sentence not in self.notes:
            self.notes.append(sentence)


def choose_device(device: str) -> tuple[str, str]:
    """Return the device to use and the reason for it.

    Raises
    ------
    DeviceError
        If the device asked for does not exist here.
    """
    kind, _, index = device.partition(":")
    if kind == "auto":
        return _best_device()
    if kind == "cuda":
        count = torch.cuda.device_count() if torch.cuda.is_available() else 0
        if int(index or 0) >= count:
            raise DeviceError(f"The device {device!r} does not exist here ({count} CUDA devices): use auto or cpu.")
        if problem := _cuda_problem(int(index or 0)):
            raise DeviceError(f"The device {device!r} cannot be used: {problem} Use auto or cpu.")
    elif kind == "mps" and not torch.backends.mps.is_available():
        raise DeviceError("The device 'mps' does not exist here: use auto or cpu.")
    elif kind not in ("cpu", "cuda", "mps"):
        raise DeviceError(f"The device must be auto, cpu, cuda, cuda:N or mps, got {device!r}.")
    return device, "chosen by the user"


def _best_device() -> tuple[str, str]:
    if torch.cuda.is_available():
        problem = _cuda_problem(0)
        if problem is None:
            return "cuda", f"the GPU {torch.cuda.get_device_name(0)} is available"
        return "cpu", problem
    if torch.backends.mps.is_available():
        return "mps", "the GPU of this Mac is available"
    return "cpu", "PyTorch finds no GPU here"


def _cuda_problem(index: int) -> str | None:
    """Say why a GPU cannot be used: a new GPU may lack kernels in this build of PyTorch."""
    try:
        torch.ones(1, device=f"cuda:{index}").add_(1).cpu()
    except RuntimeError as error:
        return f"PyTorch {torch.__version__} cannot run on the GPU ({str(error).splitlines()[0]})."
    return None


def out_of_memory(error: BaseException) -> bool:
    """Return whether an error of PyTorch says that memory ran out, on a GPU or on the CPU.

    oneDNN, which computes convolutions on the CPU, has one sentence for whatever keeps it from making a kernel; for
    a network that ran before it is memory.
    """
    said = ("out of memory", "allocate memory", "could not create a primitive")
    return isinstance(error, torch.OutOfMemoryError) or any(words in str(error) for words in said)
