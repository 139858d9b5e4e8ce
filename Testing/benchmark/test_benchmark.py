"""The benchmark: what it writes, from which values its ratios come, and what it says about what it cannot measure."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from Speckle2SelfLib.__main__ import main
from Speckle2SelfLib.network import NetworkOptions, SpeckleNetwork
from Speckle2SelfTrainingLib.benchmark import command, despeckling, job, known_peers, peaks, remote, roofline, startup
from Speckle2SelfTrainingLib.benchmark.clock import Timing, interleaved
from Speckle2SelfTrainingLib.benchmark.contestants import AUTHORS, LIVE, OURS, PLAIN, Contestant, Missing, each, peers
from Speckle2SelfTrainingLib.benchmark.frames import LongSweep, distinct_frames
from Speckle2SelfTrainingLib.benchmark.rows import Results, Row
from Speckle2SelfTrainingLib.benchmark.settings import SECTIONS, BenchmarkSettings
from Speckle2SelfTrainingLib.benchmark.summary import summary_lines
from Speckle2SelfTrainingLib.benchmark.targets import targets
from Speckle2SelfTrainingLib.benchmark.ways import AuthorsWay, PlainWay

FILES = ["speed.csv", "speed.json", "speed.md", "speed.png"]


@pytest.fixture(scope="module")
def quick_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of one quick run of the command."""
    folder = tmp_path_factory.mktemp("speed")
    few = ["--sizes", "64x80", "--repeats", "1", "--peers", "median,bm3d"]
    assert main(["benchmark", "--quick", "--output", str(folder), *few]) == 0
    return folder


@pytest.fixture(scope="module")
def rows(quick_run: Path) -> list[dict[str, Any]]:
    """The rows of that run."""
    content: list[dict[str, Any]] = json.loads((quick_run / "speed.json").read_text(encoding="utf-8"))["rows"]
    return content


def test_a_quick_run_writes_all_its_files(quick_run: Path) -> None:
    assert sorted(path.name for path in quick_run.iterdir()) == FILES
    assert (quick_run / "speed.png").read_bytes().startswith(b"\x89PNG")
    text = (quick_run / "speed.md").read_text(encoding="utf-8")
    assert "## Targets" in text
    assert str(quick_run.parent) not in text


def test_a_quick_run_has_rows_of_every_section(rows: list[dict[str, Any]]) -> None:
    assert {row["section"] for row in rows} == set(SECTIONS)
    assert all(row["value"] is not None or row["note"] for row in rows)


def test_the_tables_hold_the_same_rows(quick_run: Path, rows: list[dict[str, Any]]) -> None:
    with open(quick_run / "speed.csv", encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    assert [row["method"] for row in table] == [row["method"] for row in rows]
    for written, row in zip(table, rows, strict=True):
        assert (written["value"] == "") == (row["value"] is None)
        assert not written["value"] or float(written["value"]) == pytest.approx(row["value"], rel=1e-4, abs=1e-9)


def test_every_way_is_measured_at_every_size(rows: list[dict[str, Any]]) -> None:
    for method in (OURS, AUTHORS, PLAIN):
        for measure in (despeckling.LATENCY, despeckling.THROUGHPUT):
            found = {row["size"] for row in rows if (row["method"], row["measure"]) == (method, measure)}
            assert found == {"96x96", "64x80"}, (method, measure)
    assert {row["size"] for row in rows if row["method"] == "Median"} == {"96x96"}


def test_the_peak_memory_of_a_command_is_more_than_its_frames(rows: list[dict[str, Any]]) -> None:
    peaks = [row["value"] for row in rows if (row["section"], row["measure"]) == ("command", command.MEMORY)]
    assert len(peaks) == 2
    assert all(peak is None or peak > 50 for peak in peaks)


def test_the_peak_memory_of_a_command_is_not_that_of_who_measures_it() -> None:
    ballast = np.ones(2**28, np.uint8)  # 256 MiB
    _, peak = command.run(["--version"])
    assert peak is None or peak < 200
    assert ballast.all()


def test_the_stages_of_a_start_add_up(rows: list[dict[str, Any]]) -> None:
    stages = {row["measure"]: row["value"] for row in rows if row["section"] == "startup"}
    before = [stages[name] for name in startup.STAGES[: startup.STAGES.index("first frame") + 1]]
    assert sum(before) == pytest.approx(stages[startup.TOTAL], rel=1e-6)  # of one start: medians of several may differ


def test_the_shares_of_a_peak_are_shares(rows: list[dict[str, Any]]) -> None:
    shares = [row["value"] for row in rows if row["section"] == "roofline" and row["unit"] == "%"]
    assert shares
    assert all(share is None or share > 0 for share in shares)


def test_a_method_that_is_not_installed_is_said_and_skipped(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(known_peers.KnownPeer, "missing", lambda self: "" if self.title == "Median" else "not there")
    settings = BenchmarkSettings.quick(peers=("zea", "median"))
    first, second = peers(settings)
    assert first == Missing("zea on PyTorch", "not there")
    assert not isinstance(second, Missing)
    results = Results({}, {})
    results.add([Row("despeckling", "zea on PyTorch", despeckling.THROUGHPUT, None, "frames/s", note="not there")])
    assert results.value("despeckling", despeckling.THROUGHPUT) is None


def test_ratios_are_of_values_of_the_same_run() -> None:
    results = Results({"reference_text": "512x512"})
    for method, rate in ((OURS, 12.0), (AUTHORS, 1.0), (PLAIN, 4.0), ("NLM", None)):
        note = "" if rate else "not measured: no reason"
        results.add([Row("despeckling", method, despeckling.THROUGHPUT, rate, "frames/s", "cpu", "512x512", note=note)])
    # of another size and device, and so of no concern
    results.add([Row("despeckling", OURS, despeckling.THROUGHPUT, 99.0, "frames/s", "cpu", "256x256")])
    results.add([Row("despeckling", PLAIN, despeckling.THROUGHPUT, 99.0, "frames/s", "cuda", "512x512")])
    found = {target.text: (target.value, target.reached) for target in targets(results)}
    assert found == {
        f"sweep at 512x512 against {AUTHORS}": (12.0, True),
        f"sweep at 512x512 against {PLAIN}": (3.0, False),
    }


def test_growth_is_judged_by_what_a_further_frame_costs() -> None:
    results = Results({"reference_text": "512x512"})
    for frames, seconds in ((1, 3.1), (10, 4.0), (100, 13.0), (1000, 121.0)):
        results.add([Row("command", OURS, command.SECONDS, seconds, "s", "cpu", "512x512", frames)])
    change, first = sorted(targets(results), key=lambda target: target.text)
    assert "from 100 to 1000 frames" in change.text
    assert change.value == pytest.approx(20)
    assert not change.reached
    assert (first.value, first.limit) == (3.1, 4)


def test_repeats_are_interleaved_warm_and_end_when_patience_does() -> None:
    order: list[str] = []
    now = [0.0]

    def run(name: str, seconds: float) -> Any:
        def do() -> None:
            order.append(name)
            now[0] += seconds

        return do

    timings = interleaved(
        {"a": run("a", 1), "b": run("b", 4), "slow": run("slow", 50)}, 4, patience=7, clock=lambda: now[0]
    )
    assert "".join(order[:3]) == "abslow"
    assert order[3:] == ["a", "b", "a", "b", "a", "a"]
    assert (timings["a"].seconds, timings["b"].seconds, timings["slow"].seconds) == ([1] * 4, [4, 4], [50])
    assert (timings["a"].warm, timings["slow"].warm) == (True, False)


def test_percentiles_are_times_that_were_measured() -> None:
    timing = Timing([float(value) for value in range(1, 21)])
    assert timing.percentile(0.95) == 19
    assert timing.percentile(1.0) == 20
    assert Timing([3.0]).percentile(0.95) == 3


def test_a_95th_percentile_needs_several_repeats() -> None:
    slow = Contestant("slow", "cpu", lambda frame: frame, each(lambda frame: frame))
    few, several = Timing([9.0], warm=False), Timing([float(value) for value in range(1, 6)])
    assert [row.measure for row in despeckling._latency_rows(slow, (64, 80), few)] == [despeckling.LATENCY]
    median, high = despeckling._latency_rows(slow, (64, 80), several)
    assert (median.value, high.measure, high.value) == (3000, despeckling.LATENCY_95, 5000)


def test_operations_and_bytes_are_those_of_a_network_counted_by_hand() -> None:
    class OneConvolution(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = torch.nn.Conv2d(1, 4, 3, padding=1)

        def despeckle(self, frames: torch.Tensor, strength: float) -> torch.Tensor:
            return self.layer(frames)

    operations, moved = roofline.cost(OneConvolution(), torch.zeros(1, 1, 10, 12), width=2)
    assert operations == 2 * 10 * 12 * 4 * 9
    assert moved == 2 * (10 * 12 + 4 * 10 * 12 + 4 * 9 + 4)


def test_the_authors_way_gives_the_published_output(a_model: str) -> None:
    frame = distinct_frames((64, 80))[0]
    way = AuthorsWay("cpu")
    single = SpeckleNetwork(NetworkOptions(), 1).eval()
    single.load_state_dict(
        {name: value for name, value in way._network.state_dict().items() if name in single.state_dict()}
    )
    plain = PlainWay(a_model, "cpu")
    plain._network = single
    np.testing.assert_allclose(way(frame), np.clip(plain(frame), 0, 1), atol=1e-4)


def test_a_long_sweep_takes_no_memory_and_ends() -> None:
    frames = distinct_frames((64, 80))
    sweep = LongSweep(frames, 1000)
    assert len(sweep) == 1000
    assert sweep[999] is not None
    assert np.shares_memory(sweep[5], frames)
    with pytest.raises(IndexError):
        sweep[1000]
    assert sum(1 for _ in iterate(sweep)) == 1000


def iterate(sweep: LongSweep) -> Iterator[np.ndarray]:
    return (sweep[index] for index in range(len(sweep)))


def test_a_method_in_another_python_is_measured_there() -> None:
    peer = remote.RemotePeer(sys.executable, "median", "Median")
    assert peer.missing() == ""
    assert peer(distinct_frames((64, 80))[0]) == {"done": True}
    assert peer(distinct_frames((64, 80))) == {"done": True}
    nowhere = remote.RemotePeer(str(Path(sys.executable).with_name("no-such-python")), "median", "Median")
    assert "cannot be started" in nowhere.missing()


def test_what_fails_in_another_python_is_an_error_and_never_a_fast_frame() -> None:
    peer = remote.RemotePeer(sys.executable, "median", "Median")
    assert peer.missing() == ""
    with pytest.raises(RuntimeError, match="ValueError"):
        peer(np.array(["no frame"]))
    assert peer(distinct_frames((64, 80))[0]) == {"done": True}  # and it goes on
    assert peer._process is not None
    peer._process.kill()
    peer._process.wait()
    with pytest.raises(RuntimeError, match="ended before Median was done"):
        peer(distinct_frames((64, 80))[0])


def test_a_way_that_fails_is_named_and_the_others_are_measured() -> None:
    def fail() -> None:
        raise ValueError("no such frame\nand more")

    timings = interleaved({"good": lambda: None, "bad": fail}, 3, patience=10)
    assert (timings["bad"].failure, timings["bad"].seconds) == ("ValueError: no such frame", [])
    assert (timings["good"].failure, len(timings["good"].seconds)) == ("", 3)


def test_a_section_that_fails_is_named_and_the_others_are_measured(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def fail(settings: BenchmarkSettings, say: Any) -> Iterator[Row]:
        yield Row("roofline", OURS, "memory peak", 3.0, "GB/s")
        raise RuntimeError("the profiler is broken")

    monkeypatch.setattr(roofline, "measure", fail)
    some = ["--quick", "--only", "roofline", "simulator", "--output", str(tmp_path)]
    assert main(["benchmark", *some]) == 1
    assert "The section roofline failed: RuntimeError: the profiler is broken" in capsys.readouterr().err
    content = json.loads((tmp_path / "speed.json").read_text(encoding="utf-8"))
    assert {row["section"] for row in content["rows"]} == {"roofline", "simulator"}
    assert "the rest of the section roofline: failed" in (tmp_path / "speed.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("folder_was_there", [False, True])
def test_an_interrupted_run_leaves_nothing_behind(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, folder_was_there: bool
) -> None:
    def interrupted(settings: BenchmarkSettings, say: Any) -> Results:
        raise KeyboardInterrupt

    folder = tmp_path / "speed"
    if folder_was_there:
        folder.mkdir()
        (folder / "speed.csv").write_text("of the last run", encoding="utf-8")
    monkeypatch.setattr(job, "run", interrupted)
    assert main(["benchmark", "--quick", "--output", str(folder)]) != 0
    assert folder.exists() == folder_was_there
    if folder_was_there:
        assert [path.name for path in folder.iterdir()] == ["speed.csv"]
        assert (folder / "speed.csv").read_text(encoding="utf-8") == "of the last run"


@pytest.mark.parametrize("precision", ["fp32", "bf16", "int8"])
def test_the_largest_rate_is_measured_in_the_precision_asked_for(precision: str) -> None:
    assert peaks.matmul_peak("cpu", precision, side=64) > 0
    assert set(peaks.WIDTHS) == {*peaks.DTYPES, "int8"}


def test_models_in_a_lower_precision_are_held_against_fp32(rows: list[dict[str, Any]]) -> None:
    lower = {
        row["method"]
        for row in rows
        if row["section"] == "despeckling" and row["note"] in ("precision bf16", "precision int8")
    }
    held = {row["method"]: row["value"] for row in rows if row["measure"] == despeckling.AGREEMENT}
    assert {name for name in lower if not name.endswith(LIVE)} <= set(held)
    assert all(value >= 45 for value in held.values())


def test_the_summary_says_how_much_faster_than_what() -> None:
    results = Results({"reference_text": "512x512"})
    for method, rate in ((OURS, 12.0), (f"{OURS}, live", 24.0), (AUTHORS, 1.5)):
        results.add([Row("despeckling", method, despeckling.THROUGHPUT, rate, "frames/s", "cpu", "512x512")])
    text = "\n".join(summary_lines(results))
    assert "**12 frames per second**, **24**" in text
    assert f"| {AUTHORS} | 667 ms | 8 x as fast | 16 x as fast |" in text


@pytest.mark.parametrize(
    ("option", "word"),
    [
        (["--sizes", "large"], "--sizes"),
        (["--sizes", "8"], "--sizes"),
        (["--repeats", "0"], "--repeats"),
        (["--only", "everything"], "--only"),
        (["--peers", "photoshop"], "--peers"),
        (["--device", "tpu"], "device"),
    ],
)
def test_bad_options_are_refused_before_any_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], option: list[str], word: str
) -> None:
    assert main(["benchmark", "--quick", "--output", str(tmp_path / "out"), *option]) == 1
    said = capsys.readouterr().err
    assert word in said
    assert "\n" not in said.strip()
    assert not (tmp_path / "out").exists()


def test_a_file_in_the_place_of_the_folder_is_refused_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "speed").write_text("mine", encoding="utf-8")
    assert main(["benchmark", "--quick", "--output", str(tmp_path / "speed")]) == 1
    assert "is a file: give a folder" in capsys.readouterr().err
    assert (tmp_path / "speed").read_text(encoding="utf-8") == "mine"
