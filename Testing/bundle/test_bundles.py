"""Model bundles: what is accepted, and what is refused in one sentence."""

from __future__ import annotations

import io
import json
import os
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
from Speckle2SelfTrainingLib.default_model.metadata import default_metadata
from Speckle2SelfTrainingLib.default_model.student import StudentSettings
from Speckle2SelfTrainingLib.pretraining import IMPROVED

GRAIN = {"rows": [1.0, 6.0], "columns": [1.5, 9.0]}


def metadata() -> dict[str, Any]:
    return {**default_metadata(StudentSettings(), 1, GRAIN, [], teacher="none"), "name": "tiny"}


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
    options = NetworkOptions(output_norm=False, output_relu=False, channels=16)
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


def test_a_bundle_that_cannot_be_replaced_stays(a_bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = load_bundle(a_bundle).sha256
    rename = os.replace

    def full_disk(source: Path, target: Path) -> None:
        if target == a_bundle and not source.name.endswith("-old"):
            raise OSError(28, "No space left on device")
        rename(source, target)

    monkeypatch.setattr(os, "replace", full_disk)
    torch.manual_seed(4)
    with pytest.raises(OutputError, match="No space left"):
        save_bundle(a_bundle, SpeckleNetwork(IMPROVED), metadata())
    assert load_bundle(a_bundle).sha256 == before
    assert [path.name for path in a_bundle.parent.iterdir()] == [a_bundle.name]


def test_weights_that_overflow_half_precision_are_not_saved(tmp_path: Path) -> None:
    network = SpeckleNetwork(IMPROVED)
    with torch.no_grad():
        network.get_parameter("decoder.conv_block_4.conv.bias").fill_(1e6)
    with pytest.raises(ModelError, match=r"conv_block_4\.conv\.bias.*half precision") as error:
        save_bundle(tmp_path / "model", network, metadata())
    one_sentence(error)
    assert not list(tmp_path.iterdir())


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
    with pytest.raises(ModelError, match=r"wrong\.pth.*conv_block_4\.conv\.bias.*\(5,\).*\(1,\)"):
        load_bundle(tmp_path / "wrong.pth")
    torch.save({"layer": torch.zeros(2)}, tmp_path / "other.pth")
    with pytest.raises(ModelError, match="not a Speckle2Self model"):
        load_bundle(tmp_path / "other.pth")
    torch.save([1, 2, 3], tmp_path / "list.pth")
    with pytest.raises(ModelError, match="no state dict"):
        load_bundle(tmp_path / "list.pth")


@pytest.mark.parametrize(
    "tensor",
    [
        torch.zeros(3, dtype=torch.int64),
        torch.zeros(3, dtype=torch.complex64),
        torch.zeros(3).to_sparse(),
        torch.zeros(3, device="meta"),
        torch.zeros(3).to(torch.float8_e4m3fn),
    ],
    ids=["integer", "complex", "sparse", "meta", "float8"],
)
def test_weights_that_are_no_plain_floats_are_refused(tmp_path: Path, tensor: torch.Tensor) -> None:
    torch.save({**SpeckleNetwork().state_dict(), "extra": tensor}, tmp_path / "model.pth")
    with pytest.raises(ModelError, match="'extra' is no plain tensor") as error:
        load_bundle(tmp_path / "model.pth")
    one_sentence(error)


@pytest.mark.parametrize("tensors", [{"one": 1 << 40}, {str(index): 1 << 26 for index in range(3)}])
def test_tiny_files_that_unpack_to_huge_tensors_are_refused_before_they_are_copied(
    tmp_path: Path, tensors: dict[str, int]
) -> None:
    torch.save({name: torch.zeros(1).expand(size) for name, size in tensors.items()}, tmp_path / "bomb.pth")
    assert (tmp_path / "bomb.pth").stat().st_size < 10_000
    with pytest.raises(ModelError, match="unpack to more") as error:
        load_bundle(tmp_path / "bomb.pth")
    one_sentence(error)


def test_a_checkpoint_has_a_neutral_name_as_its_file_name_may_hold_a_patient(tmp_path: Path) -> None:
    torch.save(SpeckleNetwork().state_dict(), tmp_path / "Doe_Jane_1970.pth")
    assert load_bundle(tmp_path / "Doe_Jane_1970.pth").name == "published-checkpoint"


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


def test_metadata_with_a_number_of_thousands_of_digits_is_refused(a_bundle: Path) -> None:
    path = a_bundle / "configs" / "metadata.json"
    path.write_text(path.read_text().replace("{", '{"extra": 1' + "0" * 5000 + ",", 1))
    with pytest.raises(ModelError, match="not valid JSON") as error:
        load_bundle(a_bundle)
    one_sentence(error)


@pytest.mark.parametrize("weights", ["a\0b.pt", "\ud800.pt", "x" * 5000, "", None, 3])
def test_weights_under_a_name_that_no_file_can_have_are_refused(a_bundle: Path, weights: Any) -> None:
    section = json.loads((a_bundle / "configs" / "metadata.json").read_text())["speckle2self"]
    edit_metadata(a_bundle, speckle2self={**section, "weights": weights})
    with pytest.raises(ModelError, match=r"speckle2self\.weights") as error:
        load_bundle(a_bundle)
    one_sentence(error)


@pytest.mark.parametrize("field", ["name", "version"])
@pytest.mark.parametrize("text", ["two\nlines", "\ud800", "x" * 5000])
def test_a_name_that_no_header_can_hold_is_refused(a_bundle: Path, field: str, text: str) -> None:
    edit_metadata(a_bundle, **{field: text})
    with pytest.raises(ModelError, match=f"The {field} of") as error:
        load_bundle(a_bundle)
    one_sentence(error)


def test_a_path_that_is_too_long_is_refused_without_repeating_it(tmp_path: Path) -> None:
    with pytest.raises(ModelError) as error:
        load_bundle(tmp_path / ("x" * 5000))
    assert len(one_sentence(error)) < 200
    assert str(tmp_path) not in str(error.value)


@pytest.mark.parametrize("channels", [0, 12, -16, 4096, 16.0, True, "16"])
def test_a_network_of_a_width_that_no_model_has_is_refused(channels: object) -> None:
    with pytest.raises(ModelError, match="multiple of 8 from 8 to 128"):
        NetworkOptions.from_dict({"channels": channels})


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


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_damaged_archive_is_refused_wherever_it_is_damaged(a_bundle: Path, tmp_path: Path, method: int) -> None:
    path = tmp_path / "small.zip"
    with zipfile.ZipFile(path, "w", method) as file:
        file.write(a_bundle / "configs" / "metadata.json", "configs/metadata.json")
    whole = path.read_bytes()
    for position in range(0, len(whole), 7):
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 0x5A]) + whole[position + 1 :])
        with pytest.raises(ModelError) as error:
            load_bundle(path)
        one_sentence(error)


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
