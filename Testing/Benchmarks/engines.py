"""Ways to run the network on this machine's CPU: time per frame, difference from fp32, and time until the first frame.

Run it with::

    python Testing/Benchmarks/engines.py [--size 512] [--repeats 10]

ONNX Runtime and OpenVINO are measured where they are installed (``pip install onnx onnxruntime openvino``), compiling
where there is a compiler. One thread computes, as in a sweep, where every processor has a frame of its own; its
processor time is taken, and repeats of all ways are interleaved, so that other programs hardly disturb the comparison.
"""

from __future__ import annotations

import argparse
import importlib.util
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / name) for name in ("Speckle2Self", "Speckle2SelfTraining")]

import numpy as np  # noqa: E402 - the libraries are found through the line above
import torch  # noqa: E402
from Speckle2SelfLib.bundle import load_bundle  # noqa: E402
from Speckle2SelfLib.engine import Engine  # noqa: E402
from Speckle2SelfLib.frame_path.strength import plan_strength  # noqa: E402
from Speckle2SelfLib.network import ConvUnit  # noqa: E402
from Speckle2SelfLib.settings import DEFAULT_STRENGTH  # noqa: E402
from Speckle2SelfTrainingLib.simulation.sweep import simulate_sweep  # noqa: E402
from torch import Tensor, nn  # noqa: E402

Way = Callable[[Tensor], Tensor]
CALIBRATION_FRAMES = 6


class AtOneStrength(nn.Module):
    """The network at the default strength, so that it takes one input; computes in `dtype`."""

    def __init__(self, dtype: torch.dtype = torch.float32) -> None:
        super().__init__()
        bundle = load_bundle("default")
        self.network = bundle.network().to(dtype)
        self.dtype = dtype
        self.condition = plan_strength(DEFAULT_STRENGTH, bundle.strongest).condition

    def forward(self, frames: Tensor) -> Tensor:
        """(N, 1, H, W) to the same shape."""
        given = frames.to(self.dtype)
        second = torch.full_like(given, self.condition)
        stages = self.network.encoder_highRes(torch.cat([given, second], 1))
        return frames + self.network.decoder(stages).to(frames.dtype)


def channels_last(module: nn.Module) -> nn.Module:
    """Return the module with its weights in the order that is fastest on a CPU."""
    return module.to(memory_format=torch.channels_last)


def eager(dtype: torch.dtype = torch.float32, *, last: bool = True) -> Way:
    """PyTorch as it is."""
    module = AtOneStrength(dtype).eval()
    return channels_last(module) if last else module


def shipped(precision: str) -> Way:
    """What the despeckler does in a precision, calibration of the model included."""
    bundle = load_bundle("default")
    engine = Engine(bundle.network(), "cpu", precision, calibration=bundle.calibration)
    condition = plan_strength(DEFAULT_STRENGTH, bundle.strongest).condition
    return lambda frames: engine.run(frames, condition)


def by_autocast() -> Way:
    """Weights stay fp32, autocast computes in bf16."""
    module = channels_last(AtOneStrength().eval())

    def run(frames: Tensor) -> Tensor:
        with torch.autocast("cpu", torch.bfloat16):
            return module(frames)

    return run


def frozen(example: Tensor) -> Way:
    """Trace and freeze, which fuses ReLUs into convolutions and orders the weights once."""
    return torch.jit.freeze(torch.jit.trace(eager(torch.bfloat16), example))


def without_identities(module: nn.Module) -> nn.Module:
    """Leave out norms that do nothing: they hide from PyTorch that a ReLU follows a convolution."""
    for name, part in module.named_children():
        if isinstance(part, ConvUnit):
            relu = [] if isinstance(part.relu, nn.Identity) else [nn.ReLU()]
            setattr(module, name, nn.Sequential(part.conv, *relu))
        else:
            without_identities(part)
    return module


def quantized(calibration: Tensor) -> Way:
    """int8 by PyTorch's own static quantization; transposed convolutions stay fp32, which its fast kernels lack."""
    from torch.ao.quantization import HistogramObserver, PerChannelMinMaxObserver, QConfig, QConfigMapping
    from torch.ao.quantization.quantize_fx import convert_fx, prepare_fx

    torch.backends.quantized.engine = "onednn"
    weights = PerChannelMinMaxObserver.with_args(dtype=torch.qint8, qscheme=torch.per_channel_symmetric)
    how = QConfig(HistogramObserver.with_args(dtype=torch.quint8, reduce_range=False), weights)
    mapping = QConfigMapping().set_global(how).set_object_type(nn.ConvTranspose2d, None)
    observed = prepare_fx(without_identities(AtOneStrength().eval()), mapping, (calibration[:1],))
    for frame in calibration.split(1):
        observed(frame)
    return convert_fx(observed)


def onnx_file(folder: Path, example: Tensor) -> Path:
    """Write the network for the other engines."""
    path = folder / "network.onnx"
    torch.onnx.export(eager(last=False), (example,), path, input_names=["frame"], dynamo=False)
    return path


def int8_file(folder: Path, calibration: Tensor) -> Path:
    """Write the network in int8, calibrated on simulated frames."""
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    class Frames(CalibrationDataReader):
        def __init__(self) -> None:
            self.frames = iter({"frame": frame.numpy()} for frame in calibration.split(1))

        def get_next(self) -> dict[str, np.ndarray] | None:
            return next(self.frames, None)

    prepared, path = folder / "prepared.onnx", folder / "int8.onnx"
    quant_pre_process(onnx_file(folder, calibration[:1]), prepared)
    kinds = {"activation_type": QuantType.QUInt8, "weight_type": QuantType.QInt8}
    quantize_static(prepared, path, Frames(), quant_format=QuantFormat.QDQ, per_channel=True, **kinds)
    return path


def onnx_runtime(path: Path) -> Way:
    """Run a file with ONNX Runtime."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return lambda frames: torch.from_numpy(session.run(None, {"frame": frames.contiguous().numpy()})[0])


def open_vino(path: Path, precision: str) -> Way:
    """Run a file with OpenVINO."""
    import openvino

    hints = {"INFERENCE_PRECISION_HINT": precision, "INFERENCE_NUM_THREADS": torch.get_num_threads()}
    model = openvino.Core().compile_model(path, "CPU", {**hints, "PERFORMANCE_HINT": "LATENCY"})
    return lambda frames: torch.from_numpy(model(frames.contiguous().numpy())[0])


def ways(frames: Tensor, folder: Path) -> Iterator[tuple[str, Callable[[], Way]]]:
    """Yield the name of every way that can be tried here and what makes it."""
    example, rest = frames[:1], frames[1:]
    yield "PyTorch fp32", lambda: eager(last=False)
    yield "PyTorch fp32, channels last", eager
    yield "PyTorch bf16 by autocast, channels last (what ships for models without calibration)", by_autocast
    yield "PyTorch bf16 weights, channels last", lambda: eager(torch.bfloat16)
    yield "PyTorch bf16, traced and frozen", lambda: frozen(example)
    yield "PyTorch fp32, torch.compile", lambda: torch.compile(eager())
    yield "PyTorch bf16, torch.compile", lambda: torch.compile(eager(torch.bfloat16))
    yield "PyTorch int8, our own engine (what ships)", lambda: shipped("int8")
    yield "PyTorch int8 by its own static quantization", lambda: quantized(rest)
    installed = {name: importlib.util.find_spec(name) is not None for name in ("onnx", "onnxruntime", "openvino")}
    if installed["onnx"] and installed["onnxruntime"]:
        yield "ONNX Runtime fp32", lambda: onnx_runtime(onnx_file(folder, example))
        yield "ONNX Runtime int8, static", lambda: onnx_runtime(int8_file(folder, rest))
    if installed["onnx"] and installed["openvino"]:
        yield "OpenVINO fp32", lambda: open_vino(onnx_file(folder, example), "f32")
        yield "OpenVINO bf16", lambda: open_vino(onnx_file(folder, example), "bf16")
        if installed["onnxruntime"]:
            yield "OpenVINO int8", lambda: open_vino(int8_file(folder, rest), "f32")


def main() -> int:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--repeats", type=int, default=10)
    options = parser.parse_args()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    sweep = simulate_sweep(np.random.default_rng(7), frames=CALIBRATION_FRAMES + 1, size=(options.size, options.size))
    frames = torch.from_numpy(np.stack([frame.speckled for frame in sweep]))[:, None].float() / 255
    made: dict[str, tuple[Way, float]] = {}
    with torch.inference_mode(), tempfile.TemporaryDirectory() as folder:
        for name, make in ways(frames, Path(folder)):
            start = time.perf_counter()
            try:
                way = make()
                way(frames[:1])
            except Exception as error:  # an engine that does not run here is left out of the table
                print(f"{name}: {type(error).__name__}: {str(error).splitlines()[0][:100]}", file=sys.stderr)
                continue
            made[name] = (way, time.perf_counter() - start)
        report(frames[:1].contiguous(), made, options.repeats)
    return 0


def report(frame: Tensor, made: dict[str, tuple[Way, float]], repeats: int) -> None:
    """Print one row per way."""
    seconds: dict[str, list[float]] = {name: [] for name in made}
    results: dict[str, Tensor] = {}
    for _ in range(repeats):
        for name, (way, _) in made.items():
            start = time.process_time()
            results[name] = way(frame)
            seconds[name].append(time.process_time() - start)
    names = list(made)
    print(
        "| way | ms per frame | times as fast as fp32 | PSNR against fp32, dB | first frame after, s |\n"
        + "|---" * 5
        + "|"
    )
    for name in names:
        ratio = statistics.median(a / b for a, b in zip(seconds[names[0]], seconds[name], strict=True))
        error = float(((results[name] - results[names[0]]) ** 2).mean())
        psnr = "same" if error < 1e-12 else f"{-10 * np.log10(error):.1f}"
        row = f"{1000 * statistics.median(seconds[name]):.0f} | {ratio:.2f} | {psnr} | {made[name][1]:.1f}"
        print(f"| {name} | {row} |")


if __name__ == "__main__":
    sys.exit(main())
