"""Where finished bundles go, and the models that were trained on this computer."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from Speckle2SelfLib.bundle import load_bundle, trained_models
from Speckle2SelfLib.bundle.placing import BundlePlace
from Speckle2SelfLib.bundle.trained import trained_models_folder
from Speckle2SelfLib.errors import ModelError, OutputError


@pytest.fixture(scope="module")
def a_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished bundle, not at its place yet."""
    from Speckle2SelfLib.bundle import save_bundle
    from Speckle2SelfLib.network import SpeckleNetwork
    from Speckle2SelfTrainingLib.default_model.metadata import default_metadata
    from Speckle2SelfTrainingLib.default_model.student import StudentSettings
    from Speckle2SelfTrainingLib.pretraining import IMPROVED

    grain = {"rows": [1.0, 6.0], "columns": [1.5, 9.0]}
    metadata = {**default_metadata(StudentSettings(), 1, grain, [], teacher="none"), "name": "tiny"}
    return save_bundle(tmp_path_factory.mktemp("job") / "bundle", SpeckleNetwork(IMPROVED), metadata)


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of trained models of this test, which does not exist yet."""
    folder = tmp_path / "Jürgen" / "models"
    monkeypatch.setenv("SPECKLE2SELF_MODELS", str(folder))
    return folder


def zipped(bundle: Path, archive: Path) -> Path:
    with zipfile.ZipFile(archive, "w") as file:
        for path in sorted(bundle.rglob("*")):
            file.write(path, path.relative_to(bundle))
    return archive


def test_without_models_none_are_listed(models: Path) -> None:
    assert trained_models() == {}


def test_the_folder_of_trained_models_lies_in_the_home_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPECKLE2SELF_MODELS", raising=False)
    assert trained_models_folder() == Path.home() / ".speckle2self" / "models"


def test_a_placed_bundle_is_listed_and_loads_by_its_name(models: Path, a_bundle: Path) -> None:
    BundlePlace(models / "My probe").publish(a_bundle)
    assert trained_models() == {"My probe": models / "My probe"}
    assert load_bundle("My probe").name == "tiny"
    assert sorted(path.name for path in models.iterdir()) == ["My probe"]


def test_a_placed_zip_is_listed_and_loads_by_its_name(models: Path, a_bundle: Path, tmp_path: Path) -> None:
    BundlePlace(models / "My probe.zip").publish(zipped(a_bundle, tmp_path / "bundle.zip"))
    assert load_bundle("My probe").name == "tiny"
    assert sorted(path.name for path in models.iterdir()) == ["My probe.zip"]


def test_a_model_that_was_there_is_replaced(models: Path, a_bundle: Path) -> None:
    place = BundlePlace(models / "mine")
    place.publish(a_bundle)
    (models / "mine" / "old").touch()
    BundlePlace(models / "mine").publish(a_bundle)
    assert not (models / "mine" / "old").exists()
    assert sorted(path.name for path in models.iterdir()) == ["mine"]


def test_a_folder_that_is_no_model_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "holiday").mkdir()
    with pytest.raises(OutputError, match="not a model bundle: choose another name"):
        BundlePlace(tmp_path / "holiday")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_said_before_the_work(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="could not be written"):
        BundlePlace(tmp_path / "mine")
    tmp_path.chmod(0o700)


def test_a_file_where_a_folder_is_needed_is_said_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("text")
    with pytest.raises(OutputError, match="is a file, not a folder"):
        BundlePlace(tmp_path / "file" / "mine")


def test_a_failure_while_copying_leaves_the_old_model(
    models: Path, a_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = BundlePlace(models / "mine")
    place.publish(a_bundle)
    before = (models / "mine" / "models" / "model.pt").read_bytes()

    def fail(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copytree", fail)
    with pytest.raises(OutputError, match="disk is full"):
        place.publish(a_bundle)
    assert (models / "mine" / "models" / "model.pt").read_bytes() == before
    assert sorted(path.name for path in models.iterdir()) == ["mine"]


def test_an_unknown_name_is_refused_with_the_names_that_are_known(models: Path, a_bundle: Path) -> None:
    BundlePlace(models / "mine").publish(a_bundle)
    with pytest.raises(ModelError, match=r"known one \(default, live, mine, "):
        load_bundle("nonsense")


def test_listing_trained_models_loads_neither_torch_nor_numpy(repository: Path) -> None:
    code = (
        "import sys; from Speckle2SelfLib.bundle import trained_models; trained_models(); "
        "print('torch' in sys.modules, 'numpy' in sys.modules)"
    )
    folder = repository / "Speckle2Self"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=folder, check=True)
    assert done.stdout.split() == ["False", "False"]
