"""Training on nodes of the scene, with the real worker process."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scene_support import scene_text, speckled
from Speckle2SelfLib import Despeckler
from Speckle2SelfLib.bundle import load_bundle
from Speckle2SelfLib.errors import Cancelled, InputError, ModelError, OutputError, SettingsError, WorkerError
from Speckle2SelfTrainingLib.scene import SceneTrainer
from Speckle2SelfTrainingLib.worker.task import TrainingStage

QUICK = {"steps": 3, "crop": 32, "batch_size": 2, "validate_every": 2}
ENDLESS = {**QUICK, "steps": 100000}


@pytest.fixture(autouse=True)
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of trained models of this test."""
    monkeypatch.setenv("SPECKLE2SELF_MODELS", str(tmp_path / "models"))
    return tmp_path / "models"


@pytest.fixture
def trainer(a_scene: Any, a_worker: Any) -> SceneTrainer:
    return SceneTrainer(client=a_worker)


@pytest.fixture
def train(trainer: SceneTrainer) -> Callable[..., Path]:
    """Train a few steps on the CPU."""

    def run(nodes: Any, output: Any = None, **options: Any) -> Path:
        return trainer.train(nodes, output=output, **{"settings": QUICK, "device": "cpu", **options})

    return run


@pytest.fixture
def no_worker(a_scene: Any) -> SceneTrainer:
    """A trainer whose worker must not be needed: it does not exist."""
    from Speckle2SelfLib.worker import WorkerClient

    return SceneTrainer(client=WorkerClient(command=["/no/such/worker"]))


def metadata_of(bundle: Path) -> dict[str, Any]:
    values: dict[str, Any] = json.loads((bundle / "configs" / "metadata.json").read_text(encoding="utf-8"))
    return values


def node_names(scene: Any) -> set[str]:
    return {scene.GetNthNode(index).GetName() for index in range(scene.GetNumberOfNodes())}


def run_until(job: Any, condition: Callable[[], bool], seconds: float = 120.0) -> None:
    end = time.monotonic() + seconds
    while job.running and not condition():
        assert time.monotonic() < end, f"not true after {seconds} s"
        job.poll()
        time.sleep(0.005)
    if not condition():
        raise AssertionError("the job ended before") from job.error


def test_training_on_a_sequence_makes_a_model_that_is_listed_and_despeckles(
    a_scene: Any, add_sequence: Any, train: Callable[..., Path], models: Path
) -> None:
    frames = speckled((6, 48, 40))
    _sequence, _browser, proxy = add_sequence(frames, name="Doe, Jane")
    steps: list[Any] = []
    path = train(proxy, progressCallback=lambda progress: steps.append(progress and progress.step))
    assert path == models / "adapted-1"
    assert Despeckler(model="adapted-1", device="cpu")(frames[0]).shape == (48, 40)
    assert steps[0] is None
    assert steps[-1] == 3
    text = json.dumps(metadata_of(path))
    assert "Doe" not in text
    assert metadata_of(path)["speckle2self"]["base"]["name"] == "speckle2self-default"
    assert {"adapted-1 training", "adapted-1 loss", "adapted-1 validation loss"} <= node_names(a_scene)
    assert not {"adapted-1 before", "adapted-1 after"} & node_names(a_scene)


def test_several_sweeps_color_among_them_with_a_validation_sweep_and_kept_pictures(
    a_scene: Any, add_volume: Any, add_sequence: Any, train: Callable[..., Path], tmp_path: Path
) -> None:
    color, _browser, _proxy = add_sequence(speckled((3, 40, 56, 3)), node_class="vtkMRMLVectorVolumeNode", name="Color")
    gray, check = add_volume(speckled((4, 48, 40), seed=1)), add_volume(speckled((3, 32, 48), seed=2), "Check")
    path = train([color, gray], tmp_path / "mine.zip", validationNodes=check, keepPreview=True, name="my probe")
    assert path == tmp_path / "mine.zip"
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["mine.zip"]
    assert load_bundle(path).name == "my probe"
    before, after = (a_scene.GetFirstNodeByName(f"my probe {which}") for which in ("before", "after"))
    assert before.GetImageData().GetDimensions() == after.GetImageData().GetDimensions() == (48, 32, 1)
    assert before.GetSaveWithScene()


def test_the_learning_curve_holds_every_validation(a_scene: Any, add_volume: Any, train: Callable[..., Path]) -> None:
    train(add_volume(speckled((5, 40, 40))), name="mine")
    chart = a_scene.GetFirstNodeByName("mine training")
    tables = [chart.GetNthPlotSeriesNode(index).GetTableNode() for index in range(2)]
    training, validation = (table_rows(table) for table in tables)
    assert [step for step, _loss in validation] == [2, 3]
    assert training[-1][0] == 3
    assert all(np.isfinite(loss) and loss > 0 for _step, loss in training + validation)


def table_rows(node: Any) -> list[tuple[float, float]]:
    table = node.GetTable()
    return [
        (table.GetValue(row, 0).ToDouble(), table.GetValue(row, 1).ToDouble()) for row in range(table.GetNumberOfRows())
    ]


def test_cancel_acts_within_a_second_and_leaves_scene_and_models_as_they_were(
    a_scene: Any, a_worker: Any, add_volume: Any, trainer: SceneTrainer, train: Callable[..., Path], models: Path
) -> None:
    volume = add_volume(speckled((6, 64, 64)))
    before = scene_text(a_scene)
    errors: list[Exception] = []
    job = trainer.start(volume, settings=ENDLESS, device="cpu", onError=errors.append)
    run_until(job, lambda: len(job.previewVolumes) == 2)
    pid, start = a_worker.pid, time.monotonic()
    job.cancel()
    assert time.monotonic() - start < 1.0
    assert [type(error) for error in errors] == [Cancelled]
    assert "nothing was changed" in str(errors[0])
    assert scene_text(a_scene) == before
    assert list(models.iterdir()) == []
    assert train(volume).is_dir()
    assert pid is not None


def test_a_step_that_takes_too_long_is_ended_with_its_process(
    a_scene: Any, a_worker: Any, add_volume: Any, trainer: SceneTrainer
) -> None:
    """The worker has a second; what it computes then is of no use to anybody."""
    job = trainer.start(
        add_volume(speckled((6, 512, 512))), device="cpu", settings={**ENDLESS, "crop": 512, "batch_size": 64}
    )
    run_until(job, lambda: job.stage is TrainingStage.PREPARING)
    time.sleep(3)  # deep in the first step
    process = a_worker._process._process
    job.cancel()
    assert process.wait(timeout=5) == 75


def test_a_killed_worker_gives_one_sentence_and_leaves_the_scene_as_it_was(
    a_scene: Any, a_worker: Any, add_volume: Any, trainer: SceneTrainer, models: Path
) -> None:
    volume = add_volume(speckled((6, 64, 64)))
    before = scene_text(a_scene)
    job = trainer.start(volume, settings=ENDLESS, device="cpu")
    run_until(job, lambda: job.progress is not None)
    os.kill(a_worker.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
    while job.running:
        job.poll()
    assert isinstance(job.error, WorkerError)
    assert "try again, a fresh one is started then" in str(job.error)
    assert scene_text(a_scene) == before
    assert list(models.iterdir()) == []


def test_what_the_training_refuses_names_the_sweep_as_the_user_knows_it(
    a_scene: Any, add_volume: Any, train: Callable[..., Path]
) -> None:
    volume = add_volume(speckled((1, 40, 40)), "Doe, Jane")
    before = scene_text(a_scene)
    with pytest.raises(InputError, match="'Doe, Jane' is the only frame"):
        train(volume)
    assert scene_text(a_scene) == before


def test_an_unknown_base_model_is_refused_by_name(add_volume: Any, train: Callable[..., Path]) -> None:
    with pytest.raises(ModelError, match="no model 'nonsense'"):
        train(add_volume(speckled((4, 40, 40))), model="nonsense")


def test_removing_a_sweep_in_mid_training_ends_it(a_scene: Any, add_volume: Any, trainer: SceneTrainer) -> None:
    volume = add_volume(speckled((6, 64, 64)))
    job = trainer.start(volume, settings=ENDLESS, device="cpu")
    run_until(job, lambda: job.progress is not None)
    a_scene.RemoveNode(volume)
    job.poll()
    assert isinstance(job.error, Cancelled)
    assert "was removed" in str(job.error)
    assert job.chart is not None
    assert job.chart.GetScene() is None


def test_closing_the_scene_in_mid_training_ends_it(a_scene: Any, add_volume: Any, trainer: SceneTrainer) -> None:
    job = trainer.start(add_volume(speckled((6, 64, 64))), settings=ENDLESS, device="cpu")
    run_until(job, lambda: job.progress is not None)
    a_scene.Clear(False)
    before = scene_text(a_scene)
    job.poll()
    assert isinstance(job.error, Cancelled)
    assert scene_text(a_scene) == before


def test_deleting_chart_and_pictures_in_mid_training_does_not_disturb_it(
    a_scene: Any, add_volume: Any, trainer: SceneTrainer
) -> None:
    job = trainer.start(add_volume(speckled((6, 64, 64))), settings={**QUICK, "steps": 8}, device="cpu", name="mine")
    run_until(job, lambda: len(job.previewVolumes) == 2)
    for name in ("mine before", "mine loss", "mine training"):
        a_scene.RemoveNode(a_scene.GetFirstNodeByName(name))
    run_until(job, lambda: job.path is not None)
    assert not {"mine before", "mine loss", "mine training"} & node_names(a_scene)


def test_a_poll_never_blocks(add_volume: Any, trainer: SceneTrainer) -> None:
    job = trainer.start(add_volume(speckled((40, 128, 128))), settings=QUICK, device="cpu")
    longest = 0.0
    while job.running:
        start = time.process_time()
        job.poll()
        longest = max(longest, time.process_time() - start)
        time.sleep(0.005)
    assert job.error is None
    assert longest < 0.1


@pytest.mark.parametrize("nodes", [None, [], "a name"])
def test_no_input_is_refused(no_worker: SceneTrainer, nodes: Any) -> None:
    with pytest.raises(InputError, match=r"choose|node of this scene"):
        no_worker.train(nodes)


def test_a_sweep_given_twice_is_refused(no_worker: SceneTrainer, add_sequence: Any) -> None:
    sequence, _browser, proxy = add_sequence(speckled((3, 40, 40)))
    with pytest.raises(InputError, match="the same sweep; choose each only once"):
        no_worker.train([sequence, proxy])


def test_validating_on_a_training_sweep_is_refused(no_worker: SceneTrainer, add_sequence: Any) -> None:
    sequence, _browser, proxy = add_sequence(speckled((3, 40, 40)), name="Cine")
    with pytest.raises(InputError, match="'Cine' is chosen for training and for validation"):
        no_worker.train(sequence, validationNodes=proxy)


def test_wrong_settings_are_refused_before_anything_starts(no_worker: SceneTrainer, add_volume: Any) -> None:
    volume = add_volume(speckled((3, 40, 40)))
    for settings, reason in (({"steps": 0}, "steps"), ({"crop": 100}, "multiple of 16"), ({"nonsense": 1}, "nonsense")):
        with pytest.raises(SettingsError, match=reason):
            no_worker.train(volume, settings=settings)
    with pytest.raises(SettingsError, match="device"):
        no_worker.train(volume, device="tpu")
    with pytest.raises(SettingsError, match="printable"):
        no_worker.train(volume, name="two\nlines")


def test_an_output_that_is_no_model_is_refused_before_anything_starts(
    no_worker: SceneTrainer, add_volume: Any, tmp_path: Path
) -> None:
    (tmp_path / "holiday").mkdir()
    with pytest.raises(OutputError, match="not a model bundle"):
        no_worker.train(add_volume(speckled((3, 40, 40))), output=tmp_path / "holiday")
