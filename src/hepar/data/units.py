"""Units of clinical quantities: an explicit table, and conversion within one dimension.

A unit that is not in the table is refused rather than guessed. Mass and amount of substance convert into one another
through the molar mass of a named analyte.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..core.errors import DataError, choices


@dataclass(frozen=True, slots=True)
class Unit:
    """`base = factor * value + offset` in the base unit of `dimension`."""

    dimension: str
    factor: float
    offset: float = 0.0


FACTORS: Mapping[str, tuple[str, Mapping[str, float]]] = {
    "cells per volume": (
        "decimal prefixes, SI Brochure 9th ed. (2019), table 7; base 1/L",
        {
            "10^9/L": 1e9,
            "10^3/uL": 1e9,
            "1/uL": 1e6,
            "10^6/L": 1e6,
            "1/L": 1.0,
            "10^12/L": 1e12,
            "10^6/uL": 1e12,
        },
    ),
    "mass per volume": (
        "decimal prefixes, SI Brochure 9th ed. (2019), table 7; base g/L",
        {
            "g/L": 1.0,
            "g/dL": 10.0,
            "mg/dL": 1e-2,
            "mg/L": 1e-3,
            "ug/mL": 1e-3,
            "ug/dL": 1e-5,
            "ug/L": 1e-6,
            "ng/mL": 1e-6,
            "ng/dL": 1e-8,
            "pg/mL": 1e-9,
        },
    ),
    "amount per volume": (
        "decimal prefixes, SI Brochure 9th ed. (2019), table 7; base mol/L",
        {"mol/L": 1.0, "mmol/L": 1e-3, "umol/L": 1e-6, "nmol/L": 1e-9},
    ),
    "enzyme activity per volume": (
        "1 U = 1 umol/min, 1 kat = 1 mol/s: CGPM 1999, resolution 12; base U/L",
        {"U/L": 1.0, "IU/L": 1.0, "ukat/L": 60.0, "nkat/L": 0.06},
    ),
    "international units per volume": (
        "WHO international units, decimal prefixes only; base IU/mL",
        {"IU/mL": 1.0, "kIU/mL": 1e3, "kIU/L": 1.0, "mIU/mL": 1e-3},
    ),
    "pressure": (
        "mmHg = 133.322387415 Pa: BIPM SI Brochure 8th ed. (2006), table 8; base kPa",
        {"kPa": 1.0, "Pa": 1e-3, "mmHg": 0.133322387415},
    ),
    "time": (
        "Julian year of 365.25 d: IAU Style Manual (1989), 5.15; month = year/12; base day",
        {
            "day": 1.0,
            "s": 1 / 86400,
            "min": 1 / 1440,
            "hour": 1 / 24,
            "week": 7.0,
            "month": 30.4375,
            "year": 365.25,
        },
    ),
    "mass": (
        "pound: International Yard and Pound Agreement (1959); base kg",
        {"kg": 1.0, "g": 1e-3, "mg": 1e-6, "lb": 0.45359237},
    ),
    "length": (
        "inch: International Yard and Pound Agreement (1959); base m",
        {"m": 1.0, "cm": 1e-2, "mm": 1e-3, "um": 1e-6, "in": 0.0254},
    ),
    "ratio": ("definition; base ratio", {"ratio": 1.0, "%": 1e-2}),
    "mass per area": ("definition; base kg/m^2", {"kg/m^2": 1.0}),
    "attenuation": (
        "decimal prefixes, SI Brochure 9th ed. (2019), table 7; base dB/m",
        {"dB/m": 1.0, "dB/cm": 100.0},
    ),
    "speed": ("decimal prefixes, SI Brochure 9th ed. (2019), table 7; base m/s", {"m/s": 1.0, "cm/s": 1e-2}),
    "count": ("a number of things, or a score", {"1": 1.0}),
}
"""Dimension -> (source of the factors, factor of each unit to the base unit)."""

UNITS: Mapping[str, Unit] = {
    **{symbol: Unit(dim, factor) for dim, (_, units) in FACTORS.items() for symbol, factor in units.items()},
    # NGSP % = 0.09148 * IFCC mmol/mol + 2.152: Hoelzel W. et al., Clin Chem 2004;50:166-174
    "% HbA1c": Unit("glycated haemoglobin", 1.0),
    "mmol/mol HbA1c": Unit("glycated haemoglobin", 0.09148, 2.152),
}

SUFFIXES: Mapping[str, str] = {
    "_10e9_l": "10^9/L",
    "_g_dl": "g/dL",
    "_g_l": "g/L",
    "_mg_dl": "mg/dL",
    "_ug_dl": "ug/dL",
    "_ng_ml": "ng/mL",
    "_mmol_l": "mmol/L",
    "_umol_l": "umol/L",
    "_u_l": "U/L",
    "_kg_m2": "kg/m^2",
    "_kpa": "kPa",
    "_db_m": "dB/m",
    "_cm": "cm",
    "_mm": "mm",
    "_kg": "kg",
    "_s": "s",
    "_y": "year",
}
"""How a field's name ends -> the unit that it says, which whoever reads the field relies on."""

MOLAR_MASS_G_MOL: Mapping[str, float] = {
    "bilirubin": 584.673,  # C33H36N4O6
    "cholesterol": 386.664,  # C27H46O
    "creatinine": 113.120,  # C4H7N3O
    "glucose": 180.156,  # C6H12O6
    "triglycerides": 885.453,  # as triolein, C57H104O6, by convention
    "urea": 60.056,  # CH4N2O
    "urea nitrogen": 28.014,  # N2 in one mole of urea
    "uric acid": 168.112,  # C5H4N4O3
}
"""In g/mol, from the conventional atomic weights C 12.011, H 1.008, N 14.007, O 15.999 (Prohaska T. et al., Pure Appl
Chem 2022;94:573-600)."""

_MASS, _AMOUNT = "mass per volume", "amount per volume"


def unit_of(symbol: str, *, analyte: str | None = None, like: str | None = None) -> Unit:
    """The unit written as `symbol`; `like` is a unit that it must convert to.

    >>> unit_of("mg/dL").dimension
    'mass per volume'
    """
    symbol = symbol.replace("µ", "u").replace("μ", "u")
    allowed = convertible(like, analyte=analyte) if like is not None else tuple(UNITS)
    if symbol not in allowed:
        raise DataError(f"unit {symbol!r} {_why_not(symbol, like, analyte)}; {choices(symbol, allowed)}")
    return UNITS[symbol]


def unit_in_name(name: str) -> str | None:
    """The unit that the name of a field says, if it says one.

    >>> unit_in_name("platelets_10e9_l"), unit_in_name("inr")
    ('10^9/L', None)
    """
    return next((unit for ending, unit in SUFFIXES.items() if name.endswith(ending)), None)


def _why_not(symbol: str, like: str | None, analyte: str | None) -> str:
    if symbol not in UNITS:
        return "is not in the table of units"
    if analyte is None and {UNITS[symbol].dimension, UNITS[str(like)].dimension} == {_MASS, _AMOUNT}:
        return f"converts to {like!r} only by a molar mass: give the field's analyte ({', '.join(MOLAR_MASS_G_MOL)})"
    return f"({UNITS[symbol].dimension}) does not convert to {like!r}"


def convertible(symbol: str, *, analyte: str | None = None) -> tuple[str, ...]:
    """Every unit that converts to and from `symbol`."""
    dimensions = {unit_of(symbol).dimension}
    if analyte is not None:
        molar_mass(analyte)
        if dimensions & {_MASS, _AMOUNT}:
            dimensions |= {_MASS, _AMOUNT}
    return tuple(name for name, unit in UNITS.items() if unit.dimension in dimensions)


def molar_mass(analyte: str) -> float:
    """Molar mass of `analyte` in g/mol."""
    if analyte not in MOLAR_MASS_G_MOL:
        raise DataError(f"analyte {analyte!r} has no molar mass here; {choices(analyte, MOLAR_MASS_G_MOL)}")
    return MOLAR_MASS_G_MOL[analyte]


def convert(values: np.ndarray, source: str, target: str, *, analyte: str | None = None) -> np.ndarray:
    """`values` in unit `source`, expressed in unit `target`; NaN stays NaN.

    >>> convert(np.array([17.1]), "umol/L", "mg/dL", analyte="bilirubin").round(2)
    array([1.])
    """
    to = unit_of(target)
    of = unit_of(source, like=target, analyte=analyte)
    array = np.asarray(values, dtype=float)
    if of == to:
        return array
    base = array * of.factor + of.offset
    if analyte is not None and of.dimension != to.dimension:
        base = base / molar_mass(analyte) if of.dimension == _MASS else base * molar_mass(analyte)
    return (base - to.offset) / to.factor
