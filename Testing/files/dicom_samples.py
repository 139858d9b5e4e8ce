"""Small DICOM ultrasound objects for tests."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, RLELossless, generate_uid

SINGLE, MULTI = "1.2.840.10008.5.1.4.1.1.6.1", "1.2.840.10008.5.1.4.1.1.3.1"


def ultrasound(
    frames: np.ndarray, interpretation: str | None = None, planar: int = 0, bits: int | None = None
) -> Dataset:
    """An object that holds (N, H, W) or (N, H, W, 3) pixels as they are."""
    color = frames.ndim == 4
    dataset = Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "VASCULAR", "0001"]
    dataset.SOPClassUID = MULTI if len(frames) > 1 else SINGLE
    dataset.SOPInstanceUID = generate_uid()
    dataset.StudyInstanceUID = generate_uid()
    dataset.SeriesInstanceUID = generate_uid()
    dataset.Modality = "US"
    dataset.Manufacturer = "Test"
    dataset.PatientName = "Größe^Test"
    dataset.PatientID = "4711"
    dataset.PatientBirthDate = "19700101"
    dataset.PatientSex = "O"
    dataset.StudyDate, dataset.StudyTime = "20200101", "120000"
    dataset.StudyID, dataset.AccessionNumber, dataset.ReferringPhysicianName = "1", "", ""
    dataset.SeriesNumber, dataset.InstanceNumber = 3, 7
    dataset.SeriesDescription = "Carotid left"
    dataset.BurnedInAnnotation = "YES"
    dataset.LossyImageCompression = "00"
    dataset.SamplesPerPixel = 3 if color else 1
    dataset.PhotometricInterpretation = interpretation or ("RGB" if color else "MONOCHROME2")
    dataset.Rows, dataset.Columns = frames.shape[1:3]
    dataset.BitsAllocated = frames.dtype.itemsize * 8
    dataset.BitsStored = bits or dataset.BitsAllocated
    dataset.HighBit = dataset.BitsStored - 1
    dataset.PixelRepresentation = 1 if frames.dtype.kind == "i" else 0
    if len(frames) > 1:
        dataset.NumberOfFrames = len(frames)
        dataset.FrameTime = "40"
        dataset.FrameIncrementPointer = 0x00181063
    pixels = frames
    if color:
        dataset.PlanarConfiguration = planar
        pixels = frames.transpose(0, 3, 1, 2) if planar else frames
    dataset.PixelData = _native_bytes(pixels, dataset.PhotometricInterpretation)
    dataset["PixelData"].VR = "OW" if frames.dtype.itemsize == 2 else "OB"
    return dataset


def _native_bytes(pixels: np.ndarray, interpretation: str) -> bytes:
    if interpretation == "YBR_FULL_422":  # Y Y B R for every two pixels of a row
        pairs = pixels.reshape(*pixels.shape[:2], -1, 2, 3)
        packed = np.stack([pairs[..., 0, 0], pairs[..., 1, 0], pairs[..., 0, 1], pairs[..., 0, 2]], axis=-1)
        pixels = packed
    data = np.ascontiguousarray(pixels).tobytes()
    return data + b"\0" * (len(data) % 2)


def add_region(
    dataset: Dataset,
    bounds: tuple[int, int, int, int],
    spatial: int = 1,
    data: int = 1,
    delta: tuple[float, float] = (0.01, 0.01),
    units: tuple[int, int] = (3, 3),
) -> None:
    """Append an ultrasound region; bounds are left, top, right, bottom, and belong to it."""
    region = Dataset()
    region.RegionSpatialFormat, region.RegionDataType, region.RegionFlags = spatial, data, 2
    region.RegionLocationMinX0, region.RegionLocationMinY0 = bounds[:2]
    region.RegionLocationMaxX1, region.RegionLocationMaxY1 = bounds[2:]
    region.PhysicalUnitsXDirection, region.PhysicalUnitsYDirection = units
    region.PhysicalDeltaX, region.PhysicalDeltaY = delta
    earlier = list(dataset.get("SequenceOfUltrasoundRegions") or [])
    dataset.SequenceOfUltrasoundRegions = Sequence([*earlier, region])


def palette(dataset: Dataset) -> tuple[Dataset, np.ndarray]:
    """Give an object a color palette; return it and the palette as (256, 3)."""
    ramp = np.arange(256)
    table = np.stack([ramp, ramp[::-1], (ramp * 7) % 256], axis=-1).astype(np.uint8)
    for place, color in enumerate(("Red", "Green", "Blue")):
        setattr(dataset, f"{color}PaletteColorLookupTableDescriptor", [256, 0, 16])
        setattr(dataset, f"{color}PaletteColorLookupTableData", (table[:, place].astype("<u2") << 8).tobytes())
    return dataset, table


def save(path: Path, dataset: Dataset, syntax: str = ExplicitVRLittleEndian) -> Path:
    """Write an object with file meta information in a transfer syntax."""
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    if syntax == RLELossless:
        dataset.compress(RLELossless, encoding_plugin="pydicom", generate_instance_uid=False)
    elif syntax == ExplicitVRBigEndian and dataset.BitsAllocated == 16:
        dataset.PixelData = np.frombuffer(dataset.PixelData, "<u2").astype(">u2").tobytes()
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.save_as(path, enforce_file_format=True)
    return path


def compress_with_gdcm(source: Path, target: Path, kind: str) -> Path:
    """Compress an object into one of GDCM's transfer syntaxes."""
    import gdcm

    reader = gdcm.ImageReader()
    reader.SetFileName(str(source))
    assert reader.Read()
    change = gdcm.ImageChangeTransferSyntax()
    change.SetTransferSyntax(gdcm.TransferSyntax(getattr(gdcm.TransferSyntax, kind)))
    change.SetInput(reader.GetImage())
    assert change.Change()
    writer = gdcm.ImageWriter()
    writer.SetFileName(str(target))
    writer.SetFile(reader.GetFile())
    writer.SetImage(change.GetOutput())
    assert writer.Write()
    return target
