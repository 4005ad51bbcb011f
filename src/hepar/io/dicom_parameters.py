"""How a DICOM series was acquired, for reports of a study; nothing that identifies a patient, a person or a place."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydicom.multival import MultiValue

from .dicom_header import GROUPS, flat, read_header, text, understood
from .dicom_series import series_files

PARAMETERS: Mapping[str, tuple[str, ...]] = {
    "modality": ("Modality",),
    "manufacturer": ("Manufacturer",),
    "model": ("ManufacturerModelName",),
    "software": ("SoftwareVersions",),
    "tube_voltage_kv": ("KVP",),
    "tube_current_ma": ("XRayTubeCurrentInmA", "XRayTubeCurrent"),
    "exposure_time_ms": ("ExposureTimeInms", "ExposureTime"),
    "exposure_mas": ("ExposureInmAs", "Exposure"),
    "ctdi_vol_mgy": ("CTDIvol",),
    "pitch": ("SpiralPitchFactor",),
    "scan_options": ("ScanOptions",),
    "kernel": ("ConvolutionKernel",),
    "filter": ("FilterType",),
    "reconstruction": ("ReconstructionAlgorithm",),
    "reconstruction_diameter_mm": ("ReconstructionDiameter",),
    "rows": ("Rows",),
    "columns": ("Columns",),
    "pixel_spacing_mm": ("PixelSpacing",),
    "slice_thickness_mm": ("SliceThickness",),
    "slice_spacing_mm": ("SpacingBetweenSlices",),
    "field_strength_t": ("MagneticFieldStrength",),
    "scanning_sequence": ("ScanningSequence", "PulseSequenceName"),
    "sequence_variant": ("SequenceVariant",),
    "sequence_name": ("SequenceName",),
    "acquisition_type": ("MRAcquisitionType",),
    "repetition_time_ms": ("RepetitionTime",),
    "echo_time_ms": ("EffectiveEchoTime", "EchoTime"),
    "inversion_time_ms": ("InversionTime",),
    "flip_angle_deg": ("FlipAngle",),
    "echo_train_length": ("EchoTrainLength", "RFEchoTrainLength"),
    "averages": ("NumberOfAverages",),
    "pixel_bandwidth_hz": ("PixelBandwidth",),
    "b_value_s_mm2": ("DiffusionBValue",),
    "receive_coil": ("ReceiveCoilName",),
    "contrast_agent": ("ContrastBolusAgent",),
    "contrast_route": ("ContrastBolusRoute",),
    "contrast_volume_ml": ("ContrastBolusVolume",),
    "contrast_flow_ml_s": ("ContrastFlowRate",),
    "image_type": ("ImageType",),
    "units": ("RescaleType", "Units"),
    "corrections": ("CorrectedImage",),
    "patient_position": ("PatientPosition",),
}
"""Name of a parameter, with its unit -> the DICOM keywords that hold it; the first present counts."""

_KEYWORDS = tuple(keyword for keywords in PARAMETERS.values() for keyword in keywords)


def acquisition_parameters(path: Path | str, *, series: str | None = None) -> Mapping[str, str]:
    """What the headers of the series at `path` say of its acquisition, by the names of `PARAMETERS`.

    A number that varies between the slices is told as "lowest to highest", a text as its values; what no header holds
    is left out. Of a series of several images at each place, all count.
    """
    found: dict[str, list[str]] = {}
    for file in _files(Path(path), series):
        with understood(file):
            values = flat(read_header(file, (*_KEYWORDS, *GROUPS)))
        for name, keywords in PARAMETERS.items():
            told = next((t for keyword in keywords if (t := _told(values.get(keyword)))), None)
            if told is not None and told not in found.setdefault(name, []):
                found[name].append(told)
    return {name: _summary(told) for name, told in found.items()}


def _files(path: Path, series: str | None) -> tuple[Path, ...]:
    return series_files(path, series=series) if path.is_dir() else (path,)


def _told(value: Any) -> str:
    """A value as text, numbers to six digits; empty where there is none."""
    if value is None or value == "":
        return ""
    if isinstance(value, MultiValue | list):
        return ", ".join(filter(None, map(_told, value)))
    return f"{value:.6g}" if isinstance(value, int | float) else text({"": value}, "")


def _summary(told: list[str]) -> str:
    if len(told) == 1:
        return told[0]
    try:
        ordered = sorted(told, key=float)
    except ValueError:
        return "; ".join(sorted(told))
    return f"{ordered[0]} to {ordered[-1]}"
