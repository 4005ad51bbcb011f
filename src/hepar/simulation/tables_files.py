"""The tables of a SIMULATED cohort onto disk: as a hospital hands them over, and the truth behind them."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from ..core.atomic import write_atomically
from ..io.csv_text import csv_text
from ..io.redcap_export import write_redcap
from ..io.simulated_table import DICTIONARY, TABLE, dictionary_of, write_simulated_table
from ..phantom.tables import COLUMNS, FaultRates, hospital_table
from .attainable import Row, bound_rows
from .baselines import baseline_rows
from .collected import KEY, Collected
from .plan import PLANS, SIZES
from .recipe import Recipe

HOSPITAL, REDCAP = "hospital", "redcap"
TITLES = {
    "A": "fibrosis by fused tests",
    "B": "stiffness and focal lesions by radio frequency",
    "C": "fibrosis and liver-related events on MR",
    "D": "focal lesions on two-phase CT",
    "E": "metachronous liver metastasis of colorectal cancer",
}


def write_tables(recipe: Recipe, cohort: Collected, folder: Path) -> None:
    """Write every table of the cohort into `folder`."""
    _write_clinical(recipe, cohort, folder)
    _write_csv(cohort.truth, folder / "truth.csv")
    _write_csv(_without_bins(cohort.lesions), folder / "lesions.csv")
    if recipe.size in SIZES:
        _write_csv(cohort.summaries, folder / "summaries.csv")
    rows = [*bound_rows(recipe), *baseline_rows(cohort, study=recipe.study)]
    write_atomically(folder / "attainable.csv", _attainable(rows))


def _write_clinical(recipe: Recipe, cohort: Collected, folder: Path) -> None:
    """The clean table with its dictionary, and the same as hospitals enter it, with errors, also from REDCap."""
    columns, title = COLUMNS[recipe.study], f"SIMULATED study {recipe.study}: {TITLES[recipe.study]}"
    clean = hospital_table(cohort.rows, columns, seed=recipe.seed, rates=FaultRates.only())
    write_atomically(folder / TABLE, csv_text(clean.header, clean.rows))
    document = dictionary_of(clean, name=f"simulated_{recipe.study.lower()}", title=title)
    found = _acquisitions(recipe, cohort, folder)
    if found:
        document["acquisitions"] = found
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=120, default_flow_style=None)
    write_atomically(folder / DICTIONARY, text)
    entered = hospital_table(cohort.rows, columns, seed=recipe.seed)
    name = f"simulated_{recipe.study.lower()}_hospital"
    write_simulated_table(entered, folder / HOSPITAL, name=name, title=f"{title}, as entered", lenient=True)
    write_redcap(entered, folder / REDCAP, longitudinal=recipe.study in ("C", "E"))


def _acquisitions(recipe: Recipe, cohort: Collected, folder: Path) -> dict[str, Any]:
    """Images and liver masks that at least one patient has, as the data dictionary declares them."""
    if recipe.size not in SIZES:
        return {}
    plan = PLANS[recipe.study]
    images = [("ct", phase, "CT") for phase in plan.ct_phases] + [("mr", s, "MR") for s in plan.mr_sequences]
    found: dict[str, Any] = {}
    for place, name, modality in images:
        end = ".nii.gz" if recipe.form == "nifti" else ""
        image = f"{place}/{name}{end}"
        if not any((folder / "patients" / p.case_id / image).exists() for p in cohort.patients):
            continue
        declared = {"kind": "image", "files": f"patients/{{case}}/{image}"}
        found[f"{place}_{name}"] = declared | ({"modality": modality} if end else {})
        mask = f"patients/{{case}}/masks/{name}_liver.nii.gz"
        found[f"liver_{place}_{name}"] = {"kind": "mask", "files": mask, "of": f"{place}_{name}"}
    return found


def _without_bins(lesions: pd.DataFrame) -> pd.DataFrame:
    """Lesions without their histograms, which stay in the patients' folders."""
    return lesions[[name for name in lesions if "_bin" not in str(name)]]


def _write_csv(table: pd.DataFrame, path: Path) -> None:
    write_atomically(path, table.sort_values(KEY, kind="stable").to_csv(index=False, lineterminator="\n"))


def _attainable(rows: Sequence[Row]) -> str:
    """The rows as CSV, each marked as SIMULATED, because single ones are passed on."""
    header = [*(field.name for field in fields(Row)), "data"]
    return csv_text(
        header, [[*(_cell(value) for value in asdict(row).values()), "SIMULATED"] for row in rows]
    )


def _cell(value: Any) -> str:
    """Numbers with four decimals; nothing where there is no number."""
    if isinstance(value, float):
        return "" if value != value else f"{value:.4f}"
    return str(value)
