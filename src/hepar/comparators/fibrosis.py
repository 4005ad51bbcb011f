"""Serum scores of liver fibrosis, from routine blood tests."""

from typing import Annotated, ClassVar, Literal

import pandas as pd
from pydantic import Field

from .base import Comparator, Cutoff
from .reading import numbers, positive, settled

UpperLimit = Annotated[float, Field(gt=0, allow_inf_nan=False)]
"""Upper limit of the laboratory's normal range."""


class Fib4(Comparator):
    """FIB-4 = age AST / (platelets sqrt(ALT)), without unit (Sterling et al., 2006).

    Age in years, AST and ALT in U/L, platelets in 10^9/L. Derived in HIV/HCV coinfection against Ishak
    stages. Not valid under 35 years; over 65 it overcalls, and 2.0 replaces 1.30 as the lower cut-off
    (McPherson et al., 2017). Not valid in acute hepatitis, whose transaminases it reads as fibrosis.
    """

    kind: Literal["fib4"] = "fib4"
    display: ClassVar[str] = "FIB-4"
    unit: ClassVar[str] = "1"
    citation: ClassVar[str] = "Sterling et al., Hepatology 2006;43:1317-1325"
    needs: ClassVar[tuple[str, ...]] = ("age_y", "ast_u_l", "alt_u_l", "platelets_10e9_l")
    cutoffs: ClassVar[tuple[Cutoff, ...]] = (
        Cutoff(1.45, "no advanced fibrosis (Ishak < 4) in HIV/HCV", "below", "Sterling et al., 2006"),
        Cutoff(3.25, "advanced fibrosis (Ishak >= 4) in HIV/HCV", "above", "Sterling et al., 2006"),
        Cutoff(1.30, "no advanced fibrosis (F < 3) in MASLD", "below", "Shah et al., 2009"),
        Cutoff(2.67, "advanced fibrosis (F >= 3) in MASLD", "at least", "Shah et al., 2009"),
    )

    def score(self, clinical: pd.DataFrame) -> pd.Series:
        """FIB-4 of each case."""
        x = positive(numbers(clinical, self.needs))
        return settled(x.age_y * x.ast_u_l / (x.platelets_10e9_l * x.alt_u_l.pow(0.5)), x)


class Apri(Comparator):
    """APRI = 100 (AST / upper limit of normal) / platelets, without unit (Wai et al., 2003).

    AST and its upper limit in U/L, platelets in 10^9/L. Derived in chronic hepatitis C against Ishak
    stages. Not valid in acute hepatitis; it depends on the laboratory's upper limit, so state it.
    """

    kind: Literal["apri"] = "apri"
    ast_uln_u_l: UpperLimit = 40.0

    display: ClassVar[str] = "APRI"
    unit: ClassVar[str] = "1"
    citation: ClassVar[str] = "Wai et al., Hepatology 2003;38:518-526"
    needs: ClassVar[tuple[str, ...]] = ("ast_u_l", "platelets_10e9_l")
    cutoffs: ClassVar[tuple[Cutoff, ...]] = (
        Cutoff(0.5, "no significant fibrosis (Ishak < 3) in HCV", "at most", "Wai et al., 2003"),
        Cutoff(1.5, "significant fibrosis (Ishak >= 3) in HCV", "above", "Wai et al., 2003"),
        Cutoff(1.0, "no cirrhosis (Ishak < 5) in HCV", "at most", "Wai et al., 2003"),
        Cutoff(2.0, "cirrhosis (Ishak >= 5) in HCV", "above", "Wai et al., 2003"),
        Cutoff(0.5, "significant fibrosis (F >= 2) in HBV", "above", "WHO, 2024"),
        Cutoff(1.0, "cirrhosis (F4) in HBV", "above", "WHO, 2024"),
    )

    def score(self, clinical: pd.DataFrame) -> pd.Series:
        """APRI of each case."""
        x = positive(numbers(clinical, self.needs))
        return settled(100 * (x.ast_u_l / self.ast_uln_u_l) / x.platelets_10e9_l, x)


class Gpr(Comparator):
    """GPR = 100 (GGT / upper limit of normal) / platelets, without unit (Lemoine et al., 2016).

    GGT and its upper limit in U/L, platelets in 10^9/L. Derived in chronic hepatitis B in West Africa,
    against Metavir stages. Not valid in cholestasis or with alcohol or drugs that induce GGT. Laboratories
    differ in the upper limit, often by sex; 50 U/L is a convention and not the paper's, so state your own.
    """

    kind: Literal["gpr"] = "gpr"
    ggt_uln_u_l: UpperLimit = 50.0

    display: ClassVar[str] = "GPR"
    unit: ClassVar[str] = "1"
    citation: ClassVar[str] = "Lemoine et al., Gut 2016;65:1369-1376"
    needs: ClassVar[tuple[str, ...]] = ("ggt_u_l", "platelets_10e9_l")
    cutoffs: ClassVar[tuple[Cutoff, ...]] = (
        Cutoff(0.32, "significant fibrosis (F >= 2) in HBV", "above", "Lemoine et al., 2016"),
        Cutoff(0.56, "cirrhosis (F4) in HBV", "above", "Lemoine et al., 2016"),
    )

    def score(self, clinical: pd.DataFrame) -> pd.Series:
        """GPR of each case."""
        x = positive(numbers(clinical, self.needs))
        return settled(100 * (x.ggt_u_l / self.ggt_uln_u_l) / x.platelets_10e9_l, x)


class AstAltRatio(Comparator):
    """AST / ALT, without unit (Williams and Hoofnagle, 1988).

    Both in U/L. A value of 1 or more speaks for cirrhosis in chronic viral hepatitis. Not valid in
    alcohol-related disease, which raises the ratio without cirrhosis.
    """

    kind: Literal["ast_alt_ratio"] = "ast_alt_ratio"
    display: ClassVar[str] = "AST/ALT ratio"
    unit: ClassVar[str] = "1"
    citation: ClassVar[str] = "Williams and Hoofnagle, Gastroenterology 1988;95:734-739"
    needs: ClassVar[tuple[str, ...]] = ("ast_u_l", "alt_u_l")
    cutoffs: ClassVar[tuple[Cutoff, ...]] = (
        Cutoff(1.0, "cirrhosis in HCV", "at least", "Sheth et al., 1998"),
    )

    def score(self, clinical: pd.DataFrame) -> pd.Series:
        """AST/ALT of each case."""
        x = positive(numbers(clinical, self.needs))
        return settled(x.ast_u_l / x.alt_u_l, x)


class Bard(Comparator):
    """BARD = 1 (BMI >= 28) + 2 (AST/ALT >= 0.8) + 1 (diabetes), 0 to 4 points (Harrison et al., 2008).

    BMI in kg/m2, AST and ALT in U/L, diabetes 0 or 1. For fatty liver only; where most patients are obese
    or diabetic nearly all reach 2 points.
    """

    kind: Literal["bard"] = "bard"
    display: ClassVar[str] = "BARD"
    unit: ClassVar[str] = "points"
    citation: ClassVar[str] = "Harrison et al., Gut 2008;57:1441-1447"
    needs: ClassVar[tuple[str, ...]] = ("bmi_kg_m2", "ast_u_l", "alt_u_l", "diabetes")
    cutoffs: ClassVar[tuple[Cutoff, ...]] = (
        Cutoff(2, "advanced fibrosis (F >= 3) in MASLD", "at least", "Harrison et al., 2008"),
    )

    def score(self, clinical: pd.DataFrame) -> pd.Series:
        """BARD of each case."""
        read = numbers(clinical, self.needs, codes={"diabetes": (0, 1)})
        x = positive(read, except_for=("diabetes",))
        points = 1 * (x.bmi_kg_m2 >= 28) + 2 * (x.ast_u_l / x.alt_u_l >= 0.8) + x.diabetes
        return settled(points, x)


class Nfs(Comparator):
    """NAFLD fibrosis score, without unit (Angulo et al., 2007).

    NFS = -1.675 + 0.037 age + 0.094 BMI + 1.13 diabetes + 0.99 AST/ALT - 0.013 platelets - 0.66 albumin, with
    age in years, BMI in kg/m2, AST and ALT in U/L, platelets in 10^9/L and albumin in g/dL. `diabetes` is 1
    also for impaired fasting glucose. Not valid under 35 years; over 65 the lower cut-off is 0.12
    (McPherson et al., 2017). For fatty liver only.
    """

    kind: Literal["nfs"] = "nfs"
    display: ClassVar[str] = "NAFLD fibrosis score"
    unit: ClassVar[str] = "1"
    citation: ClassVar[str] = "Angulo et al., Hepatology 2007;45:846-854"
    needs: ClassVar[tuple[str, ...]] = (
        "age_y",
        "bmi_kg_m2",
        "diabetes",
        "ast_u_l",
        "alt_u_l",
        "platelets_10e9_l",
        "albumin_g_dl",
    )
    cutoffs: ClassVar[tuple[Cutoff, ...]] = (
        Cutoff(-1.455, "no advanced fibrosis (F < 3) in MASLD", "below", "Angulo et al., 2007"),
        Cutoff(0.676, "advanced fibrosis (F >= 3) in MASLD", "above", "Angulo et al., 2007"),
    )

    def score(self, clinical: pd.DataFrame) -> pd.Series:
        """NFS of each case."""
        read = numbers(clinical, self.needs, codes={"diabetes": (0, 1)})
        x = positive(read, except_for=("diabetes",))
        body = 0.037 * x.age_y + 0.094 * x.bmi_kg_m2 + 1.13 * x.diabetes
        blood = 0.99 * x.ast_u_l / x.alt_u_l - 0.013 * x.platelets_10e9_l - 0.66 * x.albumin_g_dl
        return settled(-1.675 + body + blood, x)
