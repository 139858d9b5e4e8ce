"""Model bundles: what is accepted, and what is refused in one sentence."""

from __future__ import annotations

import io
import json
import pickle
import shutil
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from Speckle2SelfLib.bundle import load_bundle, save_bundle, shipped_models
from Speckle2SelfLib.errors import ModelError, OutputError
from Speckle2SelfLib.network import NetworkOptions, SpeckleNetwork
from Speckle2SelfTrainingLib.metadata import default_metadata
from Speckle2SelfTrainingLib.pretraining import IMPROVED, PretrainingSettings

GRAIN = {"rows": [1.0, 6.0], "columns": [1.5, 9.0]}


def metadata() -> dict[str, Any]:
    return {**default_metadata(PretrainingSettings(), 1, GRAIN), "name": "tiny"}


@pytest.fixture
def a_bundle(tmp_path: Path) -> Path:
    torch.manual_seed(3)
    return save_bundle(tmp_path / "modèle", SpeckleNetwork(IMPROVED), metadata())


def zipped(folder: Path, archive: Path) -> Path:
    with zipfile.ZipFile(archive, "w") as file:
        for path in sorted(folder.rglob("*")):
            file.write(path, Path("inner") / path.relative_to(folder))
    return archive


def edit_metadata(folder: Path, **changes: Any) -> None:
    path = folder / "configs" / "metadata.json"
    content = json.loads(path.read_text())
    content.update(changes)
    path.write_text(json.dumps(content))


def one_sentence(error: pytest.ExceptionInfo[BaseException]) -> str:
    text = str(error.value)
    assert "\n" not in text
    assert text.endswith((".", ")", "."))
    return text


def test_a_saved_bundle_gives_the_same_network_back(a_bundle: Path) -> None:
    bundle = load_bundle(a_bundle)
    assert (bundle.name, bundle.encoders, bundle.options) == ("tiny", 3, IMPROVED)
    torch.manual_seed(3)
    original = SpeckleNetwork(IMPROVED).state_dict()
    for key, value in bundle.network(3).state_dict().items():
        torch.testing.assert_close(value, original[key].half().float(), rtol=0, atol=0)
    assert bundle.grain_range == ((1.0, 6.0), (1.5, 9.0))


def test_a_zip_of_a_bundle_folder_is_the_same_model(a_bundle: Path, tmp_path: Path) -> None:
    assert load_bundle(zipped(a_bundle, tmp_path / "model.zip")).sha256 == load_bundle(a_bundle).sha256


def test_the_switches_of_the_network_travel_with_the_bundle(tmp_path: Path) -> None:
    options = NetworkOptions(output_norm=False, output_relu=False)
    save_bundle(tmp_path / "plain", SpeckleNetwork(options), metadata())
    assert load_bundle(tmp_path / "plain").options == options


def test_the_shipped_default_bundle_is_complete_and_small(repository: Path) -> None:
    folder = shipped_models()["default"]
    bundle = load_bundle("default")
    assert bundle.encoders == 3
    assert bundle.name == folder.name
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) <= 17_000_000
    assert bundle.metadata["license"] == "Apache-2.0"
    assert "2025.103755" in bundle.metadata["references"][0]


def test_saving_over_a_bundle_replaces_it_and_over_anything_else_is_refused(a_bundle: Path, tmp_path: Path) -> None:
    before = load_bundle(a_bundle).sha256
    torch.manual_seed(4)
    save_bundle(a_bundle, SpeckleNetwork(IMPROVED), metadata())
    assert load_bundle(a_bundle).sha256 != before
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.txt").write_text("cat")
    with pytest.raises(OutputError, match="not a model bundle"):
        save_bundle(tmp_path / "photos", SpeckleNetwork(IMPROVED), metadata())
    assert (tmp_path / "photos" / "cat.txt").read_text() == "cat"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["modèle", "photos"]


def test_a_model_that_does_not_exist_is_named_with_the_shipped_ones() -> None:
    with pytest.raises(ModelError, match=r"There is no model 'nowhere'.*default") as error:
        load_bundle("nowhere")
    one_sentence(error)


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b"", "model.pth", "empty"),
        (b"not a model at all" * 40, "model.pth", "damaged"),
        (b"PK\x03\x04 truncated", "model.pth", "truncated or damaged"),
        (b"GIF89a", "picture.gif", "is not a model"),
    ],
)
def test_a_file_that_is_no_model_is_refused(tmp_path: Path, content: bytes, name: str, message: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ModelError, match=message) as error:
        load_bundle(path)
    one_sentence(error)


def test_pickled_code_is_refused_and_never_run(tmp_path: Path) -> None:
    trap = tmp_path / "ran"

    class Trap:
        def __reduce__(self) -> Any:
            return (Path.touch, (trap,))

    torch.save({"weights": Trap()}, tmp_path / "new.pth")
    (tmp_path / "old.pth").write_bytes(pickle.dumps(Trap()))
    for name in ("new.pth", "old.pth"):
        with pytest.raises(ModelError, match=r"never executed|damaged") as error:
            load_bundle(tmp_path / name)
        one_sentence(error)
    assert not trap.exists()


def test_a_truncated_checkpoint_is_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    torch.save(SpeckleNetwork().state_dict(), buffer)
    (tmp_path / "half.pth").write_bytes(buffer.getvalue()[: buffer.tell() // 2])
    with pytest.raises(ModelError, match="truncated or damaged"):
        load_bundle(tmp_path / "half.pth")


def test_weights_of_wrong_shape_or_missing_ones_are_named(tmp_path: Path) -> None:
    state = SpeckleNetwork().state_dict()
    state["decoder.conv_block_4.conv.bias"] = torch.zeros(5)
    torch.save(state, tmp_path / "wrong.pth")
    with pytest.raises(ModelError, match=r"conv_block_4\.conv\.bias.*\(5,\).*\(1,\)"):
        load_bundle(tmp_path / "wrong.pth")
    torch.save({"layer": torch.zeros(2)}, tmp_path / "other.pth")
    with pytest.raises(ModelError, match="not a Speckle2Self model"):
        load_bundle(tmp_path / "other.pth")
    torch.save([1, 2, 3], tmp_path / "list.pth")
    with pytest.raises(ModelError, match="no state dict"):
        load_bundle(tmp_path / "list.pth")


def test_weights_that_are_not_finite_are_refused(tmp_path: Path) -> None:
    state = SpeckleNetwork().state_dict()
    state["decoder.conv_block_4.conv.bias"] = torch.tensor([float("nan")])
    torch.save(state, tmp_path / "nan.pth")
    with pytest.raises(ModelError, match="not finite"):
        load_bundle(tmp_path / "nan.pth")


def test_exchanged_weights_are_detected_by_their_hash(a_bundle: Path) -> None:
    weights = a_bundle / "models" / "model.pt"
    weights.write_bytes(weights.read_bytes() + b"\0")
    with pytest.raises(ModelError, match="SHA-256"):
        load_bundle(a_bundle)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"version": ""}, "'version'"),
        ({"license": None}, "'license'"),
        ({"changelog": "none"}, "'changelog'"),
        ({"speckle2self": None}, "lacks 'speckle2self'"),
        ({"speckle2self": {"format": 99}}, "format 99"),
        ({"network_data_format": {"inputs": {"image": {"modality": "CT"}}}}, "modality 'CT'"),
        ({"network_data_format": {}}, "does not describe its input"),
    ],
)
def test_incomplete_metadata_is_refused_with_the_field_named(
    a_bundle: Path, changes: dict[str, Any], message: str
) -> None:
    edit_metadata(a_bundle, **changes)
    with pytest.raises(ModelError, match=message) as error:
        load_bundle(a_bundle)
    one_sentence(error)


def test_metadata_that_is_not_json_is_refused(a_bundle: Path) -> None:
    (a_bundle / "configs" / "metadata.json").write_bytes(b"\xff\xfe{")
    with pytest.raises(ModelError, match="not valid JSON"):
        load_bundle(a_bundle)


def test_an_unknown_network_switch_is_refused(a_bundle: Path) -> None:
    section = json.loads((a_bundle / "configs" / "metadata.json").read_text())["speckle2self"]
    edit_metadata(a_bundle, speckle2self={**section, "network": {"transformer": True}})
    with pytest.raises(ModelError, match="'transformer'"):
        load_bundle(a_bundle)


@pytest.mark.parametrize("weights", ["../secret.pt", "/etc/hostname", "models/../../secret.pt"])
def test_weights_outside_the_bundle_are_refused(a_bundle: Path, tmp_path: Path, weights: str) -> None:
    shutil.copy(a_bundle / "models" / "model.pt", tmp_path / "secret.pt")
    section = json.loads((a_bundle / "configs" / "metadata.json").read_text())["speckle2self"]
    edit_metadata(a_bundle, speckle2self={**section, "weights": weights})
    with pytest.raises(ModelError, match="outside its folder"):
        load_bundle(a_bundle)


@pytest.mark.parametrize("name", ["../evil.txt", "/evil.txt", "C:\\evil.txt"])
def test_an_archive_with_a_path_outside_its_folder_is_refused(a_bundle: Path, tmp_path: Path, name: str) -> None:
    archive = zipped(a_bundle, tmp_path / "model.zip")
    with zipfile.ZipFile(archive, "a") as file:
        file.writestr(name, "x")
    with pytest.raises(ModelError, match="outside its folder"):
        load_bundle(archive)


def test_an_archive_of_absurd_size_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / "bomb.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file, file.open("configs/metadata.json", "w") as entry:
        for _ in range(8):
            entry.write(bytes(1024 * 1024))
    with pytest.raises(ModelError, match="larger than is accepted"):
        load_bundle(archive)
    with zipfile.ZipFile(archive, "w") as file:
        for index in range(1500):
            file.writestr(f"{index}", b"")
    with pytest.raises(ModelError, match="1500 files"):
        load_bundle(archive)


def test_other_configs_of_a_foreign_bundle_are_never_read(a_bundle: Path) -> None:
    (a_bundle / "configs" / "inference.json").write_text('{"x": "$__import__(\'os\').abort()"}')
    assert load_bundle(a_bundle).name == "tiny"


def test_monai_runs_the_bundle_and_gets_the_pixels_that_the_library_gets(tmp_path: Path) -> None:
    import monai.bundle
    import SimpleITK as sitk  # noqa: N813
    from Speckle2SelfLib import Despeckler

    frames = np.random.default_rng(1).integers(0, 255, (2, 48, 64), dtype=np.uint8)
    sitk.WriteImage(sitk.GetImageFromArray(frames), str(tmp_path / "sweep.nrrd"))
    folder = shipped_models()["default"]
    monai.bundle.run(
        config_file=str(folder / "configs" / "inference.json"),
        meta_file=str(folder / "configs" / "metadata.json"),
        bundle_root=str(folder),
        input=str(tmp_path / "sweep.nrrd"),
        output=str(tmp_path / "out.nrrd"),
    )
    written = sitk.GetArrayFromImage(sitk.ReadImage(str(tmp_path / "out.nrrd")))
    np.testing.assert_array_equal(written, Despeckler()(frames))
