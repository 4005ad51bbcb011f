"""What a paired study of two tests can show, and what the noise of elastography takes: tables of docs/statistics.md.

Run as `python -m benchmarks.paired_studies [--draws N] [--patients N]`; all data are SIMULATED.
"""

import argparse
from collections.abc import Callable

import numpy as np

from hepar.phantom.population import draw_patient
from hepar.phantom.scenario import Scenario
from hepar.phantom.ultrasound import elastography
from hepar.phantom.ultrasound.elastography import Elastography
from hepar.stats.agreement import pearson
from hepar.stats.detectable import binormal_power
from hepar.stats.reliability import (
    attained_correlation,
    reliability_of,
    reliability_of_repeats,
    within_sd_log,
)

Pair = tuple[Elastography, Elastography]


def power_table(draws: int) -> None:
    """Power of 100 to 400 patients, prevalence 0.3, scores correlated at 0.5 within a class."""
    print("| patients | SE | non-inferior at 0.05 | at 0.10 | 0.90 against 0.80 |\n|--:|--:|--:|--:|--:|")
    for n in (100, 150, 200, 400):
        narrow, wide = (
            binormal_power(0.9, 0.9, n=n, prevalence=0.3, correlation=0.5, margin=m, draws=draws, seed=n)
            for m in (0.05, 0.10)
        )
        apart = binormal_power(
            0.9, 0.8, n=n, prevalence=0.3, correlation=0.5, margin=0.05, draws=draws, seed=n
        )
        shown = (f"{100 * share:.0f} %" for share in (narrow.noninferior, wide.noninferior, apart.superior))
        print(f"| {n} | {narrow.se:.3f} | {' | '.join(shown)} |")


def noise_table(patients: int) -> None:
    """True against measured stiffness, on logarithms, of SIMULATED patients examined twice."""
    drawn = [draw_patient(Scenario.of("B", arm="natural"), seed=7, number=i) for i in range(1, patients + 1)]
    exams = [(elastography(one, exam=0), elastography(one, exam=1)) for one in drawn]
    both = [pair for pair in exams if all(one.stiffness_kpa is not None for one in pair)]
    print(
        "\n| examinations | patients | r of truth and measurement | root of the ICC | from the shots alone |"
    )
    print("|---|--:|--:|--:|--:|")
    rules: dict[str, Callable[[Elastography], bool]] = {
        "all with a value": lambda _: True,
        "reliable (Castera 2010)": lambda one: not one.unreliable,
        "true stiffness below 7.9 kPa": lambda one: one.true_kpa < 7.9,
    }
    for name, rule in rules.items():
        noise_row(name, [pair for pair in both if all(rule(one) for one in pair)])


def noise_row(name: str, pairs: list[Pair]) -> None:
    """One line of `noise_table`."""
    truth = np.log([one.true_kpa for one, _ in pairs])
    first, second = (np.log([float(pair[at].stiffness_kpa or np.nan) for pair in pairs]) for at in (0, 1))
    icc = reliability_of_repeats(first, second).value
    enough = [one for one, _ in pairs if one.valid >= 3]
    shots = within_sd_log(
        np.array([float(one.iqr_over_median or 0) for one in enough]), np.array([one.valid for one in enough])
    )
    attained = (
        pearson(truth, first).value,
        attained_correlation(1.0, reliability=icc),
        attained_correlation(1.0, reliability=reliability_of(first, within_sd=shots)),
    )
    print(f"| {name} | {len(pairs)} | {' | '.join(f'{r:.3f}' for r in attained)} |")


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=4000)
    parser.add_argument("--patients", type=int, default=1500)
    asked = parser.parse_args()
    power_table(asked.draws)
    noise_table(asked.patients)


if __name__ == "__main__":
    main()
