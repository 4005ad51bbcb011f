"""What a self-test found: figures beside their bars, arms beside their expected winners, and whether all holds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from .bar import Bar
from .cohort import Size
from .contest import Null
from .rule import EXPECTED, NAMES, Verdict, needed

ALPHA_NULL = 0.01
"""One-sided p up to which labels as they are count as found where nothing is; needs 100 refits or more."""
STRAY = 3.0
"""Standard errors by which the mean AUC of refits on permuted labels may be off 0.5."""
HEAD = ("arm", "expected", "right", *NAMES.values(), "RF - B-mode", "RF - spectral")


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
        return bool(all(bar.passed for bar in self.bars) and self.right >= needed(self.seeds) and self.fair)

    @property
    def fair(self) -> bool:
        """Whether refits on permuted labels find nothing: what leaks into a fit moves their mean away from 0.5."""
        return self.null is None or (self.null.stray <= STRAY and self.null.p > ALPHA_NULL)

    def lines(self) -> Iterator[str]:
        """The outcome in words."""
        yield "SIMULATED phantoms and patients of known truth; evidence about this installation, not about patients"
        yield ""
        yield "estimators against known truth:"
        yield from (f"  {bar.line}" for bar in self.bars)
        yield ""
        yield (
            f"four arms, {self.size.train} SIMULATED patients train and {self.size.test} others test, seeds"
            f" {self.first_seed} to {self.first_seed + self.seeds - 1}; mean AUC and mean difference of AUC:"
        )
        yield from (f"  {line}" for line in aligned([HEAD, *self.rows]))
        for one in self.verdicts:
            if one.wrong:
                yield f"  wrong: seed {one.seed}, {one.arm}: {'; '.join(one.wrong)}"
        yield f"all arms right in {self.right} of {self.seeds} seeds; {needed(self.seeds)} are asked for"
        yield from self._null_lines()
        yield ""
        yield "PASSED" if self.passed else "FAILED"

    @property
    def rows(self) -> list[tuple[str, ...]]:
        """The table of the arms under `HEAD`."""
        made = []
        for arm, expected in EXPECTED.items():
            of_arm = [verdict for verdict in self.verdicts if verdict.arm == arm]
            areas = [f"{mean([one.auc[test] for one in of_arm]):.3f}" for test in NAMES]
            right = f"{sum(not one.wrong for one in of_arm)} of {len(of_arm)}"
            apart = [mean([getattr(one, name) for one in of_arm]) for name in ("difference", "over_spectral")]
            made.append((arm, expected.winner, right, *areas, *(f"{value:+.3f}" for value in apart)))
        return made

    def _null_lines(self) -> Iterator[str]:
        if self.null is None:
            return
        areas = np.array(self.null.permuted)
        yield (
            f"RF network refitted on {areas.size} deals of the labels where nothing is, seed {self.null.seed}: mean AUC"
            f" {areas.mean():.3f} ({areas.min():.3f} to {areas.max():.3f}), {self.null.stray:.1f} standard errors off"
            f" 0.5 (at most {STRAY:g}) {'ok' if self.fair else 'FAILED'}; AUC on the labels as they are"
            f" {self.null.observed:.3f}, p {self.null.p:.3f}"
        )


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of equally many cells as lines, each column as wide as its widest cell."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(wide) for cell, wide in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def mean(values: Sequence[float]) -> float:
    """Their mean; NaN of none."""
    return float(np.mean(values)) if values else float("nan")
