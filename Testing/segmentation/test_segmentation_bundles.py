"""Segmentation bundles: what they hold, what is refused in one sentence, and what MONAI runs."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from lumen_samples import FILTERS, NeckSweep
from Speckle2SelfLib import Despeckler
from Speckle2SelfLib.bundle import load_bundle, shipped_models
from Speckle2SelfLib.bundle.shipped import models_folders
from Speckle2SelfLib.bundle.trained import ENVIRONMENT_VARIABLE, trained_models
from Speckle2SelfLib.errors import ModelError, OutputError
from Speckle2SelfTrainingLib.segmentation import (
    SegmentationModel,
    Segmenter,
    load_segmentation_model,
    segmentation_models,
    write_segmentation_model,
)
from Speckle2SelfTrainingLib.segmentation.recipe import default_network_def, make_network


@pytest.fixture
def a_bundle(a_lumen_model: Path, tmp_path: Path) -> Path:
    """A copy of the tiny model that a test may spoil."""
    return Path(shutil.copytree(a_lumen_model, tmp_path / "carótida"))


def edit_metadata(folder: Path, section: dict[str, Any] | None = None, **changes: Any) -> None:
    path = folder / "configs" / "metadata.json"
    content = json.loads(path.read_text())
    content.update(changes)
    content["speckle2self"].update(section or {})
    path.write_text(json.dumps(content))


def one_sentence(error: pytest.ExceptionInfo[BaseException]) -> str:
    text = str(error.value)
    assert "\n" not in text
    assert text.endswith(".")
    return text


def test_a_saved_model_gives_the_same_network_back(tmp_path: Path, a_lumen_model: Path) -> None:
    torch.manual_seed(1)
    network_def = default_network_def(FILTERS)
    network = make_network(network_def)
    metadata = load_segmentation_model(a_lumen_model).metadata
    write_segmentation_model(tmp_path / "new", SegmentationModel.unsaved(network, network_def), metadata)
    loaded = load_segmentation_model(tmp_path / "new").network().state_dict()
    for name, value in network.state_dict().items():
        torch.testing.assert_close(loaded[name], value.half().float() if value.is_floating_point() else value)


def test_the_bundle_holds_what_monais_schema_asks_for(a_lumen_model: Path) -> None:
    metadata = json.loads((a_lumen_model / "configs" / "metadata.json").read_text())
    for field in ("version", "changelog", "monai_version", "pytorch_version", "numpy_version", "task", "description"):
        assert metadata[field], field
    for field in ("authors", "copyright", "required_packages_version", "license", "intended_use", "data_source"):
        assert metadata[field], field
    image = metadata["network_data_format"]["inputs"]["image"]
    assert image["modality"] == "US"
    assert image["spatial_shape"] == ["8*n", "8*n"]
    assert metadata["speckle2self"]["kind"] == "segmentation"
    assert metadata["terminology"]["type"][1] == "32062004"
    assert {path.name for path in (a_lumen_model / "configs").iterdir()} == {
        "inference.json",
        "metadata.json",
        "train.json",
    }


def test_a_zip_of_a_bundle_is_the_same_model(a_bundle: Path, tmp_path: Path) -> None:
    archive = tmp_path / "model.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for path in sorted(a_bundle.rglob("*")):
            file.write(path, Path("inner") / path.relative_to(a_bundle))
    assert load_segmentation_model(archive).sha256 == load_segmentation_model(a_bundle).sha256


def test_a_model_for_another_job_is_refused_either_way(a_bundle: Path) -> None:
    with pytest.raises(ModelError, match=r"segments lumens: choose one that removes speckle") as error:
        Despeckler(a_bundle)
    one_sentence(error)
    with pytest.raises(ModelError, match=r"removes speckle: choose one that segments lumens") as error:
        Segmenter("default")
    one_sentence(error)


def test_models_are_listed_by_what_they_do(a_bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, str(a_bundle.parent))
    assert a_bundle.name in segmentation_models()
    assert a_bundle.name not in trained_models()
    assert "default" in shipped_models()
    assert "default" not in segmentation_models()
    assert Segmenter(a_bundle.name).name == "tiny-lumen"
    with pytest.raises(ModelError, match="segments lumens"):
        load_bundle(a_bundle.name)


def test_a_missing_model_is_named_with_those_that_there_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, str(tmp_path))
    with pytest.raises(ModelError, match=r"There is no model 'nowhere'") as error:
        Segmenter("nowhere")
    assert "default" not in one_sentence(error)


def test_a_checkpoint_of_the_despeckler_is_refused(tmp_path: Path, a_model: str) -> None:
    (tmp_path / "picture.gif").write_bytes(b"GIF89a")
    for path in (a_model, tmp_path / "picture.gif"):
        with pytest.raises(ModelError) as error:
            Segmenter(path)
        one_sentence(error)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"_target_": "os.system"}, "_target_"),
        ({"_target_": "monai.networks.nets.UNet"}, "_target_"),
        ({"filters": [4096] * 5}, "filters"),
        ({"filters": [8] * 4000}, "filters"),
        ({"filters": [True, 2, 3]}, "filters"),
        ({"dropout": 0.5}, "dropout"),
        ({"spatial_dims": 3}, "spatial_dims"),
    ],
)
def test_a_network_that_is_not_accepted_is_never_built(a_bundle: Path, changes: dict[str, Any], message: str) -> None:
    network = {**default_network_def(FILTERS), **changes}
    edit_metadata(a_bundle, {"network": network})
    with pytest.raises(ModelError, match=message) as error:
        load_segmentation_model(a_bundle)
    assert len(one_sentence(error)) < 400


def test_weights_that_do_not_fit_the_network_are_named(a_bundle: Path) -> None:
    edit_metadata(a_bundle, {"network": default_network_def((8, 16, 24))})
    with pytest.raises(ModelError, match="does not fit its network") as error:
        load_segmentation_model(a_bundle)
    one_sentence(error)


def test_configs_of_a_foreign_bundle_are_never_evaluated(a_bundle: Path) -> None:
    for name in ("inference", "train"):
        (a_bundle / "configs" / f"{name}.json").write_text('{"x": "$__import__(\'os\').abort()"}')
    assert Segmenter(a_bundle).name == "tiny-lumen"


def test_exchanged_weights_are_detected_by_their_hash(a_bundle: Path) -> None:
    weights = a_bundle / "models" / "model.pt"
    weights.write_bytes(weights.read_bytes() + b"\0")
    with pytest.raises(ModelError, match="SHA-256"):
        Segmenter(a_bundle)


def test_saving_over_something_else_is_refused(tmp_path: Path, a_lumen_model: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.txt").write_text("cat")
    model = load_segmentation_model(a_lumen_model)
    with pytest.raises(OutputError, match="not a model bundle"):
        write_segmentation_model(tmp_path / "photos", model, model.metadata)
    assert [path.name for path in (tmp_path / "photos").iterdir()] == ["cat.txt"]


def test_monai_segments_a_file_as_the_library_does(
    a_lumen_model: Path, neck_sweeps: list[NeckSweep], tmp_path: Path
) -> None:
    import monai.bundle
    import SimpleITK as sitk  # noqa: N813

    sweep = neck_sweeps[0]
    image = sitk.GetImageFromArray(sweep.frames)
    image.SetSpacing((sweep.spacing[1], sweep.spacing[0], 0.5))
    sitk.WriteImage(image, str(tmp_path / "sweep.nrrd"))
    monai.bundle.run(
        config_file=str(a_lumen_model / "configs" / "inference.json"),
        meta_file=str(a_lumen_model / "configs" / "metadata.json"),
        bundle_root=str(a_lumen_model),
        input=str(tmp_path / "sweep.nrrd"),
        output=str(tmp_path / "labels.nrrd"),
    )
    written = sitk.GetArrayFromImage(sitk.ReadImage(str(tmp_path / "labels.nrrd")))
    np.testing.assert_array_equal(written, Segmenter(a_lumen_model)(sweep.frames, sweep.spacing))
    assert written.any()


def test_monai_trains_the_bundle_further(a_lumen_model: Path, neck_sweeps: list[NeckSweep], tmp_path: Path) -> None:
    import monai.bundle
    import SimpleITK as sitk  # noqa: N813

    for number, sweep in enumerate(neck_sweeps):
        folder = tmp_path / "dataset" / f"subject-{number}"
        folder.mkdir(parents=True)
        for index in (0, 3):
            sitk.WriteImage(sitk.GetImageFromArray(sweep.frames[index]), str(folder / f"frame{index}.png"))
            sitk.WriteImage(sitk.GetImageFromArray(sweep.masks[index] * 255), str(folder / f"frame{index}_mask.png"))
    monai.bundle.run(
        config_file=str(a_lumen_model / "configs" / "train.json"),
        bundle_root=str(a_lumen_model),
        dataset=str(tmp_path / "dataset"),
        output=str(tmp_path / "mine"),
        steps=2,
    )
    section = load_segmentation_model(tmp_path / "mine").metadata["speckle2self"]
    assert section["base"]["name"] == "tiny-lumen"
    assert section["training"]["trained_steps"] == 2


def test_the_shipped_carotid_model_is_complete_and_small() -> None:
    folder = models_folders()[1] / "speckle2self-carotid"
    if not folder.is_dir():
        pytest.skip("the carotid model is not here yet")
    model = load_segmentation_model("carotid")
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) <= 8_000_000
    assert model.metadata["license"]
    assert "d4xt63mgjm" in model.metadata["data_source"]
