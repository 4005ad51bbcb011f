"""How the section of each analysis is called, and what a reader must know before its numbers."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ..study.provenance import Provenance


@dataclass(frozen=True, slots=True)
class Heading:
    """Title and first sentence of a section; `forest` asks for forest plots of its groups."""

    title: str
    intro: str = ""
    forest: bool = False


def reserve(found: Provenance) -> str:
    """What keeps cut-offs and subgroups from being called pre-specified; empty where the run was held to a lock."""
    if not found.lock.startswith("locked"):
        return (
            "The protocol was not locked before this run, so nothing proves that they were named beforehand."
        )
    return "The run deviates from the locked protocol." if found.deviations else ""


def heading_of(kind: str, *, unproven: str) -> Heading | None:
    """The heading of an analysis, None for an unknown one; `unproven` is what `reserve` says of the run."""
    found = ANALYSES.get(kind)
    if found is None or not unproven or kind not in NAMED_IN_PROTOCOL:
        return found
    return replace(found, title=NAMED_IN_PROTOCOL[kind], intro=f"{found.intro} {unproven}")


ANALYSES: Mapping[str, Heading] = {
    "discrimination": Heading(
        "Discrimination",
        "How well each test ranks cases with the outcome above cases without it, whatever the cut-off. A p here "
        "tests whether the AUC is 0.5, the value of a test that knows nothing; it is not adjusted for the number "
        "of tests.",
    ),
    "prognosis": Heading(
        "Prognosis",
        "How well each test foretells who has the event, and when.",
    ),
    "comparison": Heading(
        "Paired comparisons",
        "Difference = first test minus second, on the cases that both tests judged. p tests whether it is 0. "
        "Holm's adjustment covers the pairs of tests within one role (cross-validated or external), one quantity "
        "and one horizon. Nothing is adjusted across quantities, horizons, arms or subgroups. Over training sets: the "
        "same difference counting that models trained on other cases would differ.",
    ),
    "noninferiority": Heading(
        "Non-inferiority",
        "Difference = first test minus second, on the cases that both judged, against the margin that the protocol "
        "states. Non-inferior: the whole 95% interval lies above minus the margin; inferior: all of it lies below; "
        "inconclusive: it reaches to both sides. p is one-sided, of a loss as large as the margin; pairs are not "
        "adjusted for one another. That no difference was found is no proof of non-inferiority.",
    ),
    "detectable": Heading(
        "What this comparison could have shown",
        "Power for effects that the protocol states, with the precision found here: it depends on how far the "
        "scores vary and agree, never on the difference found. Small power means that a negative finding says "
        "little. n needed counts participants of the same kind.",
    ),
    "accuracy": Heading(
        "Accuracy at pre-specified cut-offs",
        "Cut-offs come from the protocol or from publications; the software chose none on these cases. Predictive "
        "values hold at the prevalence of this cohort.",
    ),
    "staging": Heading(
        "Staging",
        "The ordered stage as a whole, and each threshold on it. The Obuchowski measure is no AUC with chance at "
        "0.5: what a useless score reaches depends on the stages of the cohort and is far higher; the method under "
        "the table gives it where it is known. The p of an Obuchowski measure tests that value, the p of an AUC "
        "tests 0.5, the p of a correlation 0; none is adjusted.",
    ),
    "calibration": Heading(
        "Calibration",
        "Whether the predicted probabilities happen as often as they say: slope 1, intercept 0 "
        "and O:E 1 are ideal.",
    ),
    "decision_curve": Heading(
        "Clinical utility",
        "Net benefit weighs true against false positives at each threshold probability at which "
        "one would act.",
    ),
    "risk_groups": Heading(
        "Risk groups",
        "The limits of the groups come from the training data of each part. Groups are numbered as in "
        "estimates.csv, from the lowest.",
    ),
    "agreement": Heading(
        "Agreement",
        "Predicted against measured values. A difference is the correlation of the first test with the reference "
        "minus that of the second, paired; Holm's adjustment covers the pairs of one role and one quantity. Bias and "
        "limits of agreement are prediction minus reference in the unit of the outcome, or, of logarithms, prediction "
        "over reference: 95% of single cases are expected between the limits. A slope below 0 says that low values are "
        "given too high and high ones too low. Rows of a subgroup are not adjusted.",
    ),
    "cutoffs": Heading(
        "Classes of the reference",
        "AUC for a reference at or above each cut-off that the protocol names. The classes are made of the "
        "reference itself: where that is a measurement such as stiffness, an AUC tells how well a test reproduces "
        "it, and no test can be shown to be better than it. Holm's adjustment covers all pairs at all cut-offs of "
        "one role.",
    ),
    "reference_noise": Heading(
        "Noise of the reference",
        "A reference with noise of its own lowers every correlation with it. Highest: what a perfect test would "
        "reach with this reference. Without noise: the correlation with a reference that had none, if its "
        "reliability is as given and the test does not share its noise; an estimate under these assumptions, no "
        "measurement. The reliability is taken as known, so the interval is too narrow.",
    ),
    "sites": Heading(
        "Sites",
        "Performance at each site, pooled with random effects; the prediction interval is what a "
        "new site may expect.",
        forest=True,
    ),
    "subgroups": Heading(
        "Pre-specified subgroups",
        "Performance in each subgroup. A difference between two intervals is not a test of difference; "
        "heterogeneity (Cochran's Q) is. Its p is adjusted by Holm over the subgroup fields of one test and role "
        "where a column says so; nothing is adjusted across tests or arms, and the intervals are not adjusted.",
        forest=True,
    ),
    "reclassification": Heading(
        "Reclassification (secondary)",
        "Reclassification rewards miscalibrated models; read it beside calibration only.",
    ),
    "chance": Heading(
        "Is it better than chance?",
        "Permutation test of AUC = 0.5, or of no rank correlation: how often labels dealt at random do as well. The "
        "answer uses p adjusted by Holm over the index tests of one role. The predictions are taken as given: models "
        "that learnt nothing are called better than chance a little too often under cross-validation, because parts "
        "share what they learnt from. Refits on dealt labels, where the protocol asks for them, are the stricter test.",
    ),
    "null_refits": Heading(
        "Refitted on dealt labels",
        "The outcomes were dealt anew among the participants, of training and held-out cases together, and the whole "
        "fit was repeated. Means over the same parts; p is the share of refits that did as well, the fit itself "
        "counted among them. It tests the whole procedure, leaks included: without a leak the mean over refits is "
        "near 0.5 for an AUC, and near 0 for a correlation.",
    ),
    "sample_size": Heading(
        "Sample size",
        "What a study like this would have needed.",
    ),
}
"""Kind of analysis -> its heading, in the order of the report; others follow under their own name."""

NAMED_IN_PROTOCOL: Mapping[str, str] = {
    "accuracy": "Accuracy at the protocol's cut-offs",
    "subgroups": "Subgroups named in the protocol",
}
"""Kind of analysis -> its title in a run that no lock vouches for."""
