"""How the section of each analysis is called, and what a reader must know before its numbers."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Heading:
    """Title and first sentence of a section; `forest` asks for forest plots of its groups."""

    title: str
    intro: str = ""
    forest: bool = False


ANALYSES: Mapping[str, Heading] = {
    "discrimination": Heading(
        "Discrimination",
        "How well each test ranks cases with the outcome above cases without it, whatever the cut-off.",
    ),
    "prognosis": Heading(
        "Prognosis",
        "How well each test foretells who has the event, and when.",
    ),
    "comparison": Heading(
        "Paired comparisons",
        "Difference = first test minus second, on the cases that both tests judged. Holm's "
        "adjustment covers all comparisons of one quantity.",
    ),
    "accuracy": Heading(
        "Accuracy at pre-specified cut-offs",
        "No cut-off was chosen on these cases. Predictive values hold at the prevalence of this cohort.",
    ),
    "staging": Heading(
        "Staging",
        "The ordered stage as a whole, and each threshold on it.",
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
        "The limits of the groups come from the training data of each part.",
    ),
    "agreement": Heading(
        "Agreement",
        "Predicted against measured values.",
    ),
    "sites": Heading(
        "Sites",
        "Performance at each site, pooled with random effects; the prediction interval is what a "
        "new site may expect.",
        forest=True,
    ),
    "subgroups": Heading(
        "Subgroups",
        "Pre-specified subgroups; a difference between two intervals is not a test of difference.",
        forest=True,
    ),
    "reclassification": Heading(
        "Reclassification (secondary)",
        "Reclassification rewards miscalibrated models; read it beside calibration only.",
    ),
    "chance": Heading(
        "Is it better than chance?",
        "Permutation test: how often labels dealt at random do as well.",
    ),
    "sample_size": Heading(
        "Sample size",
        "What a study like this would have needed.",
    ),
}
"""Kind of analysis -> its heading, in the order of the report; others follow under their own name."""
