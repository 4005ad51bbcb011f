"""What everybody knows of a SIMULATED patient beside tests: the site, what is missing, who is a healthy volunteer.

Sites see patients of other stages, and some examinations are missing more often where the disease is advanced. Images
show the scanner, tables the site, and an absence is seen by all. So no bound may leave this out.
"""

import numpy as np

from ..population import absent_share, site_shares
from ..scenario import Scenario
from .normal import Floats

LIABILITY = np.linspace(-6.0, 6.0, 301)
"""Liabilities (liability,) at which posterior densities are computed."""


def setting_shares(scenario: Scenario, liability: Floats) -> Floats:
    """Probability (n, setting) of each site and set of missing modalities at each liability (n,).

    Absences that have nothing to do with the liability are left out, because they say nothing.
    """
    found = site_shares(scenario, liability)
    for name, absence in scenario.absent.items():
        if absence.share > 0 and absence.informative and not scenario.null:
            lacking = absent_share(scenario, name, liability)[:, None]
            found = np.concatenate([found * lacking, found * (1 - lacking)], axis=1)
    return found


def drawn_settings(rng: np.random.Generator, scenario: Scenario, liability: Floats) -> np.ndarray:
    """The setting (n,) of patients with these liabilities (n,)."""
    upto = np.cumsum(setting_shares(scenario, liability), axis=1)
    return np.asarray((rng.random((len(liability), 1)) * upto[:, -1:] > upto).sum(axis=1))


def posterior(mean: Floats, variance: float, likelihood: Floats) -> Floats:
    """Density (n, liability), summing to 1, of a normal liability of `mean` (n,) times `likelihood` (n, liability)."""
    with np.errstate(divide="ignore"):
        log = np.log(likelihood) - (LIABILITY - mean[:, None]) ** 2 / (2 * max(variance, 1e-4))
    weight = np.exp(log - log.max(axis=1, keepdims=True))
    return np.asarray(weight / weight.sum(axis=1, keepdims=True))
