"""Sequences that Slicer itself wrote are read, and what is written here Slicer itself reads (through slicer-core)."""

from __future__ import annotations

import numpy as np
import pytest
from file_samples import frames_of, speckle, write_like
from Speckle2SelfLib.files import open_sweep
from test_tracked_sequences import COUNT, write_metaimage, write_nrrd

slicer = pytest.importorskip("slicer", reason="slicer-core is not installed")
VALUES = ["0", "0.1", "0.25", "0.5"]


def volume_node(scene, frame, color):
    from vtk import vtkImageData
    from vtk.util import numpy_support

    image = vtkImageData()
    image.SetDimensions(frame.shape[1], frame.shape[0], 1)
    image.AllocateScalars(numpy_support.get_vtk_array_type(frame.dtype), frame.shape[2] if color else 1)
    numpy_support.vtk_to_numpy(image.GetPointData().GetScalars())[:] = frame.reshape(-1, *frame.shape[2:])
    node = slicer.vtkMRMLVectorVolumeNode() if color else slicer.vtkMRMLScalarVolumeNode()
    node.SetAndObserveImageData(image)
    node.SetSpacing(0.3, 0.2, 1)
    node.SetOrigin(10, 20, 30)
    if color:
        node.SetVoxelVectorType(slicer.vtkMRMLVolumeNode.VoxelVectorTypeColorRGB)
    return node


def write_with_slicer(path, frames):
    scene = slicer.vtkMRMLScene()
    sequence = scene.AddNode(slicer.vtkMRMLSequenceNode())
    sequence.SetIndexName("time")
    sequence.SetIndexUnit("s")
    for value, frame in zip(VALUES, frames, strict=True):
        sequence.SetDataNodeAtValue(volume_node(scene, frame, frames.ndim == 4), value)
    storage = scene.AddNode(slicer.vtkMRMLVolumeSequenceStorageNode())
    storage.SetFileName(str(path))
    assert storage.WriteData(sequence)


def read_with_slicer(path):
    """Read a sequence; return frames, index values, index name, spacing and origin of the first volume."""
    from vtk.util import numpy_support

    scene = slicer.vtkMRMLScene()
    sequence = scene.AddNode(slicer.vtkMRMLSequenceNode())
    storage = scene.AddNode(slicer.vtkMRMLVolumeSequenceStorageNode())
    storage.SetFileName(str(path))
    assert storage.ReadData(sequence), "Slicer cannot read it"
    frames, nodes = [], [sequence.GetNthDataNode(i) for i in range(sequence.GetNumberOfDataNodes())]
    for node in nodes:
        columns, rows, slices = node.GetImageData().GetDimensions()
        assert slices == 1
        pixels = numpy_support.vtk_to_numpy(node.GetImageData().GetPointData().GetScalars())
        frames.append(pixels.reshape(rows, columns, *pixels.shape[1:]).copy())
    values = [float(sequence.GetNthIndexValue(i)) for i in range(len(frames))]
    return np.stack(frames), values, sequence.GetIndexName(), nodes[0].GetSpacing(), nodes[0].GetOrigin()


@pytest.mark.parametrize("suffix", [".seq.nrrd", ".seq.nhdr"])
@pytest.mark.parametrize(("color", "dtype"), [(False, "uint8"), (False, "int16"), (True, "uint8")])
def test_a_sequence_goes_from_slicer_to_slicer(tmp_path, suffix, color, dtype):
    frames = speckle(4, 17, 20, *([3] if color else []), dtype=dtype)
    write_with_slicer(tmp_path / f"in{suffix}", frames)
    sweep = open_sweep(tmp_path / f"in{suffix}")
    assert (sweep.sequence, sweep.color) == (True, color)
    assert sweep.spacing == pytest.approx((0.2, 0.3))
    assert sweep.frame_times == pytest.approx([0, 0.1, 0.25, 0.5])
    np.testing.assert_array_equal(frames_of(sweep), frames)
    write_like(sweep, tmp_path / f"out{suffix}", change=lambda frame: frame // 2)
    before, after = (read_with_slicer(tmp_path / f"{name}{suffix}") for name in ("in", "out"))
    np.testing.assert_array_equal(after[0], frames // 2)
    assert after[1:3] == before[1:3] == ([0, 0.1, 0.25, 0.5], "time")
    assert after[3:] == before[3:]


def test_a_range_of_frames_keeps_its_index_values_in_slicer(tmp_path):
    frames = speckle(4, 17, 20)
    write_with_slicer(tmp_path / "in.seq.nrrd", frames)
    write_like(open_sweep(tmp_path / "in.seq.nrrd"), tmp_path / "out.seq.nrrd", range(1, 3))
    read, values, *_ = read_with_slicer(tmp_path / "out.seq.nrrd")
    np.testing.assert_array_equal(read, frames[1:3])
    assert values == [0.1, 0.25]


def test_attributes_of_single_frames_follow_their_frames(tmp_path):
    write_with_slicer(tmp_path / "plain.seq.nrrd", speckle(4, 17, 20))
    head, _, data = (tmp_path / "plain.seq.nrrd").read_bytes().partition(b"\n\n")
    lines = b"\naxis 3 item 0002 Comment:=third\naxis 3 item 0003 Comment:=fourth\n\n"
    (tmp_path / "in.seq.nrrd").write_bytes(head + lines + data)
    written = write_like(open_sweep(tmp_path / "in.seq.nrrd"), tmp_path / "out.seq.nrrd", range(2, 4))
    assert written.metadata["axis 3 item 0000 Comment"] == "third"
    assert written.metadata["axis 3 item 0001 Comment"] == "fourth"


@pytest.mark.parametrize("name", ["in.igs.nrrd", "in.igs.mha", "in.nrrd", "in.tif", "color.tif"])
def test_slicer_reads_what_other_formats_become(tmp_path, name):
    if name == "in.igs.nrrd":
        frames = write_nrrd(tmp_path / name, "PLUS", "gzip")
    elif name == "in.igs.mha":
        frames = write_metaimage(tmp_path / name)
    else:
        frames = speckle(COUNT, 17, 20, *([3] if name.startswith("color") else []))
        write_nrrd(tmp_path / "start.igs.nrrd", "PLUS", "raw")
        tifffile = pytest.importorskip("tifffile")
        tifffile.imwrite(tmp_path / "start.tif", frames, photometric="rgb" if frames.ndim == 4 else "minisblack")
        write_like(open_sweep(tmp_path / "start.tif"), tmp_path / name)
    write_like(open_sweep(tmp_path / name), tmp_path / "out.seq.nrrd", range(1, COUNT))
    read, values, index_name, *_ = read_with_slicer(tmp_path / "out.seq.nrrd")
    np.testing.assert_array_equal(read, frames[1:])
    if "igs" in name:
        assert index_name == "time"
        assert values == pytest.approx([345 + number / 10 for number in range(1, COUNT)])


def test_a_sequence_of_volumes_with_several_slices_is_refused(tmp_path):
    from Speckle2SelfLib.errors import InputError

    head = "NRRD0004\ntype: uint8\ndimension: 4\nsizes: 20 17 3 2\nkinds: domain domain domain list\nencoding: raw\n\n"
    (tmp_path / "in.seq.nrrd").write_bytes(head.encode() + bytes(20 * 17 * 6))
    with pytest.raises(InputError, match="20 x 17 x 3 x 2"):
        open_sweep(tmp_path / "in.seq.nrrd")
