"""The public tables of the survival tests, as arrays (sources: golden/statistics/SURVIVAL_SOURCES.md)."""

import csv
from functools import cache
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent / "golden" / "statistics"


@cache
def column(table: str, name: str) -> np.ndarray:
    """A column as floats (empty: NaN) where it is numeric, else as strings."""
    with (FOLDER / f"{table}.csv").open(encoding="utf-8") as lines:
        cells = [row[name] for row in csv.DictReader(lines)]
    try:
        return np.array([float(cell or "nan") for cell in cells])
    except ValueError:
        return np.array(cells)


def pbc() -> dict[str, np.ndarray]:
    """The 416 participants with complete covariates: outcome, bilirubin, Cox risk."""
    names = ("time", "status", "age", "edema", "bili", "protime", "albumin")
    rows = {name: column("pbc_survival", name) for name in names}
    whole = np.isfinite(np.stack(list(rows.values()))).all(axis=0)
    kept = {name: values[whole] for name, values in rows.items()}
    risk = (
        0.040453165 * kept["age"]
        + 0.281884248 * (kept["edema"] == 0.5)
        + 1.012471886 * (kept["edema"] == 1)
        + 0.859047973 * np.log(kept["bili"])
        + 2.35992858 * np.log(kept["protime"])
        - 2.515764428 * np.log(kept["albumin"])
    )
    status = np.select([kept["status"] == 2, kept["status"] == 1], [1, 2], 0)
    return {
        "time": kept["time"],
        "death": (status == 1).astype(int),
        "status": status,
        "bili": kept["bili"],
        "risk": risk,
    }


def waiting_list(cause: str) -> tuple[np.ndarray, np.ndarray]:
    """Liver waiting list: days (0 raised to 0.5, as in the R run) and status with `cause` as event of interest."""
    event = column("transplant", "event")
    status = np.where(event == cause, 1, np.where(event == "censored", 0, 2))
    return np.maximum(column("transplant", "futime"), 0.5), status
