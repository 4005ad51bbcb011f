"""Scores of liver fat, from routine measurements."""

from typing import ClassVar, Literal

import numpy as np
import pandas as pd

from .base import Comparator, Cutoff
from .reading import numbers, positive, settled


class Fli(Comparator):
    """Fatty liver index, 0 to 100 (Bedogni et al., 2006).

    FLI = 100 / (1 + exp(-y)) with y = 0.953 ln(triglycerides) + 0.139 BMI + 0.718 ln(GGT) + 0.053 waist - 15.745,
    with triglycerides in mg/dL, BMI in kg/m2, GGT in U/L and waist in cm. Derived in northern Italy against
    ultrasound; not a measure of how much fat there is, and cut-offs are lower in East Asian people.
    """

    kind: Literal["fli"] = "fli"
    display: ClassVar[str] = "Fatty liver index"
    unit: ClassVar[str] = "1"
    citation: ClassVar[str] = "Bedogni et al., BMC Gastroenterol 2006;6:33"
    needs: ClassVar[tuple[str, ...]] = ("triglycerides_mg_dl", "bmi_kg_m2", "ggt_u_l", "waist_cm")
    cutoffs: ClassVar[tuple[Cutoff, ...]] = (
        Cutoff(30, "no fatty liver", "below", "Bedogni et al., 2006"),
        Cutoff(60, "fatty liver", "at least", "Bedogni et al., 2006"),
    )

    def score(self, clinical: pd.DataFrame) -> pd.Series:
        """FLI of each case."""
        x = positive(numbers(clinical, self.needs))
        blood = 0.953 * np.log(x.triglycerides_mg_dl) + 0.718 * np.log(x.ggt_u_l)
        logit = blood + 0.139 * x.bmi_kg_m2 + 0.053 * x.waist_cm - 15.745
        # The logistic function by tanh, which unlike exp cannot overflow.
        return settled(50 * (1 + np.tanh(logit / 2)), x)
