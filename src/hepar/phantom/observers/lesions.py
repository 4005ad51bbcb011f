"""The best attainable reading of SIMULATED liver lesions on CT: malignancy from the exact likelihood, and naive ones.

Images of a lesion depend on its kind only through its size, its look and its outline, and outlines are drawn alike
for all kinds. So the likelihood ratio given size and look cannot be surpassed by any reader of the lesion (Neyman and
Pearson, 1933), and given what two noisy phases show of the look by no reader of those.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from ...core.errors import SimulationError
from ..lesions.background import Background, expected_lesions, is_malignant
from ..lesions.kinds import KINDS, LARGEST_MM, LESIONS, SMALLEST_MM
from ..lesions.look import LOOK, TWO_PHASES
from ..lesions.mixture import columns_of, log_density
from .case import case_probabilities
from .ct_precision import CtQuality
from .detection import size_name
from .lesion_error import measurement_error
from .lesion_sample import LesionSample, draw_sample
from .marker import drawn_markers
from .normal import auc, clustered_auc

Floats = NDArray[np.float64]
Truth = NDArray[np.bool_]

SIZES_MM = (0.0, 10.0, 20.0, np.inf)
"""Limits of the classes of size that are reported."""
SHELL = 1 - 0.8**3
"""Share of a lesion's volume that is rim, for the mean over it."""
_ERROR_STEPS = 40
FEWEST = 20
"""Lesions of each sort below which an area says nothing."""


@dataclass(frozen=True, slots=True)
class Area:
    """An area under the ROC curve and the standard error of its Monte-Carlo estimate, lesions clustered in patients."""

    auc: float
    error: float


@dataclass(frozen=True, slots=True)
class MalignancyBound:
    """What can be known of malignancy, lesion by lesion, in a cohort of `lesions` of which `malignant` is the share.

    Strict bounds, because nothing shows more: `look` knows all of the look of a lesion on four phases; `two_phases`
    what arterial and portal phase show of it; `without_noise` that of all lesions of the patient and who that is;
    `everything` alpha-fetoprotein as well. Ideal observers, of the noise of a usual scan: `measured` sees a lesion in
    two phases; `with_background` also who the patient is; `with_others` also the patient's other lesions; `with_blood`
    also alpha-fetoprotein. `by_phase` is `measured` with one phase only, `by_size` with both within classes of size.
    `demographics` (age, sex, aetiology), `size` and `naive` (mean HU, direction chosen on half of the lesions) are the
    baselines. `patient_*` is malignancy of a patient who has lesions.
    """

    lesions: int
    malignant: float
    look: Area
    two_phases: Area
    measured: Area
    with_background: Area
    with_others: Area
    with_blood: Area
    without_noise: Area
    everything: Area
    patient: Area
    patient_with_blood: Area
    patient_without_noise: Area
    patient_everything: Area
    by_phase: Mapping[str, Area]
    by_size: Mapping[str, Area]
    demographics: Area
    size: Area
    naive: Mapping[str, Area]


def malignancy_bound(
    backgrounds: Sequence[Background],
    *,
    seed: int,
    quality: CtQuality | None = None,
    difficulty: float = 1.0,
) -> MalignancyBound:
    """The bound for patients like `backgrounds`, by one draw of their lesions; a thousand patients give 0.01."""
    sample = draw_sample(backgrounds, seed=seed, difficulty=difficulty)
    truth = sample.malignant
    if min(truth.sum(), (~truth).sum()) < FEWEST:
        raise SimulationError(
            f"{truth.sum()} of {len(truth)} lesions are malignant: give more backgrounds, for {FEWEST} of each sort"
        )
    quality = quality or CtQuality()
    weights = np.array([expected_lesions(one) for one in backgrounds])
    everyone = np.log(weights.mean(0))
    seen = Seen(sample, difficulty=difficulty)
    shown = measured(sample, quality, seed=seed)
    noisy, exact = seen.noisy(shown, quality), seen.exact(TWO_PHASES)
    ratio = odds(noisy + everyone)

    def of(score: Floats) -> Area:
        return area(truth, score, patient=sample.patient)

    return MalignancyBound(
        lesions=len(truth),
        malignant=float(truth.mean()),
        look=of(odds(seen.exact(LOOK) + everyone)),
        two_phases=of(odds(exact + everyone)),
        measured=of(ratio),
        with_background=of(odds(noisy + np.log(weights[sample.patient]))),
        by_phase={
            name: of(odds(seen.noisy(shown, quality, without=other) + everyone))
            for name, other in (("arterial", "portal"), ("portal", "arterial"))
        },
        by_size=_by_size(sample, ratio),
        demographics=of(demographic_odds(backgrounds)[sample.patient]),
        size=of(odds(log_sizes(sample.diameter_mm) + everyone)),
        naive=_naive(sample, shown),
        **_cases(sample, noisy, exact, seed=seed),
    )


def _cases(sample: LesionSample, noisy: Floats, exact: Floats, *, seed: int) -> dict[str, Area]:
    """Areas of observers that see all lesions of a patient, with and without noise and blood tests."""
    markers = drawn_markers(np.random.default_rng([seed, 3]), sample)
    found = {}
    for by_lesion, by_patient, likelihood, blood in (
        ("with_others", "patient", noisy, None),
        ("with_blood", "patient_with_blood", noisy, markers),
        ("without_noise", "patient_without_noise", exact, None),
        ("everything", "patient_everything", exact, markers),
    ):
        lesions, patients, has = case_probabilities(sample, likelihood, markers=blood)
        found[by_lesion] = area(sample.malignant, lesions, patient=sample.patient)
        found[by_patient] = area(has, patients)
    return found


class Seen:
    """Likelihoods (n, kind) of what is seen of the lesions of a sample."""

    __slots__ = ("difficulty", "sample")

    def __init__(self, sample: LesionSample, *, difficulty: float) -> None:
        self.sample = sample
        self.difficulty = difficulty

    def exact(self, names: Sequence[str]) -> Floats:
        """Log likelihood (n, kind) of size and of the parts `names` of the looks."""
        look = self.sample.look[:, columns_of(names)]
        return self._of(look, names=names, error=None, rows=np.arange(len(look))) + log_sizes(
            self.sample.diameter_mm
        )

    def noisy(self, shown: Floats, quality: CtQuality, *, without: str = "nothing") -> Floats:
        """Log likelihood (n, kind) of size and of what was measured (n, two phases), but for the phase `without`."""
        names = [name for name in TWO_PHASES if not name.endswith(without)]
        shown = shown[:, [TWO_PHASES.index(name) for name in names]]
        found = np.empty((len(shown), len(LESIONS)))
        for diameter, rows in _alike(self.sample.diameter_mm):
            error = measurement_error(quality, diameter, names=names)
            found[rows] = self._of(shown[rows], names=names, error=error, rows=rows)
        return found + log_sizes(self.sample.diameter_mm)

    def _of(
        self, look: Floats, *, names: Sequence[str], error: Floats | None, rows: NDArray[np.intp]
    ) -> Floats:
        diameter = self.sample.diameter_mm[rows]
        return np.stack(
            [
                log_density(look, diameter, kind=kind, names=names, error=error, difficulty=self.difficulty)
                for kind in LESIONS
            ],
            axis=1,
        )


def measured(sample: LesionSample, quality: CtQuality, *, seed: int) -> Floats:
    """What two phases show (n, two phases): the looks with an error of measurement drawn for each."""
    rng = np.random.default_rng([seed, 1])
    found = sample.look[:, columns_of(TWO_PHASES)]
    for diameter, rows in _alike(sample.diameter_mm):
        root = np.linalg.cholesky(
            measurement_error(quality, diameter, names=TWO_PHASES) + 1e-12 * np.eye(len(TWO_PHASES))
        )
        found[rows] += rng.standard_normal((len(rows), len(root))) @ root.T
    return found


def log_sizes(diameter_mm: Floats) -> Floats:
    """Log density (n, kind) of the sizes."""
    return np.stack([KINDS[name].log_density(diameter_mm) for name in LESIONS], axis=1)


def odds(weighted: Floats) -> Floats:
    """Log odds (n,) of malignancy from log weights (n, kind)."""
    malignant = is_malignant() > 0
    with np.errstate(divide="ignore"):
        return np.asarray(
            logsumexp(weighted[:, malignant], axis=1) - logsumexp(weighted[:, ~malignant], axis=1)
        )


def demographic_odds(backgrounds: Sequence[Background]) -> Floats:
    """Log odds (n,) that a lesion is malignant by age, sex and aetiology, however the liver looks."""
    nodes, mass = np.polynomial.hermite_e.hermegauss(9)
    found = []
    for one in backgrounds:
        livers = [Background(one.sex, one.age_y, one.aetiology, float(at), 0.06) for at in nodes]
        weight = mass @ np.array([expected_lesions(liver) for liver in livers])
        malignant = float(weight @ is_malignant())
        found.append(np.log(malignant / (weight.sum() - malignant)))
    return np.array(found)


def area(truth: Truth, score: Floats, *, patient: NDArray[np.intp] | None = None) -> Area:
    """Area under the curve of `score` (n,) and its standard error, `patient` (n,) being whose each case is."""
    return Area(*clustered_auc(truth, score, np.arange(len(truth)) if patient is None else patient))


def _alike(diameter_mm: Floats) -> list[tuple[float, NDArray[np.intp]]]:
    """Rows of lesions of about the same size, with that size: errors change little within a tenth of a size."""
    limits = np.geomspace(SMALLEST_MM, LARGEST_MM, _ERROR_STEPS + 1)
    group = np.clip(np.digitize(diameter_mm, limits) - 1, 0, _ERROR_STEPS - 1)
    middle = np.sqrt(limits[1:] * limits[:-1])
    return [(float(middle[place]), np.flatnonzero(group == place)) for place in np.unique(group)]


def _by_size(sample: LesionSample, score: Floats) -> dict[str, Area]:
    found = {}
    for low, high in pairwise(SIZES_MM):
        rows = (sample.diameter_mm >= low) & (sample.diameter_mm < high)
        truth = sample.malignant[rows]
        if truth.sum() > 1 and (~truth).sum() > 1:
            found[size_name(low, high)] = area(truth, score[rows], patient=sample.patient[rows])
    return found


def _naive(sample: LesionSample, shown: Floats) -> dict[str, Area]:
    """Areas of mean HU as a reader would measure it, its direction chosen on the first half of the patients."""
    truth = sample.malignant
    names = list(TWO_PHASES)
    mean = {
        phase: shown[:, names.index(f"core_{phase}")] + SHELL * shown[:, names.index(f"rim_{phase}")]
        for phase in ("arterial", "portal")
    }
    scores = {**mean, "arterial minus portal": mean["arterial"] - mean["portal"]}
    half = int(np.searchsorted(sample.patient, len(sample.backgrounds) // 2))
    found = {}
    for name, score in scores.items():
        sign = 1.0 if auc(truth[:half], score[:half]) >= 0.5 else -1.0
        found[name] = area(truth[half:], sign * score[half:], patient=sample.patient[half:])
    return found
