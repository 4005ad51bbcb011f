"""When an arm of known truth comes out right: a rule that was fixed before the seeds that are reported were drawn."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from ..stats.discrimination import auc_difference
from ..stats.permutation import auc_permutation

Test = Literal["rf_net", "bmode_net", "spectral"]
NAMES: Mapping[Test, str] = {
    "rf_net": "RF network",
    "bmode_net": "B-mode network",
    "spectral": "spectral parameters",
}
ALPHA = 0.005
"""One-sided p up to which a test is said to do better than chance."""
DRAWS = 4000
"""Permutations of the test patients behind that p."""
LEVEL = 0.95
"""Of the interval of a difference, whose lower end has to be above 0."""
SHARE = 0.9
"""Of the seeds, in which all arms have to come out right: 18 of 20."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What has to come out of an arm, in words and as a rule; None: either is right."""

    winner: str
    rf_found: bool | None
    bmode_found: bool | None
    rf_wins: bool


EXPECTED: Mapping[str, Expected] = {
    "spectrum": Expected("RF wins", rf_found=True, bmode_found=None, rf_wins=True),
    "brightness": Expected("B-mode ties or wins", rf_found=None, bmode_found=True, rf_wins=False),
    "nothing": Expected("neither", rf_found=False, bmode_found=False, rf_wins=False),
    "shortcut": Expected("neither", rf_found=False, bmode_found=False, rf_wins=False),
}
"""By arm. RF wins if the RF network does better than chance and its AUC is above that of the B-mode network.

Where B-mode is to tie or win, its network must do better than chance and RF must not win. False alarms: networks that
know nothing make the arms "nothing" and "shortcut" wrong in 1 % of seeds at most, 0.5 % for each of the two. Networks
that are equally good make the arm "brightness" wrong in 2.5 %, and less where B-mode is better.
"""


@dataclass(frozen=True, slots=True)
class Scores:
    """Test patients of one arm and seed: who has `cirrhosis`, the operator's `gain_db`, and each test's scores."""

    arm: str
    seed: int
    cirrhosis: tuple[bool, ...]
    gain_db: tuple[float, ...]
    scores: Mapping[Test, tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one arm of one seed says.

    `auc` and its one-sided `p` by test, and `gain`, Spearman's correlation of the scores with the operator's gain.
    `difference` is the AUC of the RF network less that of the B-mode network, `low` to `high` its interval;
    `over_spectral` is the AUC of the RF network less that of the spectral parameters.
    """

    arm: str
    seed: int
    auc: Mapping[Test, float]
    p: Mapping[Test, float]
    gain: Mapping[Test, float]
    difference: float
    low: float
    high: float
    over_spectral: float

    def found(self, test: Test) -> bool:
        """Whether the test does better than chance."""
        return self.p[test] <= ALPHA

    @property
    def rf_wins(self) -> bool:
        """Whether the RF network is better than the B-mode network."""
        return self.found("rf_net") and self.low > 0

    @property
    def wrong(self) -> tuple[str, ...]:
        """What is not as it has to be; empty if the arm comes out right."""
        asked = EXPECTED[self.arm]
        checks: tuple[tuple[Test, bool | None], ...] = (
            ("rf_net", asked.rf_found),
            ("bmode_net", asked.bmode_found),
        )
        made = [
            f"the {NAMES[test]} {'does no better than chance' if wanted else 'finds what is not there'}"
            for test, wanted in checks
            if wanted is not None and wanted != self.found(test)
        ]
        if asked.rf_wins != self.rf_wins:
            made.append("RF is not found to be better" if asked.rf_wins else "RF is found to be better")
        return tuple(made)


def judged(found: Scores) -> Verdict:
    """The verdict on the scores of one arm and seed; the same scores always give the same."""
    truth, gain = np.array(found.cirrhosis), np.array(found.gain_db)
    scores = {test: np.array(values) for test, values in found.scores.items()}
    chance = {
        test: auc_permutation(truth, score, seed=found.seed, draws=DRAWS, alternative="greater")
        for test, score in scores.items()
    }
    apart = auc_difference(truth, scores["rf_net"], scores["bmode_net"], level=LEVEL)
    return Verdict(
        arm=found.arm,
        seed=found.seed,
        auc={test: one.value for test, one in chance.items()},
        p={test: one.p for test, one in chance.items()},
        gain={test: _rank_correlation(gain, score) for test, score in scores.items()},
        difference=apart.value,
        low=apart.low,
        high=apart.high,
        over_spectral=chance["rf_net"].value - chance["spectral"].value,
    )


def needed(seeds: int) -> int:
    """In how many of `seeds` all arms have to come out right."""
    return int(np.ceil(SHARE * seeds))


def _rank_correlation(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Spearman's; 0 where either is constant."""
    if min(np.ptp(first), np.ptp(second)) == 0:
        return 0.0
    return float(np.corrcoef(rankdata(first), rankdata(second))[0, 1])
