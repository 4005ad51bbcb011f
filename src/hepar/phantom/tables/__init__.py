"""SIMULATED clinical tables: what a patient's blood shows, the row of each study, and a hospital's file of rows."""

from .clinical import clinical_row
from .column import Column, Row, Value
from .columns import COLUMNS
from .faults import FaultRates
from .hospital import HospitalTable, Planted, hospital_table
from .laboratory import laboratory
from .practice import IDEAL, Practice

__all__ = [
    "COLUMNS",
    "IDEAL",
    "Column",
    "FaultRates",
    "HospitalTable",
    "Planted",
    "Practice",
    "Row",
    "Value",
    "clinical_row",
    "hospital_table",
    "laboratory",
]
