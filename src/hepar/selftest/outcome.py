"""What a self-test found: figures beside their bars, arms beside their expected winners, and whether all holds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from .bar import Bar
from .cohort import Size
from .contest import Null
from .rule import EXPECTED, NAMES, Verdict, needed

ALPHA_NULL = 0.01
"""One-sided p of the refits on permuted labels up to which the arm in which there is nothing has gone wrong."""


@dataclass(frozen=True, slots=True)
class SelfTest:
    """Everything that was tried; `null` where the fit was repeated on permuted labels."""

    first_seed: int
    seeds: int
    size: Size
    bars: tuple[Bar, ...]
    verdicts: tuple[Verdict, ...]
    null: Null | None

    @property
    def right(self) -> int:
        """Seeds in which all arms came out right."""
        wrong = {verdict.seed for verdict in self.verdicts if verdict.wrong}
        return self.seeds - len(wrong)

    @property
    def passed(self) -> bool:
        """Whether every bar holds, and the arms came out right in nine of ten seeds."""
        shown = self.null is None or self.null.p > ALPHA_NULL
        return bool(all(bar.passed for bar in self.bars) and self.right >= needed(self.seeds) and shown)

    def lines(self) -> Iterator[str]:
        """The outcome in words."""
        yield "SIMULATED phantoms and patients of known truth; evidence about this installation, not about patients"
        yield ""
        yield "estimators against known truth:"
        yield from (f"  {bar.line}" for bar in self.bars)
        yield ""
        yield (
            f"four arms, {self.size.train} SIMULATED patients train and {self.size.test} test, seeds"
            f" {self.first_seed} to {self.first_seed + self.seeds - 1}; mean AUC:"
        )
        yield from (f"  {line}" for line in self._arms())
        yield from (
            f"  seed {one.seed}, {one.arm}: {'; '.join(one.wrong)}" for one in self.verdicts if one.wrong
        )
        yield from self._null_lines()
        yield f"all arms right in {self.right} of {self.seeds} seeds, {needed(self.seeds)} asked"
        yield "PASSED" if self.passed else "FAILED"

    def _arms(self) -> Iterator[str]:
        for arm, expected in EXPECTED.items():
            made = [verdict for verdict in self.verdicts if verdict.arm == arm]
            areas = ", ".join(
                f"{name} {mean([one.auc[test] for one in made]):.3f}" for test, name in NAMES.items()
            )
            right = sum(not one.wrong for one in made)
            differ = mean([one.difference for one in made])
            found = sum(one.found("bmode_net") for one in made)
            yield (
                f"{arm}: expected {expected.winner}; right in {right} of {len(made)}; {areas}; RF less B-mode"
                f" {differ:+.3f}; found by the RF network in {sum(one.found('rf_net') for one in made)}, by the B-mode"
                f" network in {found}"
            )

    def _null_lines(self) -> Iterator[str]:
        if self.null is None:
            return
        permuted = np.array(self.null.permuted)
        yield (
            f"RF network refitted on {permuted.size} deals of the labels where nothing is, seed {self.null.seed}: AUC"
            f" {self.null.observed:.3f} against {permuted.mean():.3f}, {permuted.min():.3f} to {permuted.max():.3f};"
            f" p {self.null.p:.3f}"
        )


def mean(values: Sequence[float]) -> float:
    """Their mean; NaN of none."""
    return float(np.mean(values)) if values else float("nan")
