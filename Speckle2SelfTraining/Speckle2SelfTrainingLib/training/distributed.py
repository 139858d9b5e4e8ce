"""Several processes that share every batch, started by ``torchrun``."""

from __future__ import annotations

import importlib
import os
from dataclasses import dataclass
from typing import Any

import torch
from Speckle2SelfLib.engine import choose_device
from Speckle2SelfLib.errors import SettingsError
from torch import distributed, nn


@dataclass(frozen=True)
class Team:
    """The processes of one training.

    Attributes
    ----------
    rank, size : int
        Number of this process, and how many there are.
    device : str
        Where this process trains.
    """

    rank: int
    size: int
    device: str

    @classmethod
    def join(cls, device: str) -> Team:
        """Join the processes that ``torchrun`` started; without it, this process is alone.

        Raises
        ------
        DeviceError
            If the device does not exist here.
        """
        size = int(os.environ.get("WORLD_SIZE", "1"))
        if size == 1:
            return cls(0, 1, choose_device(device)[0])
        local = int(os.environ.get("LOCAL_RANK", "0"))
        kind = choose_device(device)[0].partition(":")[0]
        chosen = choose_device(f"cuda:{local}")[0] if kind == "cuda" else kind
        if kind == "cuda":
            torch.cuda.set_device(local)
        if not distributed.is_initialized():
            # Its functions keep the group that exists when they are defined, beyond its end: see leave.
            importlib.import_module("torch.distributed.nn")
            distributed.init_process_group("nccl" if kind == "cuda" else "gloo")
        return cls(distributed.get_rank(), size, chosen)

    @property
    def leads(self) -> bool:
        """Whether this process writes files and reports."""
        return self.rank == 0

    def check_batch(self, batch_size: int) -> None:
        """Refuse a batch that cannot be shared evenly.

        Raises
        ------
        SettingsError
        """
        if batch_size % self.size:
            raise SettingsError(
                f"batch_size must be a multiple of the {self.size} processes, got {batch_size}: every one of them "
                "takes an equal share."
            )

    def take_weights_of_leader(self, module: nn.Module) -> None:
        """Give all processes the weights of the leading one."""
        if self.size > 1:
            for tensor in module.state_dict().values():
                distributed.broadcast(tensor, src=0)

    def average_gradients(self, module: nn.Module) -> None:
        """Give all processes the mean of their gradients, all of a module's at once.

        PyTorch's wrapper of a module would keep the group beyond :meth:`leave`, and asks which parameters a step used;
        here they are the same in all processes.
        """
        if self.size == 1:
            return
        gradients = [weights.grad for weights in module.parameters() if weights.grad is not None]
        together = self.mean(torch.cat([gradient.flatten() for gradient in gradients]))
        parts = torch.split(together, [gradient.numel() for gradient in gradients])
        for gradient, part in zip(gradients, parts, strict=True):
            gradient.copy_(part.view_as(gradient))

    def mean(self, values: torch.Tensor) -> torch.Tensor:
        """Return the mean of a tensor over all processes."""
        if self.size > 1:
            distributed.all_reduce(values)
            values /= self.size
        return values

    def agree(self, value: Any) -> Any:
        """Return what the leading process says."""
        if self.size == 1:
            return value
        told = [value]
        distributed.broadcast_object_list(told, src=0, device=torch.device(self.device))
        return told[0]

    def leave(self) -> None:
        """End the communication and its threads, when all have come so far.

        A thread of it that still runs when Python ends aborts the process, whose work is done.
        """
        if self.size > 1 and distributed.is_initialized():
            distributed.barrier()
            distributed.destroy_process_group()
