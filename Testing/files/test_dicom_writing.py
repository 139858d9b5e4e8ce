"""DICOM ultrasound out: a valid derived object that says where it comes from."""

from __future__ import annotations

import warnings

import numpy as np
import pydicom
import pydicom.data
import pytest
from dicom_samples import add_region, palette, save, ultrasound
from file_samples import PROVENANCE, frames_of, speckle, write_like
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian, RLELossless
from Speckle2SelfLib.errors import OutputError
from Speckle2SelfLib.files import open_sweep


def despeckled(tmp_path, dataset, indices=None, syntax=ExplicitVRLittleEndian):
    """Write an object with every pixel halved; return source and result as datasets."""
    source = save(tmp_path / "in.dcm", dataset, syntax)
    write_like(open_sweep(source), tmp_path / "out.dcm", indices, change=lambda frame: frame // 2)
    return pydicom.dcmread(source), pydicom.dcmread(tmp_path / "out.dcm")


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian, RLELossless])
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int16"])
@pytest.mark.parametrize("count", [1, 3])
def test_gray_pixels_are_written_uncompressed(tmp_path, syntax, dtype, count):
    frames = speckle(count, 17, 21, dtype=dtype)  # an odd number of bytes where possible
    _, result = despeckled(tmp_path, ultrasound(frames), syntax=syntax)
    assert result.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
    np.testing.assert_array_equal(result.pixel_array.reshape(frames.shape), frames // 2)
    assert result.PhotometricInterpretation == "MONOCHROME2"
    assert len(result.PixelData) % 2 == 0


def test_the_result_is_a_new_instance_in_a_new_series_of_the_same_study_and_patient(tmp_path):
    source, result = despeckled(tmp_path, ultrasound(speckle(2, 20, 20)))
    for name in ("SOPInstanceUID", "SeriesInstanceUID"):
        assert result[name].value != source[name].value
        assert result[name].value.is_valid
    assert result.file_meta.MediaStorageSOPInstanceUID == result.SOPInstanceUID
    assert result.file_meta.MediaStorageSOPClassUID == result.SOPClassUID == source.SOPClassUID
    for name in ("StudyInstanceUID", "PatientName", "PatientID", "PatientBirthDate", "StudyDate", "BurnedInAnnotation"):
        assert result[name].value == source[name].value


def test_the_result_says_what_it_is_and_where_it_comes_from(tmp_path):
    source, result = despeckled(tmp_path, ultrasound(speckle(2, 20, 20)))
    assert list(result.ImageType) == ["DERIVED", "SECONDARY", "VASCULAR", "0001"]
    assert result.SeriesDescription == "Carotid left despeckled"
    assert "Despeckled" in result.DerivationDescription
    assert PROVENANCE["model sha256"] in result.DerivationDescription
    reference = result.SourceImageSequence[0]
    assert reference.ReferencedSOPInstanceUID == source.SOPInstanceUID
    assert reference.ReferencedSOPClassUID == source.SOPClassUID
    assert result.DerivationCodeSequence[0].CodeValue == "113087"
    assert result.SeriesNumber != source.SeriesNumber


def test_objects_of_one_series_stay_one_series(tmp_path):
    first, second = ultrasound(speckle(1, 20, 20)), ultrasound(speckle(1, 20, 20, seed=1))
    second.SeriesInstanceUID = first.SeriesInstanceUID
    _, one = despeckled(tmp_path, first)
    _, two = despeckled(tmp_path, second)
    assert one.SeriesInstanceUID == two.SeriesInstanceUID
    assert one.SOPInstanceUID != two.SOPInstanceUID


@pytest.mark.parametrize("planar", [0, 1])
def test_color_is_written_as_rgb_by_pixel(tmp_path, planar):
    frames = speckle(3, 18, 21, 3)
    _, result = despeckled(tmp_path, ultrasound(frames, planar=planar))
    assert (result.PhotometricInterpretation, result.PlanarConfiguration) == ("RGB", 0)
    np.testing.assert_array_equal(result.pixel_array, frames // 2)


def test_a_palette_leaves_no_trace(tmp_path):
    indices = speckle(1, 18, 21)
    dataset, table = palette(ultrasound(indices, interpretation="PALETTE COLOR"))
    _, result = despeckled(tmp_path, dataset)
    assert (result.PhotometricInterpretation, result.SamplesPerPixel) == ("RGB", 3)
    assert not [element for element in result if "Palette" in element.keyword]
    np.testing.assert_array_equal(result.pixel_array, table[indices[0]] // 2)


def test_ybr_is_written_as_rgb(tmp_path):
    frames = np.full((2, 18, 20, 3), 128, np.uint8)
    frames[..., 0] = speckle(2, 18, 20)
    _, result = despeckled(tmp_path, ultrasound(frames, interpretation="YBR_FULL_422"))
    assert result.PhotometricInterpretation == "RGB"
    assert np.abs(result.pixel_array[..., 1].astype(int) - frames[..., 0] // 2).max() <= 1


def test_monochrome1_stays_monochrome1_with_the_right_side_bright(tmp_path):
    frames = speckle(1, 18, 21, dtype="uint16") % 4096
    source, result = despeckled(tmp_path, ultrasound(frames, interpretation="MONOCHROME1", bits=12))
    assert (result.PhotometricInterpretation, result.BitsStored, result.HighBit) == ("MONOCHROME1", 12, 11)
    np.testing.assert_array_equal(result.pixel_array, 4095 - (4095 - source.pixel_array) // 2)


def test_values_stay_within_the_stored_bits(tmp_path):
    sweep = open_sweep(save(tmp_path / "in.dcm", ultrasound(speckle(1, 18, 21, dtype="uint16") % 1024, bits=10)))
    write_like(sweep, tmp_path / "out.dcm", change=lambda frame: frame + 5000)
    assert pydicom.dcmread(tmp_path / "out.dcm").pixel_array.max() == 1023


def test_regions_windows_and_private_elements_are_kept(tmp_path):
    dataset = ultrasound(speckle(2, 60, 80))
    add_region(dataset, (0, 0, 79, 59))
    dataset.WindowCenter, dataset.WindowWidth = 100, 200
    block = dataset.private_block(0x0019, "Test maker", create=True)
    block.add_new(1, "LO", "private")
    source, result = despeckled(tmp_path, dataset)
    assert result.SequenceOfUltrasoundRegions == source.SequenceOfUltrasoundRegions
    assert (result.WindowCenter, result.WindowWidth) == (100, 200)
    assert result.private_block(0x0019, "Test maker")[1].value == "private"


def test_what_describes_the_old_pixels_is_left_out(tmp_path):
    dataset = ultrasound(speckle(1, 20, 20))
    dataset.SmallestImagePixelValue, dataset.LargestImagePixelValue = 0, 255
    dataset["SmallestImagePixelValue"].VR = dataset["LargestImagePixelValue"].VR = "US"
    dataset.add_new(0x00080000, "UL", 12345)  # a group length
    dataset.add_new(0xFFFCFFFC, "OB", b"\0" * 64)  # trailing padding
    _, result = despeckled(tmp_path, dataset)
    for name in ("SmallestImagePixelValue", "LargestImagePixelValue", "DataSetTrailingPadding"):
        assert name not in result
    assert 0x00080000 not in result


def test_a_lossy_past_is_stated(tmp_path):
    path = pydicom.data.get_testdata_file("examples_ybr_color.dcm", download=False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        write_like(open_sweep(path), tmp_path / "out.dcm")
    result = pydicom.dcmread(tmp_path / "out.dcm")
    assert result.LossyImageCompression == "01"
    assert float(result.LossyImageCompressionRatio) == 19
    assert result.LossyImageCompressionMethod == "ISO_10918_1"
    assert "RGB to JPEG Baseline 1 conversion" in result.DerivationDescription
    assert len(result.SequenceOfUltrasoundRegions) == 1
    assert (result.NumberOfFrames, result.FrameTime) == (30, 33.333)


def test_a_range_of_frames_keeps_their_times(tmp_path):
    dataset = ultrasound(speckle(5, 20, 20))
    del dataset.FrameTime
    dataset.FrameTimeVector = [0, 10, 20, 30, 40]
    dataset.FrameIncrementPointer = 0x00181065
    dataset.StopTrim = 5
    dataset.RepresentativeFrameNumber = 5
    source, result = despeckled(tmp_path, dataset, range(2, 5))
    assert result.NumberOfFrames == 3
    assert list(result.FrameTimeVector) == [0, 30, 40]
    assert "StopTrim" not in result
    assert "RepresentativeFrameNumber" not in result
    np.testing.assert_array_equal(result.pixel_array, source.pixel_array[2:] // 2)


def test_one_frame_of_a_cine_stays_a_valid_multi_frame_object(tmp_path):
    _, result = despeckled(tmp_path, ultrasound(speckle(5, 20, 20)), [2])
    assert (result.NumberOfFrames, result.FrameIncrementPointer) == (1, 0x00181063)


def test_retired_ultrasound_classes_become_the_current_ones(tmp_path):
    dataset = ultrasound(speckle(2, 20, 20))
    dataset.SOPClassUID = "1.2.840.10008.5.1.4.1.1.3"
    source, result = despeckled(tmp_path, dataset)
    assert result.SOPClassUID == "1.2.840.10008.5.1.4.1.1.3.1"
    assert result.SourceImageSequence[0].ReferencedSOPClassUID == source.SOPClassUID


def test_missing_identifiers_are_filled_in(tmp_path):
    dataset = ultrasound(speckle(1, 20, 20))
    save(tmp_path / "in.dcm", dataset)
    dataset = pydicom.dcmread(tmp_path / "in.dcm")
    identifier = dataset.SOPInstanceUID
    for name in ("SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "PatientSex", "AccessionNumber"):
        delattr(dataset, name)
    dataset.SpecificCharacterSet = "ISO_IR"  # as some exports say, and no character set is called
    dataset.save_as(tmp_path / "in.dcm")
    write_like(open_sweep(tmp_path / "in.dcm"), tmp_path / "out.dcm")
    result = pydicom.dcmread(tmp_path / "out.dcm")
    assert all(result[name].value for name in ("SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID"))
    assert result.SourceImageSequence[0].ReferencedSOPInstanceUID == identifier
    assert "PatientSex" in result
    assert result.SpecificCharacterSet == "ISO_IR 100"


def test_floating_point_results_do_not_go_to_dicom(tmp_path):
    sweep = open_sweep(save(tmp_path / "in.dcm", ultrasound(speckle(1, 20, 20))))
    with pytest.raises(OutputError, match=r"not float32; write to \.nrrd"):
        sweep.writer(tmp_path / "out.dcm", [0], np.float32, {})


def test_only_dicom_becomes_dicom(tmp_path):
    (tmp_path / "in.nrrd").write_bytes(
        b"NRRD0004\ntype: uint8\ndimension: 2\nsizes: 16 16\nencoding: raw\n\n" + bytes(256)
    )
    with pytest.raises(OutputError, match="names no patient"):
        open_sweep(tmp_path / "in.nrrd").writer(tmp_path / "out.dcm", [0], np.uint8, {})


def test_no_patient_data_goes_into_other_formats(tmp_path):
    sweep = open_sweep(save(tmp_path / "in.dcm", ultrasound(speckle(2, 20, 20))))
    for name in ("out.nrrd", "out.seq.nrrd", "out.mha", "out.nii", "out.tif"):
        write_like(sweep, tmp_path / name)
        data = (tmp_path / name).read_bytes()
        for secret in (b"4711", "Größe".encode(), b"19700101", sweep.source.dataset.StudyInstanceUID.encode()):
            assert secret not in data


def test_an_object_without_suffix_may_go_to_one_without_suffix(tmp_path):
    frames = speckle(1, 20, 20)
    save(tmp_path / "IM0001", ultrasound(frames))
    (tmp_path / "out").mkdir()
    written = write_like(open_sweep(tmp_path / "IM0001"), tmp_path / "out" / "IM0001")
    np.testing.assert_array_equal(frames_of(written), frames)
