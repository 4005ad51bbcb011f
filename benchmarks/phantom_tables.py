"""SIMULATED blood tests beside real tables: quantiles, spreads and correlations, and what serum scores reach.

Run as `HEPAR_SHARED_DATA=FOLDER python -m benchmarks.phantom_tables`; the folder holds `nhanes_vcte_2017_2020`,
`uci571_hcv_blood_donors`, `tcga_lihc_clinical` and `tcga_coadread_clinical`. Each that is absent is left out, with a word.
"""

import argparse
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from hepar.comparators.fibrosis import Apri, Fib4, Gpr
from hepar.phantom.population import draw_patient
from hepar.phantom.scenario import Scenario
from hepar.phantom.tables import COLUMNS, IDEAL, clinical_row, hospital_table
from hepar.stats.discrimination import delong

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
BILIRUBIN_UMOL_L = 17.104
"""umol/L in 1 mg/dL."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A real group and the SIMULATED one that is to resemble it."""

    title: str
    real: pd.DataFrame
    simulated: pd.DataFrame


def simulated(study: str, *, n: int, seed: int = 1) -> pd.DataFrame:
    """`n` rows of a study in ideal practice, with the true stage beside them."""
    scenario = Scenario.of(study)
    patients = [draw_patient(scenario, seed=seed, number=number) for number in range(1, n + 1)]
    return pd.DataFrame(
        [
            {**clinical_row(patient, practice=IDEAL), "stage_true": float(patient.liver.stage)}
            for patient in patients
        ]
    )


NHANES = {
    "LBXSASSI": "ast_u_l",
    "LBXSATSI": "alt_u_l",
    "LBXSGTSI": "ggt_u_l",
    "LBXSAPSI": "alp_u_l",
    "LBXSAL": "albumin_g_dl",
    "LBXSTB": "bilirubin_mg_dl",
    "LBXSCR": "creatinine_mg_dl",
    "LBXGH": "hba1c_percent",
    "LBXSTR": "triglycerides_mg_dl",
    "LBXSCH": "cholesterol_mg_dl",
    "BMXWAIST": "waist_cm",
}


def nhanes(folder: Path, staged: pd.DataFrame) -> list[Pair]:
    """Healthy volunteers beside adults with a soft, lean liver; fatty livers beside those with a high CAP."""
    table = pd.read_csv(folder / "nhanes_vcte_2017_2020" / "nhanes_vcte.csv.gz")
    adults = table[(table.RIDAGEYR >= 18) & (table.LUAXSTAT == 1)].rename(columns=NHANES)
    free = (adults.LBDHBG != 1) & (adults.LBXHCR != 1)
    normal = adults[(adults.LUXSMED < 6) & (adults.LUXCAPM < 248) & free]
    fatty = adults[(adults.LUXCAPM >= 274) & (adults.LUXSMED >= 8.2) & free]
    masld = staged[(staged.aetiology == "MASLD") & (staged.stage_true >= 2)]
    return [
        Pair("normal liver: NHANES (stiffness < 6 kPa, CAP < 248) and SIMULATED volunteers", normal,
             staged[staged.aetiology == "healthy"]),
        Pair("fatty and stiff: NHANES (CAP >= 274, stiffness >= 8.2 kPa) and SIMULATED MASLD, F >= 2", fatty, masld),
    ]  # fmt: skip


UCI = {"AST": "ast_u_l", "ALT": "alt_u_l", "GGT": "ggt_u_l", "ALP": "alp_u_l", "CREA": "creatinine_umol_l"}


def uci(folder: Path, staged: pd.DataFrame) -> list[Pair]:
    """Blood donors beside volunteers; cirrhosis (hepatitis C) beside F4 (hepatitis B)."""
    table = pd.read_csv(folder / "uci571_hcv_blood_donors" / "hcvdat0.csv").rename(columns=UCI)
    table = table.assign(albumin_g_dl=table.ALB / 10, bilirubin_mg_dl=table.BIL / BILIRUBIN_UMOL_L)
    kind = table.Category.str[0]
    return [
        Pair("UCI HCV blood donors and SIMULATED volunteers", table[table.Category == "0=Blood Donor"],
             staged[staged.aetiology == "healthy"]),
        Pair("UCI HCV cirrhosis and SIMULATED hepatitis B with F4", table[kind == "3"],
             staged[(staged.aetiology == "HBV") & (staged.stage_true == 4)]),
    ]  # fmt: skip


def tcga_liver(folder: Path, staged: pd.DataFrame) -> list[Pair]:
    """Platelets by Ishak category beside those by stage."""
    table = pd.read_csv(folder / "tcga_lihc_clinical" / "lihc.csv")
    counted = pd.to_numeric(table.lab_procedure_platelet_result_specified_value, errors="coerce")
    table = table.assign(platelets_10e9_l=counted.where(counted < 2000, counted / 1000))
    ishak = table.liver_fibrosis_ishak_score_category.str[0]
    ill = staged[staged.aetiology != "healthy"]
    return [
        Pair("TCGA-LIHC Ishak 0 and SIMULATED F0", table[ishak == "0"], ill[ill.stage_true == 0]),
        Pair("TCGA-LIHC Ishak 5-6 and SIMULATED F4", table[ishak.isin(["5", "6"])], ill[ill.stage_true == 4]),
    ]


def tcga_colorectal(folder: Path, resected: pd.DataFrame) -> list[Pair]:
    """CEA, nodes and stage of stage I to III."""
    table = pd.read_csv(folder / "tcga_coadread_clinical" / "coadread.csv")
    stages = table.pathologic_stage_combined.map({"Stage I": 1, "Stage II": 2, "Stage III": 3})
    names = {
        "preoperative_pretreatment_cea_level": "cea_ng_ml",
        "lymph_node_examined_count": "nodes_examined",
        "number_of_lymphnodes_positive_by_he": "nodes_positive",
        "age_at_initial_pathologic_diagnosis": "age_y",
    }
    read = {new: pd.to_numeric(table[old], errors="coerce") for old, new in names.items()}
    real = table.assign(stage=stages, **read)[stages.notna()]
    return [Pair("TCGA-COADREAD stage I to III and SIMULATED study E", real, resected)]


SOURCES: Mapping[str, Callable[[Path, pd.DataFrame], list[Pair]]] = {
    "nhanes_vcte_2017_2020": nhanes,
    "uci571_hcv_blood_donors": uci,
    "tcga_lihc_clinical": tcga_liver,
    "tcga_coadread_clinical": tcga_colorectal,
}


def quantile_lines(pair: Pair) -> list[str]:
    """A Markdown table: quantiles of both, and the Kolmogorov-Smirnov distance between them."""
    lines = [f"\n**{pair.title}** ({len(pair.real):,} and {len(pair.simulated):,})\n"]
    lines += ["| test | real: 5, 25, 50, 75, 95 % | SIMULATED | distance |", "|:--|:--|:--|--:|"]
    shared = [
        name for name in pair.simulated if name in pair.real.columns and name not in ("case_id", "site")
    ]
    for name in shared:
        real, made = (
            pd.to_numeric(table[name], errors="coerce").dropna() for table in (pair.real, pair.simulated)
        )
        if len(real) > 4 and len(made) > 4:
            lines.append(
                f"| {name} | {_quantiles(real)} | {_quantiles(made)} | {_distance(real, made):.2f} |"
            )
    return lines


def _quantiles(values: pd.Series) -> str:
    return ", ".join(f"{value:.3g}" for value in values.quantile(list(QUANTILES)))


def _distance(one: pd.Series, other: pd.Series) -> float:
    """Largest difference of the two distribution functions."""
    at = np.sort(np.concatenate([one, other]))
    first, second = (np.searchsorted(np.sort(x), at, side="right") / len(x) for x in (one, other))
    return float(np.abs(first - second).max())


def correlation_lines(pair: Pair) -> list[str]:
    """Rank correlations of the liver tests in both groups."""
    names = [
        name for name in ("ast_u_l", "alt_u_l", "ggt_u_l", "alp_u_l", "albumin_g_dl", "bilirubin_mg_dl")
        if name in pair.real.columns
    ]  # fmt: skip
    if len(names) < 2:
        return []
    both = [
        table[names].astype(float).corr(method="spearman").to_numpy() for table in (pair.real, pair.simulated)
    ]
    lines = [
        "\nRank correlations, real / SIMULATED:\n",
        f"| | {' | '.join(names[1:])} |",
        "|:--|" + "--:|" * (len(names) - 1),
    ]
    for i, name in enumerate(names[:-1]):
        cells = [f"{both[0][i, j]:.2f} / {both[1][i, j]:.2f}" if j > i else "" for j in range(1, len(names))]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def score_lines(staged: pd.DataFrame) -> list[str]:
    """AUC of the serum scores at each threshold of the biopsy stage."""
    lines = [
        "\n**Serum scores against the SIMULATED biopsy**\n",
        "| score | F >= 2 | F >= 3 | F4 |",
        "|:--|--:|--:|--:|",
    ]
    biopsied = staged[staged.fibrosis_stage.notna()]
    for score in (Fib4(), Apri(), Gpr()):
        values = score.score(biopsied).to_numpy(dtype=float)
        areas = [
            delong(biopsied.fibrosis_stage.to_numpy() >= stage, values[None])[0][0] for stage in (2, 3, 4)
        ]
        lines.append(f"| {score.display} | {' | '.join(f'{area:.3f}' for area in areas)} |")
    return lines


def fault_line(study: str, *, n: int) -> str:
    """How many errors of each kind stand in a table of `n` patients."""
    scenario = Scenario.of(study)
    rows = [clinical_row(draw_patient(scenario, seed=1, number=number)) for number in range(1, n + 1)]
    found = pd.Series(
        [one.kind for one in hospital_table(rows, COLUMNS[study], seed=1).planted]
    ).value_counts()
    return f"\nPlanted in {n} rows of study {study}: " + ", ".join(
        f"{kind} {count}" for kind, count in found.items()
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", type=int, default=4000, help="SIMULATED patients of a study")
    n = parser.parse_args().n
    staged, resected = simulated("A", n=n), simulated("E", n=n)
    folder = Path(os.environ.get("HEPAR_SHARED_DATA", "no folder given"))
    for name, pairs_of in SOURCES.items():
        if not (folder / name).is_dir():
            print(f"{name}: not under HEPAR_SHARED_DATA ({folder}); left out", file=sys.stderr)
            continue
        for pair in pairs_of(folder, resected if name == "tcga_coadread_clinical" else staged):
            print("\n".join([*quantile_lines(pair), *correlation_lines(pair)]))
    print("\n".join(score_lines(staged)))
    print(fault_line("A", n=500))


if __name__ == "__main__":
    main()
