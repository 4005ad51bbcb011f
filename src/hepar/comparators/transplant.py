"""MELD and MELD-Na: how soon end-stage liver disease kills without a transplant."""

from typing import ClassVar, Literal

import numpy as np
import pandas as pd

from .base import Comparator
from .reading import numbers, positive, settled


class Meld(Comparator):
    """MELD, 6 to 40 points (Kamath et al., 2001), as the transplant network OPTN computed it from 2002 to 2015.

    MELD = 10 (0.957 ln(creatinine) + 0.378 ln(bilirubin) + 1.120 ln(INR) + 0.643), rounded, with creatinine and
    bilirubin in mg/dL. Values below 1 count as 1, creatinine above 4 as 4; write 4 for a patient on dialysis.
    For people of 12 years and older; not valid with anticoagulants.
    """

    kind: Literal["meld"] = "meld"
    display: ClassVar[str] = "MELD"
    unit: ClassVar[str] = "points"
    citation: ClassVar[str] = "Kamath et al., Hepatology 2001;33:464-470"
    needs: ClassVar[tuple[str, ...]] = ("creatinine_mg_dl", "bilirubin_mg_dl", "inr")

    def score(self, clinical: pd.DataFrame) -> pd.Series:
        """MELD of each case."""
        x = positive(numbers(clinical, self.needs))
        return settled(_meld(x).clip(upper=40), x)


class MeldNa(Comparator):
    """MELD-Na, 6 to 40 points, by the policy of the transplant network OPTN of January 2016 (Kim et al., 2008).

    With MELD(i) the rounded MELD before its upper bound: where MELD(i) > 11,
    MELD-Na = MELD(i) + 1.32 (137 - Na) - 0.033 MELD(i) (137 - Na), rounded; else MELD(i). Sodium in mmol/L counts
    as 125 at least and 137 at most; other units and bounds as for MELD. Not the coefficients of Kim et al., and
    not MELD 3.0, which replaced it in 2023.
    """

    kind: Literal["meld_na"] = "meld_na"
    display: ClassVar[str] = "MELD-Na (OPTN 2016)"
    unit: ClassVar[str] = "points"
    citation: ClassVar[str] = "OPTN policy 9.1, January 2016; Kim et al., N Engl J Med 2008;359:1018-1026"
    needs: ClassVar[tuple[str, ...]] = ("creatinine_mg_dl", "bilirubin_mg_dl", "inr", "sodium_mmol_l")

    def score(self, clinical: pd.DataFrame) -> pd.Series:
        """MELD-Na of each case."""
        x = positive(numbers(clinical, self.needs))
        initial = _meld(x)
        deficit = 137 - x.sodium_mmol_l.clip(125, 137)
        corrected = _rounded(initial + 1.32 * deficit - 0.033 * initial * deficit)
        return settled(corrected.where(initial > 11, initial).clip(upper=40), x)


def _meld(x: pd.DataFrame) -> pd.Series:
    """MELD(i), rounded and not yet bounded above; at least 6 because no logarithm is below 0."""
    kidney = 0.957 * np.log(x.creatinine_mg_dl.clip(1, 4))
    liver = 0.378 * np.log(x.bilirubin_mg_dl.clip(lower=1)) + 1.120 * np.log(x.inr.clip(lower=1))
    return _rounded(10 * (kidney + liver + 0.643))


def _rounded(values: pd.Series) -> pd.Series:
    """Halves go up, as in the policy's arithmetic; `round` would send them to the even neighbour."""
    whole: pd.Series = np.floor(values + 0.5)
    return whole
