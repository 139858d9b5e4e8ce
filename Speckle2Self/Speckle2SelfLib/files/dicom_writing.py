"""Write a despeckled DICOM object, derived from the one that was read.

It is uncompressed, of the same study and patient, in a new series, and refers to its source (DICOM PS3.3, C.7.6.1.1.3).
"""

from __future__ import annotations

import copy
import datetime
import io
import struct
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import __version__
from ..errors import OutputError
from .dicom_pixels import quiet_pydicom
from .dicom_reading import DicomSource, inverted
from .output_place import writing_to
from .payload import CheckedFile
from .pixels import Array, check_output_type
from .sweep import SweepWriter

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

CURRENT_CLASSES = {  # retired ultrasound classes and their successors, which differ in no way that matters here
    "1.2.840.10008.5.1.4.1.1.6": "1.2.840.10008.5.1.4.1.1.6.1",
    "1.2.840.10008.5.1.4.1.1.3": "1.2.840.10008.5.1.4.1.1.3.1",
}
GRAY_BYTE_CAPTURES = ("1.2.840.10008.5.1.4.1.1.7.2", "1.2.840.10008.5.1.4.1.1.7.3")
TRUE_COLOR_CAPTURE = "1.2.840.10008.5.1.4.1.1.7.4"
LOSSY_METHODS = {
    "1.2.840.10008.1.2.4.50": "ISO_10918_1",
    "1.2.840.10008.1.2.4.51": "ISO_10918_1",
    "1.2.840.10008.1.2.4.81": "ISO_14495_1",
    "1.2.840.10008.1.2.4.91": "ISO_15444_1",
}
# what describes the old pixels, or vouches for them
DROPPED = [
    "IconImageSequence",
    "DigitalSignaturesSequence",
    "MACParametersSequence",
    "SmallestImagePixelValue",
    "LargestImagePixelValue",
    "SmallestPixelValueInSeries",
    "LargestPixelValueInSeries",
    "ExtendedOffsetTable",
    "ExtendedOffsetTableLengths",
    "OriginalAttributesSequence",
    "InstanceCreatorUID",
    "PixelDataProviderURL",
]
PALETTE = [
    f"{color}PaletteColorLookupTable{part}"
    for color in ("Red", "Green", "Blue", "Alpha")
    for part in ("Descriptor", "Data")
]
PALETTE += [f"Segmented{color}PaletteColorLookupTableData" for color in ("Red", "Green", "Blue")]
PALETTE += ["PaletteColorLookupTableUID"]
# numbers of frames, or times, that a selection of frames makes wrong
OF_ALL_FRAMES = [
    "StartTrim",
    "StopTrim",
    "EffectiveDuration",
    "RepresentativeFrameNumber",
    "FrameNumbersOfInterest",
    "FrameOfInterestDescription",
    "FrameOfInterestType",
    "RWaveTimeVector",
    "RWavePointer",
]
EMPTY_IF_MISSING = [
    "PatientName",
    "PatientID",
    "PatientBirthDate",
    "PatientSex",
    "StudyDate",
    "StudyTime",
    "ReferringPhysicianName",
    "StudyID",
    "AccessionNumber",
    "Manufacturer",
    "InstanceNumber",
]
SMOOTHING = ("113087", "Smoothing")  # PS3.16, CID 7203 Image Derivation
SOURCE_IMAGE = ("121322", "Source image for image processing operation")
MODIFYING_EQUIPMENT = ("109103", "Modifying Equipment")
PIXEL_DATA = 0x7FE00010
LONGEST_PIXEL_DATA = (1 << 32) - 2
LONG_STRING, SHORT_TEXT = 64, 1024


class DicomWriter(SweepWriter):
    """Writes a DICOM object; only an input that was DICOM has the patient and study that it needs."""

    def _check(self, dtype: np.dtype[Any]) -> np.dtype[Any]:
        source = self.sweep.source
        if not isinstance(source, DicomSource):
            raise OutputError(
                f"{self.path} cannot be written as DICOM because a {self.sweep.format_name} input names no patient and "
                "study; write to .nrrd, .mha, .nii.gz or .tiff."
            )
        if dtype != self.sweep.dtype:
            raise OutputError(
                f"DICOM ultrasound holds {self.sweep.dtype} pixels as its source does, not {dtype}; write to .nrrd."
            )
        if len(self.indices) * self._frame_bytes(dtype) > LONGEST_PIXEL_DATA:
            raise OutputError(
                f"{self.path} would pass 4 GB, the limit of DICOM; choose fewer frames or write to .nrrd."
            )
        return check_output_type("DICOM", dtype, ("uint8", "int8", "uint16", "int16"), ".nrrd")

    def _frame_bytes(self, dtype: np.dtype[Any]) -> int:
        return int(np.prod(self.sweep.frame_shape)) * dtype.itemsize

    def _save(self) -> None:
        source: DicomSource = self.sweep.source
        temporary = self.place.temporary(self.place.path)
        with quiet_pydicom():
            dataset = derived_dataset(
                source, self.indices, len(self.sweep), self.dtype, self.sweep.color, self.provenance
            )
            header = _encoded(dataset)
        length = len(self.frames) * self._frame_bytes(self.dtype)
        with writing_to(self.path), CheckedFile(temporary, self.path) as file:
            file.write(header)
            kind = b"OW" if self.dtype.itemsize == 2 else b"OB"
            file.write(struct.pack("<HH2sHI", PIXEL_DATA >> 16, PIXEL_DATA & 0xFFFF, kind, 0, length + length % 2))
            for frame in self.frames:
                stored = _as_stored(frame, source.dataset)
                file.write(np.ascontiguousarray(stored, stored.dtype.newbyteorder("<")).tobytes())
            file.write(b"\0" * (length % 2))
            file.verify()
        self._verify(temporary)

    def _verify(self, temporary: Path) -> None:
        """Read the elements back; the pixels were compared byte by byte already."""
        import pydicom

        with quiet_pydicom():
            written = pydicom.dcmread(temporary, stop_before_pixels=True)
            shape = (int(written.get("NumberOfFrames") or 1), written.Rows, written.Columns)
        if shape != self.frames.shape[:3]:
            raise OutputError(f"{self.path} did not read back as it was written; check the disk and try again.")


def _as_stored(frame: Array, source: Dataset) -> Array:
    """Return a frame with the values that the object stores."""
    if frame.ndim == 3:
        return frame
    bits = int(source.get("BitsStored") or frame.dtype.itemsize * 8)
    low, high = (0, (1 << bits) - 1) if frame.dtype.kind == "u" else (-(1 << (bits - 1)), (1 << (bits - 1)) - 1)
    frame = np.clip(frame, low, high).astype(frame.dtype)
    return inverted(frame, source) if source.get("PhotometricInterpretation") == "MONOCHROME1" else frame


def _encoded(dataset: Dataset) -> bytes:
    """Return preamble, file meta information and every element before the pixels."""
    import pydicom

    buffer = io.BytesIO()
    pydicom.dcmwrite(buffer, dataset, enforce_file_format=True)
    return buffer.getvalue()


def derived_dataset(
    source: DicomSource, indices: list[int], count: int, dtype: np.dtype[Any], color: bool, provenance: dict[str, str]
) -> Dataset:
    """Return the elements of the derived object, without pixels.

    Parameters
    ----------
    source : DicomSource
        The object that was despeckled.
    indices : list of int
        Frames of the source that the object holds, out of ``count``.
    dtype : numpy dtype
        Type of the pixels.
    color : bool
        Whether the frames are RGB.
    provenance : dict of str
        What was computed.
    """
    from pydicom.dataset import FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian, generate_uid

    dataset = _copy(source.dataset)
    original = source.dataset
    _drop(dataset, [*DROPPED, *(PALETTE if color or "PALETTE" in _interpretation(original) else [])])
    _repair(dataset)
    _state_source(dataset, original)
    dataset.SOPInstanceUID = generate_uid(prefix=None)
    dataset.SeriesInstanceUID = _series_uid(original, provenance)
    _describe(dataset, original, provenance)
    _state_loss(dataset, source, count)
    _state_pixels(dataset, source, dtype, color)
    _select_frames(dataset, indices, count)
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta = meta
    return dataset


def _copy(original: Dataset) -> Dataset:
    from pydicom.dataset import Dataset

    derived = Dataset()
    for element in original.iterall():  # decodes what is still as it stood in the file
        if element.VR == "SQ":
            for item in element.value:
                _drop_group_lengths(item)
    # pydicom changes elements in place, so that sharing them would change the source
    derived.update({element.tag: copy.copy(element) for element in original if element.tag < PIXEL_DATA})
    _drop_group_lengths(derived)
    return derived


def _drop_group_lengths(dataset: Dataset) -> None:
    """Remove group lengths, which retired long ago and would be wrong now."""
    for tag in [tag for tag in dataset.keys() if tag.element == 0]:  # noqa: SIM118 - iterating yields elements
        del dataset[tag]


def _drop(dataset: Dataset, names: Iterable[str]) -> None:
    for name in names:
        if name in dataset:
            delattr(dataset, name)


def _interpretation(dataset: Dataset) -> str:
    return str(dataset.get("PhotometricInterpretation") or "")


def _repair(dataset: Dataset) -> None:
    """Fill in what every object must have and this source lacks."""
    from pydicom.charset import python_encoding
    from pydicom.uid import generate_uid

    terms = dataset.get("SpecificCharacterSet")
    listed = [terms] if isinstance(terms, str) else list(terms or [])
    if any(term not in python_encoding for term in listed):
        dataset.SpecificCharacterSet = "ISO_IR 100"  # what pydicom has read the texts as
    if not dataset.get("SOPClassUID"):
        dataset.SOPClassUID = "1.2.840.10008.5.1.4.1.1.6.1"
    dataset.SOPClassUID = CURRENT_CLASSES.get(dataset.SOPClassUID, dataset.SOPClassUID)
    if not dataset.get("StudyInstanceUID"):
        dataset.StudyInstanceUID = generate_uid(prefix=None)
    for name in EMPTY_IF_MISSING:
        if name not in dataset:
            setattr(dataset, name, None)


def _code(value: str, meaning: str) -> Dataset:
    from pydicom.dataset import Dataset

    item = Dataset()
    item.CodeValue = value
    item.CodingSchemeDesignator = "DCM"
    item.CodeMeaning = meaning
    return item


def _state_source(dataset: Dataset, original: Dataset) -> None:
    from pydicom.dataset import Dataset

    meta = getattr(original, "file_meta", Dataset())
    item = Dataset()
    item.ReferencedSOPClassUID = (
        original.get("SOPClassUID") or meta.get("MediaStorageSOPClassUID") or dataset.SOPClassUID
    )
    instance = original.get("SOPInstanceUID") or meta.get("MediaStorageSOPInstanceUID")
    item.PurposeOfReferenceCodeSequence = [_code(*SOURCE_IMAGE)]
    if instance:
        item.ReferencedSOPInstanceUID = instance
        dataset.SourceImageSequence = [item]
    else:
        _drop(dataset, ["SourceImageSequence"])


def _series_uid(original: Dataset, provenance: dict[str, str]) -> str:
    """Return one UID for all objects of a source series despeckled in the same way, so that they stay one series."""
    from pydicom.uid import generate_uid

    series = original.get("SeriesInstanceUID")
    if not series:
        return str(generate_uid(prefix=None))
    name = f"{series} {sorted(provenance.items())}"
    return f"2.25.{uuid.uuid5(uuid.NAMESPACE_OID, name).int}"


def _describe(dataset: Dataset, original: Dataset, provenance: dict[str, str]) -> None:
    from pydicom.dataset import Dataset

    stated = original.get("ImageType") or []
    words = [stated] if isinstance(stated, str) else list(stated)
    dataset.ImageType = ["DERIVED", "SECONDARY", *words[2:]]
    description = str(original.get("SeriesDescription") or "")
    dataset.SeriesDescription = f"{description[: LONG_STRING - 12]} despeckled" if description else "Despeckled"
    number = original.get("SeriesNumber")
    dataset.SeriesNumber = int(number or 0) + 1000
    text = f"Despeckled with Speckle2Self {__version__}"
    text += "".join(f"; {key} {value}" for key, value in provenance.items())
    earlier = str(original.get("DerivationDescription") or "")
    room = SHORT_TEXT - len(earlier) - 20
    text = text[:room] + (f"; source: {earlier}" if earlier else "")
    dataset.DerivationDescription = text[:SHORT_TEXT]
    dataset.DerivationCodeSequence = [_code(*SMOOTHING)]
    now = datetime.datetime.now()
    dataset.InstanceCreationDate, dataset.InstanceCreationTime = now.strftime("%Y%m%d"), now.strftime("%H%M%S")
    equipment = Dataset()
    equipment.Manufacturer = "Speckle2Self"
    equipment.SoftwareVersions = __version__
    equipment.ContributionDescription = "Speckle reduction"
    equipment.PurposeOfReferenceCodeSequence = [_code(*MODIFYING_EQUIPMENT)]
    dataset.ContributingEquipmentSequence = [*(original.get("ContributingEquipmentSequence") or []), equipment]


def _state_loss(dataset: Dataset, source: DicomSource, count: int) -> None:
    """Say that pixels once went through a lossy compression, which decompressing does not undo."""
    syntax = str(getattr(getattr(source.dataset, "file_meta", None), "TransferSyntaxUID", ""))
    if syntax not in LOSSY_METHODS:
        return
    lossy_before = dataset.get("LossyImageCompression") == "01"
    dataset.LossyImageCompression = "01"
    if lossy_before and dataset.get("LossyImageCompressionRatio"):
        if not dataset.get("LossyImageCompressionMethod"):
            dataset.LossyImageCompressionMethod = LOSSY_METHODS[syntax]
        return
    samples = int(dataset.get("SamplesPerPixel") or 1) * int(dataset.get("BitsAllocated") or 8) // 8
    whole = count * int(dataset.Rows) * int(dataset.Columns) * samples
    dataset.LossyImageCompressionRatio = f"{max(whole / max(source.compressed_bytes, 1), 1.0):.2f}"
    dataset.LossyImageCompressionMethod = LOSSY_METHODS[syntax]


def _state_pixels(dataset: Dataset, source: DicomSource, dtype: np.dtype[Any], color: bool) -> None:
    dataset.SamplesPerPixel = 3 if color else 1
    if color:
        dataset.PhotometricInterpretation = "RGB"
        dataset.PlanarConfiguration = 0
        if dataset.SOPClassUID in GRAY_BYTE_CAPTURES:
            dataset.SOPClassUID = TRUE_COLOR_CAPTURE
    else:
        _drop(dataset, ["PlanarConfiguration"])
    bits = dtype.itemsize * 8 if color else min(source.bits_stored, dtype.itemsize * 8)
    dataset.BitsAllocated = dtype.itemsize * 8
    dataset.BitsStored, dataset.HighBit = bits, bits - 1
    dataset.PixelRepresentation = 1 if dtype.kind == "i" else 0


def _select_frames(dataset: Dataset, indices: list[int], count: int) -> None:
    """Let the number of frames and their times follow the selection."""
    if count > 1 or "NumberOfFrames" in dataset:
        dataset.NumberOfFrames = len(indices)
    if len(indices) == count:
        return
    _drop(dataset, OF_ALL_FRAMES)
    vector = dataset.get("FrameTimeVector")
    if vector is not None and hasattr(vector, "__len__") and len(vector) == count:
        times = np.cumsum([float(value) for value in vector])
        chosen = np.diff(times[indices], prepend=times[indices[0]])
        dataset.FrameTimeVector = [f"{value:.10g}" for value in chosen]
