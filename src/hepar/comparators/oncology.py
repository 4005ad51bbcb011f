"""What colorectal cancer is staged and followed by: TNM stage, CEA and the clinical risk score."""

import re
from typing import ClassVar, Literal

import pandas as pd

from ..core.errors import DataError
from .base import Comparator, Cutoff
from .reading import column, numbers, settled

STAGE_GROUPS = {"0": 0, "I": 1, "II": 2, "III": 3, "IV": 4, "1": 1, "2": 2, "3": 3, "4": 4}
WRITTEN_STAGE = re.compile(r"(?:STAGE\s+)?(IV|I{1,3}|[0-4])(?:\.0)?\s*([ABC]?)[0-9]?")
"""A stage group as registries write it, in capitals: "III", "Stage IIIB", "2", "IA1"."""


class TnmStage(Comparator):
    """TNM stage group of the field `stage`: 0 in situ, then 1 to 4, without unit (Amin et al., 2017).

    Reads "III", "Stage IIIB", "3" and 3. `substages` adds 0.25 for A, 0.5 for B and 0.75 for C; use it only where
    every stage II and III has its letter, or a plain "II" will rank below "IIA". Clinical and pathological
    stages, and editions of the AJCC manual, must not be mixed.
    """

    kind: Literal["tnm_stage"] = "tnm_stage"
    substages: bool = False

    display: ClassVar[str] = "TNM stage"
    unit: ClassVar[str] = "1"
    citation: ClassVar[str] = "Amin et al., AJCC Cancer Staging Manual, 8th edition, 2017"
    needs: ClassVar[tuple[str, ...]] = ("stage",)
    cutoffs: ClassVar[tuple[Cutoff, ...]] = (
        Cutoff(3, "nodal or distant spread (stage III or IV)", "at least", "Amin et al., 2017"),
    )

    def score(self, clinical: pd.DataFrame) -> pd.Series:
        """Stage of each case as a number."""
        written = column(clinical, "stage")
        return pd.Series(
            [self._rank(value, case=str(case)) for case, value in written.items()],
            index=written.index,
            dtype=float,
        )

    def _rank(self, value: object, *, case: str) -> float:
        if value is None or value is pd.NA or value != value:
            return float("nan")
        found = WRITTEN_STAGE.fullmatch(str(value).strip().upper())
        if found is None:
            raise DataError(
                f"case {case}: stage is {value!r}; allowed: 0, I, II, III or IV (or 0 to 4), with A, B or C after it."
                " Correct it, or leave the cell empty where it is missing"
            )
        group, letter = found.groups()
        return STAGE_GROUPS[group] + (0.25 * " ABC".index(letter or " ") if self.substages else 0)


class Cea(Comparator):
    """Serum carcinoembryonic antigen in ng/mL, as measured (Locker et al., 2006).

    0 means below the detection limit. Smoking, cholestasis and inflammatory bowel disease raise it; a value
    after treatment began is no baseline.
    """

    kind: Literal["cea"] = "cea"
    display: ClassVar[str] = "CEA"
    unit: ClassVar[str] = "ng/mL"
    citation: ClassVar[str] = "Locker et al., J Clin Oncol 2006;24:5313-5327"
    needs: ClassVar[tuple[str, ...]] = ("cea_ng_ml",)
    cutoffs: ClassVar[tuple[Cutoff, ...]] = (
        Cutoff(5, "elevated before resection", "at least", "Huh et al., 2010"),
    )

    def score(self, clinical: pd.DataFrame) -> pd.Series:
        """CEA of each case."""
        x = numbers(clinical, self.needs)
        return settled(x.cea_ng_ml.where(x.cea_ng_ml >= 0), x)


class ClinicalRiskScore(Comparator):
    """Clinical risk score of colorectal liver metastases, 0 to 5 points (Fong et al., 1999).

    One point each: node-positive primary, disease-free interval under 12 months, more than one metastasis, CEA
    over 200 ng/mL, largest metastasis over 5 cm. Read ready-made from the field `clinical_risk_score`. For
    patients with resected liver metastases only.
    """

    kind: Literal["clinical_risk_score"] = "clinical_risk_score"
    display: ClassVar[str] = "Clinical risk score (Fong)"
    unit: ClassVar[str] = "points"
    citation: ClassVar[str] = "Fong et al., Ann Surg 1999;230:309-318"
    needs: ClassVar[tuple[str, ...]] = ("clinical_risk_score",)
    cutoffs: ClassVar[tuple[Cutoff, ...]] = (
        Cutoff(3, "high risk of recurrence", "at least", "Fong et al., 1999"),
    )

    def score(self, clinical: pd.DataFrame) -> pd.Series:
        """Points of each case."""
        x = numbers(clinical, self.needs, codes={"clinical_risk_score": range(6)})
        return settled(x.clinical_risk_score, x)
