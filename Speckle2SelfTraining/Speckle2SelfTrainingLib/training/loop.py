"""One optimizer step after the other: any network, any objective, any batches."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import torch
from Speckle2SelfLib.engine import out_of_memory
from Speckle2SelfLib.errors import DeviceError, SettingsError
from torch import Tensor, nn

from .batches import Batches
from .distributed import Team
from .objective import TOTAL, Objective

AUTOCAST = {"bf16": torch.bfloat16, "fp16": torch.float16}


class LoopSettings(Protocol):
    """What of a training's settings decides a step."""

    @property
    def batch_size(self) -> int:
        """Samples per step over all processes."""

    @property
    def clip(self) -> float | None:
        """Largest norm of the gradient."""

    @property
    def average(self) -> float:
        """Decay of the running average of the weights; 0 takes the last."""

    @property
    def precision(self) -> str:
        """Arithmetic: fp32, bf16 or fp16; auto is fp32."""


class Loop:
    """The trained state and how one step changes it.

    Parameters
    ----------
    network : nn.Module
        Is trained where it is.
    objective : Objective
    batches : Batches
    settings : LoopSettings
    team : Team
    optimizer : torch.optim.Optimizer
        Of the network's parameters.
    rate : callable
        ``rate(step)`` is the learning rate of a step, from 0.
    anchor : dict of str to Tensor, optional
        Weights that those to be saved are drawn to.
    blend : float
        Share of the trained weights in what is saved, the rest is the anchor's.

    Attributes
    ----------
    step : int
        Steps done.
    notes : list of str
        Sentences for the user.
    precision : str
        Arithmetic of the steps.
    ahead : bool
        Whether the next batch is made while the device computes. A CPU has no hands free for it.

    Raises
    ------
    SettingsError
        If the precision does not exist on the device, or the batch cannot be shared.
    """

    def __init__(
        self,
        network: nn.Module,
        objective: Objective[Any],
        batches: Batches[Any],
        settings: LoopSettings,
        team: Team,
        optimizer: torch.optim.Optimizer,
        rate: Callable[[int], float],
        anchor: dict[str, Tensor] | None = None,
        blend: float = 1.0,
    ) -> None:
        team.check_batch(settings.batch_size)
        self._kind = team.device.partition(":")[0]
        if settings.precision == "fp16" and self._kind != "cuda":
            raise SettingsError(f"The precision 'fp16' needs a CUDA device, not {self._kind!r}: use bf16 or fp32.")
        self.network, self.step = network, 0
        self.notes: list[str] = []
        self._batches, self._objective, self._settings, self._team = batches, objective, settings, team
        team.take_weights_of_leader(network)
        self._optimizer, self._rate = optimizer, rate
        self._anchor, self._blend = (anchor, blend) if blend < 1 else (None, 1.0)
        self._scaler = torch.amp.GradScaler(self._kind, enabled=settings.precision == "fp16")
        self._average = _copied(network.state_dict()) if settings.average else None
        self._part = settings.batch_size // team.size
        self.precision = settings.precision
        self.ahead = self._kind == "cuda"
        self._next_batch: tuple[int, Any] | None = None
        if self._kind == "cuda":
            # All steps have the same sizes: the fastest way through a convolution is worth a search.
            torch.backends.cudnn.benchmark = True

    @property
    def weights(self) -> dict[str, Tensor]:
        """The weights to validate and to save: their running average, where there is one, drawn to the anchor."""
        own = self._average if self._average is not None else self.network.state_dict()
        if self._anchor is None:
            return own
        return {
            name: self._anchor[name].lerp(value, self._blend) if value.is_floating_point() else value
            for name, value in own.items()
        }

    @property
    def learning_rate(self) -> float:
        """The learning rate of the next step."""
        return self._rate(self.step)

    def advance(self) -> dict[str, float]:
        """Do one step and return the mean losses of its batch.

        Raises
        ------
        SettingsError
            If the loss is no finite number any more.
        DeviceError
            If there is not enough memory for a single frame.
        """
        for group in self._optimizer.param_groups:
            group["lr"] = self.learning_rate
        losses = self._gradient(self._batch(self.step))
        if not math.isfinite(losses[TOTAL]):
            raise SettingsError(
                f"The loss is no finite number any more at step {self.step + 1}: use a smaller learning rate, "
                "or limit the gradient (clip)."
            )
        self._scaler.unscale_(self._optimizer)
        if self._settings.clip is not None:
            nn.utils.clip_grad_norm_(self.network.parameters(), self._settings.clip)
        self._scaler.step(self._optimizer)
        self._scaler.update()
        self._optimizer.zero_grad(set_to_none=True)
        self.step += 1
        self._update_average()
        return losses

    @torch.no_grad()
    def evaluate(self, batch: Any) -> dict[str, float]:
        """Return the mean losses of a batch with the weights to be saved."""
        with self.saved_weights(), self._autocast():
            losses = self._objective(self.network, batch)
        return {name: float(value.mean()) for name, value in losses.items()}

    @contextlib.contextmanager
    def saved_weights(self) -> Iterator[nn.Module]:
        """Lend the network with the weights to be saved, in evaluation mode."""
        others = self._average is not None or self._anchor is not None
        own = _copied(self.network.state_dict()) if others else None
        modes = [(module, module.training) for module in self.network.modules()]
        if others:
            self.network.load_state_dict(self.weights)
        self.network.eval()
        try:
            yield self.network
        finally:
            if own is not None:
                self.network.load_state_dict(own)
            for module, mode in modes:
                module.training = mode

    def state(self) -> dict[str, Any]:
        """Return everything that the next steps depend on."""
        return {
            "step": self.step,
            "network": self.network.state_dict(),
            "average": self._average,
            "optimizer": self._optimizer.state_dict(),
            "scaler": self._scaler.state_dict(),
            "part": self._part,
            "precision": self.precision,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from :meth:`state`."""
        self.network.load_state_dict(state["network"])
        if self._average is not None:
            self._average = {name: value.to(self._team.device) for name, value in state["average"].items()}
        self._optimizer.load_state_dict(state["optimizer"])
        self._scaler.load_state_dict(state["scaler"])
        self._part = min(self._part, int(state["part"]))
        # What is fastest on this machine may not be what the training started with.
        self.precision = str(state.get("precision", self.precision))
        self.step = int(state["step"])

    def _batch(self, step: int) -> Any:
        """Return the batch of a step, which may have been made ahead."""
        made, self._next_batch = self._next_batch, None
        if made is not None and made[0] == step:
            return made[1]
        return self._batches.make(step, self._team.rank, self._team.size)

    def _gradient(self, batch: Any) -> dict[str, float]:
        """Run a batch forward and backward in parts that fit into memory; the gradient is that of the whole."""
        while True:
            try:
                return self._in_parts(batch)
            except (torch.OutOfMemoryError, MemoryError, RuntimeError) as error:
                if not (isinstance(error, MemoryError) or out_of_memory(error)):
                    raise
                self._take_smaller_parts(error)

    def _take_smaller_parts(self, error: BaseException) -> None:
        self._optimizer.zero_grad(set_to_none=True)
        if self._kind == "cuda":
            torch.cuda.empty_cache()
        if self._part == 1 or self._team.size > 1:
            advice = "a smaller batch or crop" if self._part > 1 else "a smaller crop"
            raise DeviceError(f"Not enough memory on {self._team.device} to train: choose {advice}.") from error
        self._part = (self._part + 1) // 2
        self.notes.append(f"Out of memory on {self._team.device}: batch halved to parts of {self._part}.")

    def _in_parts(self, batch: Any) -> dict[str, float]:
        count = len(batch)
        sums: dict[str, Tensor] = {}
        for start in range(0, count, self._part):
            stop = min(count, start + self._part)
            with self._autocast():
                losses = self._objective(self.network, batch.part(start, stop))
                torch.autograd.backward(self._scaler.scale(losses[TOTAL].sum() / count))
            for name, value in losses.items():
                sums[name] = sums.get(name, torch.zeros((), device=value.device)) + value.detach().sum()
        if self.ahead:
            # The device still computes: it is waited for below.
            self._next_batch = (self.step + 1, self._batch(self.step + 1))
        self._team.average_gradients(self.network)
        means = self._team.mean(torch.stack(list(sums.values())) / count)
        return dict(zip(sums, means.tolist(), strict=True))

    def _autocast(self) -> contextlib.AbstractContextManager[Any]:
        if self.precision in ("auto", "fp32"):
            return contextlib.nullcontext()
        return torch.autocast(self._kind, AUTOCAST[self.precision])

    def _update_average(self) -> None:
        if self._average is None:
            return
        # A fresh average follows the weights until it has seen enough of them.
        decay = min(self._settings.average, (self.step + 1) / (self.step + 10))
        for name, value in self.network.state_dict().items():
            if value.is_floating_point():
                self._average[name].lerp_(value, 1 - decay)
            else:  # a counter
                self._average[name].copy_(value)


def _copied(state: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in state.items()}
