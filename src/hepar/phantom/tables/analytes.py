"""What moves each blood test of a SIMULATED patient: coefficients on the logarithm, and how the tests go together."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Analyte:
    """One blood test: `typical` times the exponential of a sum of effects, so that it is log-normal.

    `typical` is that of a woman of 45 years and 25 kg/m2 with a normal liver, in the unit that the name says. `male`
    is added for men, `age` per decade, `bmi` per 10 kg/m2; `fat` multiplies the saturating share of fat, `serum` the
    severity that the serum shows and `failure` its last, decompensated part; `inflammation` counts per grade; `hbv`
    and `masld` are added in that aetiology, `diabetes` multiplies how far the sugar is out of control. `spread` is
    the standard deviation that remains, `assay` that between the laboratories of the sites, both of the logarithm.
    """

    name: str
    typical: float
    male: float
    age: float
    bmi: float
    fat: float = 0.0
    serum: float = 0.0
    failure: float = 0.0
    inflammation: float = 0.0
    hbv: float = 0.0
    masld: float = 0.0
    diabetes: float = 0.0
    spread: float = 0.1
    assay: float = 0.02


ANALYTES: tuple[Analyte, ...] = (
    Analyte(
        "ast_u_l", 17.8, 0.141, 0.016, -0.028,
        fat=0.25, serum=0.38, failure=0.15, inflammation=0.14, hbv=0.08, spread=0.26, assay=0.04,
    ),
    Analyte(
        "alt_u_l", 13.6, 0.290, 0.007, 0.119,
        fat=0.80, serum=0.14, inflammation=0.28, hbv=0.20, spread=0.40, assay=0.05,
    ),
    Analyte(
        "ggt_u_l", 15.5, 0.311, 0.051, 0.140,
        fat=1.00, serum=0.52, inflammation=0.06, spread=0.46, assay=0.04,
    ),
    Analyte("alp_u_l", 67.6, 0.070, 0.028, 0.091, serum=0.08, failure=0.15, spread=0.27, assay=0.05),
    Analyte("platelets_10e9_l", 260, -0.090, -0.020, 0.02, serum=-0.33, failure=-0.08, spread=0.20, assay=0.03),
    Analyte("albumin_g_dl", 4.10, 0.040, -0.010, -0.032, serum=-0.02, failure=-0.13, spread=0.065, assay=0.02),
    Analyte(
        "bilirubin_mg_dl", 0.37, 0.277, 0.004, -0.101,
        serum=0.13, failure=0.65, inflammation=0.04, hbv=0.15, spread=0.45, assay=0.05,
    ),
    Analyte("inr", 0.99, 0.0, 0.005, 0.0, serum=0.02, failure=0.12, spread=0.05, assay=0.02),
    Analyte("creatinine_mg_dl", 0.73, 0.300, 0.028, 0.050, failure=0.05, spread=0.19, assay=0.03),
    Analyte("glucose_mg_dl", 89.9, 0.033, 0.025, 0.030, fat=0.05, diabetes=1.30, spread=0.10),
    Analyte("hba1c_percent", 5.40, 0.016, 0.018, 0.023, fat=0.03, diabetes=1.00, spread=0.055),
    Analyte("triglycerides_mg_dl", 87.3, 0.124, 0.054, 0.144, fat=0.95, failure=-0.15, masld=0.05, spread=0.45),
    Analyte("cholesterol_mg_dl", 183, -0.044, 0.030, 0.015, fat=0.10, failure=-0.15, spread=0.20),
)  # fmt: skip
"""Typical values and the effects of sex, age and BMI of all but platelets and INR are a regression (ours) on the adults
of NHANES 2017-March 2020 with a stiffness below 6 kPa, CAP below 248 dB/m, no HBsAg and no HCV RNA (about 2,490);
effects of fat compare them with those with a CAP of 274 dB/m or more. Platelets and INR are typical values. Effects of
the severity are set by us so that FIB-4 finds F >= 2 with an AUC of 0.70 to 0.75 where the serum correlates by about
0.5 with the liability of fibrosis."""

TOGETHER: Mapping[tuple[str, str], float] = {
    ("ast_u_l", "alt_u_l"): 0.80,
    ("ast_u_l", "ggt_u_l"): 0.20,
    ("alt_u_l", "ggt_u_l"): 0.32,
    ("alp_u_l", "ggt_u_l"): 0.28,
    ("alt_u_l", "alp_u_l"): 0.12,
    ("ast_u_l", "alp_u_l"): 0.10,
    ("albumin_g_dl", "bilirubin_mg_dl"): 0.30,
    ("albumin_g_dl", "inr"): -0.25,
    ("albumin_g_dl", "ast_u_l"): 0.20,
    ("albumin_g_dl", "alt_u_l"): 0.20,
    ("triglycerides_mg_dl", "ggt_u_l"): 0.22,
    ("triglycerides_mg_dl", "alt_u_l"): 0.15,
    ("triglycerides_mg_dl", "cholesterol_mg_dl"): 0.35,
    ("triglycerides_mg_dl", "bilirubin_mg_dl"): -0.12,
    ("glucose_mg_dl", "hba1c_percent"): 0.55,
    ("glucose_mg_dl", "triglycerides_mg_dl"): 0.15,
}
"""Correlations of what remains: those of the same NHANES adults, less where severity and inflammation add to them."""


def of_each(effect: str) -> Floats:
    """The coefficient `effect` of every analyte, in their order."""
    return np.array([getattr(analyte, effect) for analyte in ANALYTES], dtype=float)


def mixing() -> Floats:
    """The lower triangle that turns independent standard normal numbers into the remainders of the analytes."""
    names = [analyte.name for analyte in ANALYTES]
    correlation = np.eye(len(names))
    for (one, other), value in TOGETHER.items():
        i, j = names.index(one), names.index(other)
        correlation[i, j] = correlation[j, i] = value
    return np.asarray(np.linalg.cholesky(correlation), dtype=np.float64)
