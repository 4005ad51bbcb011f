"""Scores of liver function and of the course of chronic liver disease."""

from typing import ClassVar, Literal

import numpy as np
import pandas as pd

from .base import Comparator, Cutoff
from .reading import numbers, positive, settled

BILIRUBIN_UMOL_L_PER_MG_DL = 10_000 / 584.66
"""17.104: 1 mg/dL is 10 000 ug/L, over the molar mass 584.66 g/mol."""


class Albi(Comparator):
    """ALBI = 0.66 log10(bilirubin) - 0.085 albumin, without unit (Johnson et al., 2015).

    Bilirubin in umol/L and albumin in g/L, converted here from mg/dL and g/dL. Higher is worse function.
    Derived in hepatocellular carcinoma; not valid where albumin is given or lost (infusion, nephrosis).
    """

    kind: Literal["albi"] = "albi"
    display: ClassVar[str] = "ALBI"
    unit: ClassVar[str] = "1"
    citation: ClassVar[str] = "Johnson et al., J Clin Oncol 2015;33:550-558"
    needs: ClassVar[tuple[str, ...]] = ("bilirubin_mg_dl", "albumin_g_dl")
    cutoffs: ClassVar[tuple[Cutoff, ...]] = (
        Cutoff(-2.60, "ALBI grade 2 or 3", "above", "Johnson et al., 2015"),
        Cutoff(-1.39, "ALBI grade 3", "above", "Johnson et al., 2015"),
    )

    def score(self, clinical: pd.DataFrame) -> pd.Series:
        """ALBI of each case."""
        x = positive(numbers(clinical, self.needs))
        bilirubin_umol_l = x.bilirubin_mg_dl * BILIRUBIN_UMOL_L_PER_MG_DL
        albumin_g_l = x.albumin_g_dl * 10
        return settled(0.66 * np.log10(bilirubin_umol_l) - 0.085 * albumin_g_l, x)


class MayoPbc(Comparator):
    """Mayo risk score of primary biliary cholangitis, without unit (Dickson et al., 1989).

    R = 0.039 age + 0.871 ln(bilirubin) - 2.53 ln(albumin) + 2.38 ln(prothrombin time) + 0.859 edema, with age
    in years, bilirubin in mg/dL, albumin in g/dL, prothrombin time in seconds (not INR), and edema 0 without,
    0.5 untreated or resolved by diuretics, 1 despite diuretics. For this disease, without transplantation only.
    """

    kind: Literal["mayo_pbc"] = "mayo_pbc"
    display: ClassVar[str] = "Mayo PBC risk score"
    unit: ClassVar[str] = "1"
    citation: ClassVar[str] = "Dickson et al., Hepatology 1989;10:1-7"
    needs: ClassVar[tuple[str, ...]] = ("age_y", "bilirubin_mg_dl", "albumin_g_dl", "prothrombin_s", "edema")

    def score(self, clinical: pd.DataFrame) -> pd.Series:
        """Mayo risk score of each case."""
        read = numbers(clinical, self.needs, codes={"edema": (0, 0.5, 1)})
        x = positive(read, except_for=("edema",))
        liver = 0.871 * np.log(x.bilirubin_mg_dl) - 2.53 * np.log(x.albumin_g_dl)
        return settled(0.039 * x.age_y + liver + 2.38 * np.log(x.prothrombin_s) + 0.859 * x.edema, x)


class ChildPugh(Comparator):
    """Child-Pugh score, 5 to 15 points (Pugh et al., 1973), with INR for prothrombin time.

    One to three points each: bilirubin < 2, 2-3, > 3 mg/dL; albumin > 3.5, 2.8-3.5, < 2.8 g/dL; INR < 1.7,
    1.7-2.3, > 2.3; ascites none, mild, moderate or severe (0, 1, 2); encephalopathy grade 0, 1-2, 3-4. Bilirubin
    limits are those of disease that is not cholestatic. Not valid with anticoagulants.
    """

    kind: Literal["child_pugh"] = "child_pugh"
    display: ClassVar[str] = "Child-Pugh"
    unit: ClassVar[str] = "points"
    citation: ClassVar[str] = "Pugh et al., Br J Surg 1973;60:646-649"
    needs: ClassVar[tuple[str, ...]] = ("bilirubin_mg_dl", "albumin_g_dl", "inr", "ascites", "encephalopathy")
    cutoffs: ClassVar[tuple[Cutoff, ...]] = (
        Cutoff(7, "Child-Pugh class B or C", "at least", "Pugh et al., 1973"),
        Cutoff(10, "Child-Pugh class C", "at least", "Pugh et al., 1973"),
    )

    def score(self, clinical: pd.DataFrame) -> pd.Series:
        """Child-Pugh points of each case."""
        graded = {"ascites": (0, 1, 2), "encephalopathy": (0, 1, 2, 3, 4)}
        x = positive(numbers(clinical, self.needs, codes=graded), except_for=tuple(graded))
        bilirubin = 1 * (x.bilirubin_mg_dl >= 2) + (x.bilirubin_mg_dl > 3)
        albumin = 1 * (x.albumin_g_dl <= 3.5) + (x.albumin_g_dl < 2.8)
        clotting = 1 * (x.inr >= 1.7) + (x.inr > 2.3)
        encephalopathy = 1 * (x.encephalopathy >= 1) + (x.encephalopathy >= 3)
        return settled(5 + bilirubin + albumin + clotting + x.ascites + encephalopathy, x)
