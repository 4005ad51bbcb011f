"""Masks out as DICOM: a segmentation (SEG) or a structure set (RTSTRUCT) that belongs to the series it was drawn on."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import highdicom
import numpy as np
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence as Items
from pydicom.sr.coding import Code
from pydicom.uid import ExplicitVRLittleEndian, RTStructureSetStorage, generate_uid
from pydicom.valuerep import format_number_as_ds

from .._version import __version__
from ..core.atomic import write_bytes_atomically
from ..core.errors import DataError
from ..imaging.contours import outlines
from ..imaging.geometry import Array, Volume
from .dicom_header import lenient, read_dataset
from .dicom_planes import Plane
from .dicom_series import series_grid

TISSUE = Code("85756007", "SCT", "Tissue")
"""Category of every segment, and type of one whose name has no code here."""
CODES: Mapping[str, Code] = {
    "liver": Code("10200004", "SCT", "Liver"),
    "spleen": Code("78961009", "SCT", "Spleen"),
    "lesion": Code("4147007", "SCT", "Mass"),
    "tumour": Code("4147007", "SCT", "Mass"),
}
"""SNOMED CT codes of the regions that hepar names."""
_MAKER = "hepar"
_COPIED = (
    "PatientName",
    "PatientID",
    "PatientBirthDate",
    "PatientSex",
    "StudyInstanceUID",
    "StudyDate",
    "StudyTime",
    "StudyID",
    "AccessionNumber",
    "ReferringPhysicianName",
)


_REFERRED = ("SOPClassUID", "SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID", "FrameOfReferenceUID")


@dataclass(frozen=True, slots=True)
class _Drawn:
    """Masks in the order of the slices of the series that they were drawn on."""

    masks: Mapping[str, Array]
    grid: Volume
    planes: tuple[Plane, ...]


def write_seg(
    masks: Mapping[str, Volume], source: Path, path: Path, *, series: str | None = None, algorithm: str = ""
) -> None:
    """Write `masks` as a binary DICOM SEG at `path`, one segment each, that refers to the series at `source`.

    `algorithm` is the name of what drew them; without it they are declared as drawn by hand. Masks on another grid
    than the series, and empty ones, are refused.
    """
    drawn = _drawn(masks, source, series=series)
    with lenient():
        images = [_referable(file) for file in dict.fromkeys(plane.file for plane in drawn.planes)]
        order = np.argsort([plane.frame for plane in drawn.planes], kind="stable")
        if len(images) < len(drawn.planes) and int(images[0].get("NumberOfFrames", 1)) != len(drawn.planes):
            raise DataError(
                f"{source}: the series is a part of its multi-frame file, which SEG cannot refer to"
            )
        segmentation = highdicom.seg.Segmentation(
            source_images=images,
            pixel_array=np.stack([mask[order] for mask in drawn.masks.values()], axis=-1).astype(np.uint8),
            segmentation_type=highdicom.seg.SegmentationTypeValues.BINARY,
            segment_descriptions=[
                _segment(k, name, algorithm) for k, name in enumerate(drawn.masks, start=1)
            ],
            series_instance_uid=generate_uid(),
            series_number=1,
            sop_instance_uid=generate_uid(),
            instance_number=1,
            manufacturer=_MAKER,
            manufacturer_model_name=_MAKER,
            software_versions=__version__,
            device_serial_number="0",
        )
        write_bytes_atomically(path, _bytes(segmentation))


def write_rtstruct(
    masks: Mapping[str, Volume], source: Path, path: Path, *, series: str | None = None
) -> None:
    """Write `masks` as an RTSTRUCT at `path`, one ROI each, drawn on the series at `source`.

    Contours run along the edges of voxels, holes are contours of their own: read with the rule of `read_rtstruct`, the
    masks come back voxel for voxel. Masks on another grid than the series, and empty ones, are refused.
    """
    drawn = _drawn(masks, source, series=series)
    with lenient():
        first = _referable(drawn.planes[0].file)
        uids = _uids(drawn.planes)
        structure = _structure_set(first, uids, names=list(drawn.masks))
        structure.ROIContourSequence = Items(
            _item(ReferencedROINumber=k, ContourSequence=_contours(mask, drawn.grid, uids))
            for k, mask in enumerate(drawn.masks.values(), start=1)
        )
        write_bytes_atomically(path, _bytes(structure))


def _drawn(masks: Mapping[str, Volume], source: Path, *, series: str | None) -> _Drawn:
    if not masks:
        raise DataError(f"{source}: no mask was given to write")
    grid, planes = series_grid(source, series=series)
    arrays = {}
    for name, mask in masks.items():
        arrays[name] = mask.aligned_to(grid).array.astype(bool)
        if not arrays[name].any():
            raise DataError(f"the mask {name!r} is empty; leave it out")
    return _Drawn(arrays, grid, planes)


def _referable(file: Path) -> Dataset:
    """The file at `file`, its absent values that may be empty set to empty.

    Refuses a file without the identifiers by which another object refers to it.
    """
    dataset = read_dataset(file)
    absent = [keyword for keyword in _REFERRED if not dataset.get(keyword)]
    if absent:
        raise DataError(
            f"{file}: has no {', '.join(absent)} (emptied by a de-identification?), so no SEG or RTSTRUCT can refer to"
            " it; write the masks with write_nifti, or give the series with its identifiers"
        )
    for keyword in _COPIED:
        if keyword not in dataset:
            setattr(dataset, keyword, "")
    if not dataset.get("SpecificCharacterSet"):
        dataset.SpecificCharacterSet = "ISO_IR 192"
    return dataset


def _segment(k: int, name: str, algorithm: str) -> Any:
    kinds = highdicom.seg.SegmentAlgorithmTypeValues
    drawn_by = highdicom.AlgorithmIdentificationSequence(
        name=algorithm,
        family=Code("123110", "DCM", "Artificial Intelligence"),
        version=__version__,
    )
    return highdicom.seg.SegmentDescription(
        segment_number=k,
        segment_label=name,
        segmented_property_category=TISSUE,
        segmented_property_type=CODES.get(name.casefold(), TISSUE),
        algorithm_type=kinds.AUTOMATIC if algorithm else kinds.MANUAL,
        algorithm_identification=drawn_by if algorithm else None,
    )


def _uids(planes: Sequence[Plane]) -> list[tuple[str, str]]:
    """SOP class and instance of each slice."""
    found = {}
    for file in dict.fromkeys(plane.file for plane in planes):
        dataset = _referable(file)
        found[file] = (str(dataset.SOPClassUID), str(dataset.SOPInstanceUID))
    return [found[plane.file] for plane in planes]


def _structure_set(first: Dataset, uids: Sequence[tuple[str, str]], *, names: Sequence[str]) -> FileDataset:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = RTStructureSetStorage
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    out = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    for keyword in _COPIED:
        setattr(out, keyword, first[keyword].value)
    out.SpecificCharacterSet = first.SpecificCharacterSet
    out.SOPClassUID, out.SOPInstanceUID = RTStructureSetStorage, meta.MediaStorageSOPInstanceUID
    out.Modality, out.SeriesInstanceUID = "RTSTRUCT", generate_uid()
    out.SeriesNumber, out.InstanceNumber = 1, 1
    out.Manufacturer, out.SoftwareVersions, out.StructureSetLabel = _MAKER, __version__, "regions"
    out.StructureSetDate, out.StructureSetTime = "", ""
    out.FrameOfReferenceUID = first.FrameOfReferenceUID
    out.ReferencedFrameOfReferenceSequence = Items([_referenced(first, uids)])
    out.StructureSetROISequence = Items(_roi(k, name, first) for k, name in enumerate(names, start=1))
    out.RTROIObservationsSequence = Items(_observation(k) for k in range(1, len(names) + 1))
    return out


def _item(**values: Any) -> Dataset:
    item = Dataset()
    for keyword, value in values.items():
        setattr(item, keyword, Items(value) if keyword.endswith("Sequence") else value)
    return item


def _image(uids: tuple[str, str]) -> Dataset:
    return _item(ReferencedSOPClassUID=uids[0], ReferencedSOPInstanceUID=uids[1])


def _referenced(first: Dataset, uids: Sequence[tuple[str, str]]) -> Dataset:
    series = _item(
        SeriesInstanceUID=first.SeriesInstanceUID,
        ContourImageSequence=[_image(one) for one in dict.fromkeys(uids)],
    )
    study = _item(
        ReferencedSOPClassUID="1.2.840.10008.3.1.2.3.1",
        ReferencedSOPInstanceUID=first.StudyInstanceUID,
        RTReferencedSeriesSequence=[series],
    )
    return _item(FrameOfReferenceUID=first.FrameOfReferenceUID, RTReferencedStudySequence=[study])


def _roi(k: int, name: str, first: Dataset) -> Dataset:
    return _item(
        ROINumber=k,
        ROIName=name,
        ReferencedFrameOfReferenceUID=first.FrameOfReferenceUID,
        ROIGenerationAlgorithm="",
    )


def _observation(k: int) -> Dataset:
    return _item(ObservationNumber=k, ReferencedROINumber=k, RTROIInterpretedType="", ROIInterpreter="")


def _contours(mask: Array, grid: Volume, uids: Sequence[tuple[str, str]]) -> list[Dataset]:
    return [
        _contour(np.insert(loop, 0, z, axis=1), grid, uids[z])
        for z in np.flatnonzero(mask.any(axis=(1, 2))).tolist()
        for loop in outlines(mask[z])
    ]


def _contour(loop: Array, grid: Volume, uids: tuple[str, str]) -> Dataset:
    numbers = [format_number_as_ds(float(mm)) for mm in grid.world_mm(loop).ravel()]
    return _item(
        ContourImageSequence=[_image(uids)],
        ContourGeometricType="CLOSED_PLANAR",
        NumberOfContourPoints=len(loop),
        ContourData=numbers,
    )


def _bytes(dataset: Dataset) -> bytes:
    buffer = io.BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()
