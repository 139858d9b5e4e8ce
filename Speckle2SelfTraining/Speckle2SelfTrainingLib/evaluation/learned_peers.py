"""Learned methods of optional packages, run on the CPU and without any download.

They live in an environment of their own: ``Testing/Benchmarks/peers-requirements.txt``. Noise2Void and
Neighbor2Neighbor learn from the frames that they then clean, all together; Deep Image Prior from each frame alone.
"""

from __future__ import annotations

import logging
import os
import sys
import tempfile
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from .frames import Unit

FRAMES = 2  # per set: each takes minutes
SEED = 777
PATCH, BATCH, EPOCHS = 64, 16, 30  # CAREamics' epochs; patches and batch of its examples

DIP_STEPS = 300


def missing(name: str) -> str:
    """Return why a learned peer whose package is installed cannot run here, or nothing."""
    return _missing_zea_weights() if name == "zea" else ""


def noise2void(frames: Sequence[Unit]) -> list[Unit]:
    """Noise2Void (Krull et al. 2019) of CAREamics, trained on these frames.

    Parameters
    ----------
    frames : sequence of float32 arrays (H, W)
        All of one size.
    """
    _prepare()
    from careamics.careamist import CAREamist
    from careamics.config.factories import create_advanced_n2v_config

    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    rows, columns = frames[0].shape
    stack = np.stack([_padded(frame, 32) for frame in frames])
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        config = create_advanced_n2v_config(
            experiment_name="noise2void",
            data_type="array",
            axes="SYX",
            patch_size=[PATCH, PATCH],
            batch_size=BATCH,
            num_epochs=EPOCHS,
            num_workers=0,
            seed=SEED,
        )
        network = CAREamist(config, work_dir=folder, enable_progress_bar=False)
        network.train(train_data=stack)
        predicted, _ = network.predict(stack)
    cleaned = np.concatenate([np.reshape(one, (-1, *stack.shape[1:])) for one in predicted])
    return [np.asarray(one[:rows, :columns], np.float32) for one in cleaned]


def neighbor2neighbor(frames: Sequence[Unit]) -> list[Unit]:
    """Neighbor2Neighbor (Huang et al. 2021) with loss and U-Net of DeepInverse, trained on these frames.

    Adam at 5e-4 as in its examples, and as many passes over patches as Noise2Void gets.

    Parameters
    ----------
    frames : sequence of float32 arrays (H, W)
        All of one size.
    """
    _prepare()
    import deepinv
    import torch

    generator = torch.Generator().manual_seed(SEED)
    network = deepinv.models.ArtifactRemoval(deepinv.models.UNet(in_channels=1, out_channels=1, scales=4))
    loss, physics = deepinv.loss.Neighbor2Neighbor(), deepinv.physics.Denoising()
    optimizer = torch.optim.Adam(network.parameters(), lr=5e-4)
    stack = torch.from_numpy(np.stack([_padded(frame, 16) for frame in frames])[:, None])
    for _ in range(max(1, EPOCHS * stack.numel() // (BATCH * PATCH**2))):
        optimizer.zero_grad()
        error = loss(y=_patches(stack, generator), physics=physics, model=network)
        error.backward()
        optimizer.step()
    network.eval()
    rows, columns = frames[0].shape
    with torch.inference_mode():
        cleaned = [network(one[None], physics)[0, 0].numpy() for one in stack]
    return [np.asarray(one[:rows, :columns], np.float32) for one in cleaned]


def deep_image_prior(frames: Sequence[Unit]) -> list[Unit]:
    """Deep Image Prior (Ulyanov et al. 2018) of DeepInverse: a decoder of 64 channels, Adam at 0.01.

    Its 2500 steps take over an hour per frame on one CPU core, so that it stops, early as it should, after
    `DIP_STEPS`.
    """
    _prepare()
    import deepinv
    import torch

    cleaned = []
    for frame in frames:
        network = deepinv.models.ConvDecoder(img_size=(1, *frame.shape), in_size=(2, 2), channels=64)
        prior = deepinv.models.DeepImagePrior(network, img_size=(64, 2, 2), iterations=DIP_STEPS)
        picture = prior(torch.from_numpy(frame)[None, None], deepinv.physics.Denoising())
        cleaned.append(np.asarray(picture.detach()[0, 0].numpy(), np.float32))
    return cleaned


def zea_port(frames: Sequence[Unit]) -> list[Unit]:
    """Run the Keras port of the published network in zea, with the weights it keeps on this machine."""
    os.environ.setdefault("KERAS_BACKEND", "torch")
    import torch

    model = _zea_model()
    return [np.asarray(model(torch.from_numpy(frame)[None, ..., None]).cpu()[0, ..., 0]) for frame in frames]


def _zea_model() -> Any:
    os.environ["HF_HUB_OFFLINE"] = "1"  # never download
    from zea.models.speckle2self import Speckle2Self

    return Speckle2Self.from_preset("speckle2self-invivo")


def _missing_zea_weights() -> str:
    os.environ.setdefault("KERAS_BACKEND", "torch")
    try:
        _zea_model()
    except Exception as error:  # whatever a hub client raises without a network
        return f"not measured: its weights are not on this machine ({type(error).__name__})"
    return ""


def _prepare() -> None:
    """Seed torch, and let torchvision load without its compiled part.

    PyPI's torchvision for Linux is built for CUDA; beside a torch for the CPU its library of operators does not load,
    and it fails on declaring two that nothing here uses.
    """
    import torch

    torch.manual_seed(SEED)
    if "torchvision" in sys.modules:
        return
    try:
        import torchvision  # noqa: F401
    except RuntimeError:
        library: Any = torch.library.Library  # untyped
        declared = library("torchvision", "DEF")
        for name in ("nms", "qnms"):
            declared.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        _DECLARED.append(declared)


_DECLARED: list[Any] = []  # operators live as long as the library object that declared them


def _padded(frame: Unit, multiple: int) -> Unit:
    rows, columns = (-length % multiple for length in frame.shape)
    return np.pad(frame, ((0, rows), (0, columns)), mode="reflect")


def _patches(stack: Any, generator: Any) -> Any:
    """Return random patches (BATCH, 1, PATCH, PATCH) of frames (N, 1, H, W)."""
    import torch

    limits = (len(stack), stack.shape[2] - PATCH + 1, stack.shape[3] - PATCH + 1)
    places = zip(*(torch.randint(limit, (BATCH,), generator=generator).tolist() for limit in limits), strict=True)
    return torch.stack([stack[index, :, row : row + PATCH, left : left + PATCH] for index, row, left in places])
