"""How the images were acquired: a table of what their files say, and the checklist items which that answers."""

from collections.abc import Mapping

from ..study.result import ArmResult
from .answers import Answer, AskArm
from .blocks import Table, table
from .numbers import count

ENOUGH = 5
"""Parameters from which on an imaging protocol counts as documented."""

UNITS = {
    "kv": "kV",
    "ma": "mA",
    "mas": "mAs",
    "ms": "ms",
    "mhz": "MHz",
    "db": "dB",
    "mm": "mm",
    "mgy": "mGy",
    "t": "T",
    "deg": "°",
    "hz": "Hz",
    "ml": "ml",
}


def acquisition_table(arm: ArmResult) -> Table | None:
    """Parameters of every image that was read; None where no header told any."""
    rows = [
        (name, parameter_words(parameter), value)
        for name, told in arm.acquired.items()
        for parameter, value in told.items()
    ]
    if not rows:
        return None
    return table(
        "How the images were acquired, by what their files say",
        head=("Image", "Parameter", "Range, or values (cases)"),
        rows=rows,
        prose=True,
    )


def parameter_words(parameter: str) -> str:
    """The name of a parameter in print.

    >>> parameter_words("tube_voltage_kv"), parameter_words("kernel"), parameter_words("b_value_s_mm2")
    ('tube voltage, kV', 'kernel', 'b value, s/mm²')
    """
    special = {"b_value_s_mm2": "b value, s/mm²", "contrast_flow_ml_s": "contrast flow, ml/s"}
    if parameter in special:
        return special[parameter]
    stem, _, unit = parameter.rpartition("_")
    return (
        f"{stem.replace('_', ' ')}, {UNITS[unit]}" if stem and unit in UNITS else parameter.replace("_", " ")
    )


def modalities_told(arm: ArmResult, image: str) -> frozenset[str]:
    """Modalities that the headers of an image name; empty where they name none."""
    told = arm.acquired.get(image, {}).get("modality", "")
    return frozenset(value.split(" (")[0] for value in told.split(", ") if value)


def _told(*parameters: str) -> AskArm:
    def ask(name: str, arm: ArmResult) -> Answer | None:
        found = [
            f"{image}: {parameter_words(parameter)} {told[parameter]}"
            for image, told in arm.acquired.items()
            for parameter in parameters
            if parameter in told
        ]
        return Answer(f"{'; '.join(found)}.", f"{name}-data") if found else None

    return ask


def _protocol(name: str, arm: ArmResult) -> Answer | None:
    """Documented, which is one point of the RQS, where every image tells enough."""
    told = arm.acquired
    if not told or min(len(parameters) for parameters in told.values()) < ENOUGH:
        return None
    n = sum(len(parameters) for parameters in told.values())
    return Answer(
        f"{count(n, 'acquisition parameter')} from the headers of the images.", f"{name}-data", points=1
    )


ACQUIRED: Mapping[str, AskArm] = {
    "imaging.protocol": _protocol,
    "ibsi.4a": _told("contrast_agent"),
    "ibsi.4b": _told("contrast_route", "contrast_flow_ml_s"),
    "ibsi.4c": _told("contrast_volume_ml"),
    "ibsi.7": _told("manufacturer", "model"),
    "ibsi.14": _told("tube_voltage_kv"),
    "ibsi.15": _told("tube_current_ma"),
    "ibsi.17": _told("receive_coil"),
    "ibsi.18a": _told("scanning_sequence"),
    "ibsi.18b": _told("sequence_variant"),
    "ibsi.18c": _told("scan_options"),
    "ibsi.19": _told("repetition_time_ms"),
    "ibsi.20": _told("echo_time_ms"),
    "ibsi.21": _told("echo_train_length"),
    "ibsi.22": _told("inversion_time_ms"),
    "ibsi.23": _told("flip_angle_deg"),
    "ibsi.24": _told("acquisition_type"),
    "ibsi.26": _told("averages"),
    "ibsi.27": _told("field_strength_t"),
    "ibsi.28": _told("pixel_spacing_mm"),
    "ibsi.29": _told("slice_thickness_mm"),
    "ibsi.30": _told("slice_spacing_mm"),
    "ibsi.31a": _told("kernel"),
    "ibsi.31b": _told("reconstruction"),
    "ibsi.31c": _told("exposure_mas"),
    "ibsi.34": _told("corrections"),
    "ibsi.36": _told("b_value_s_mm2"),
}
"""Evidence -> what the headers answer."""
