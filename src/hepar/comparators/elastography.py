"""Liver stiffness by vibration-controlled transient elastography, at published cut-offs."""

from typing import ClassVar, Literal

import pandas as pd

from .base import Comparator, Cutoff
from .reading import numbers, positive, settled

PUBLISHED_KPA = {
    "hbv": ("Marcellin et al., 2009", {2: 7.2, 3: 8.1, 4: 11.0}),
    "hcv": ("Castera et al., 2005", {2: 7.1, 3: 9.5, 4: 12.5}),
    "masld": ("Eddowes et al., 2019", {2: 8.2, 3: 9.7, 4: 13.6}),
}
"""For each aetiology, where the cut-offs come from, and that for each fibrosis stage or worse, in kPa."""


class Stiffness(Comparator):
    """Liver stiffness in kPa as measured; `aetiology` chooses the published cut-offs.

    HBV: Marcellin et al., 2009. HCV: Castera et al., 2005. MASLD: Eddowes et al., 2019. For transient elastography
    only: shear-wave methods of other makers have other cut-offs. Not valid after a meal, in acute hepatitis,
    cholestasis or congestion, which stiffen the liver, nor where IQR/median exceeds 0.30 at 7.1 kPa or more
    (Boursier et al., 2013).
    """

    kind: Literal["stiffness"] = "stiffness"
    aetiology: Literal["hbv", "hcv", "masld"] = "hbv"

    display: ClassVar[str] = "Liver stiffness (VCTE)"
    unit: ClassVar[str] = "kPa"
    citation: ClassVar[str] = "Sandrin et al., Ultrasound Med Biol 2003;29:1705-1713"
    needs: ClassVar[tuple[str, ...]] = ("stiffness_kpa",)

    @property
    def cutoffs(self) -> tuple[Cutoff, ...]:
        """Published cut-offs for significant fibrosis, advanced fibrosis and cirrhosis."""
        source, by_stage = PUBLISHED_KPA[self.aetiology]
        cause = self.aetiology.upper()
        return tuple(
            Cutoff(kpa, f"F >= {stage} in {cause}", "at least", source) for stage, kpa in by_stage.items()
        )

    def score(self, clinical: pd.DataFrame) -> pd.Series:
        """Stiffness of each case."""
        x = positive(numbers(clinical, self.needs))
        return settled(x.stiffness_kpa, x)
