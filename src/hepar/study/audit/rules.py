"""Limits of the audit, each with the reason; a report prints them beside what they found."""

from collections.abc import Mapping

ERROR_RATE = 0.05
"""Of Holm's adjusted p over every look of one audit."""
METADATA_AUC = 0.65
SERIOUS_AUC = 0.8
MISSING_AUC = 0.6
TELLING_AUC = 0.98
SITE_V = 0.2
SITE_P = 0.01
SCALE_RATIO = 5.0
FEWEST_AT_SITE = 10
FEWEST_CASES = 5
CHANCE_PAIRS = 0.01
FEWEST_AGREEING = 4
FEW_CASES = 30
MOST_VALUES_AS_LEVELS = 12
ORDER_BLOCKS = 20
VOTES = 2

REASONS: Mapping[str, tuple[str, str]] = {
    "Error rate": (
        f"{ERROR_RATE:g}",
        "Holm's adjusted p over every look of one audit: one false flag in twenty audits of sound data, at most.",
    ),
    "AUC of a field that should know nothing": (
        f"{METADATA_AUC:g}",
        "A shift of half a standard deviation between the classes; with thousands of cases far less is significant, and"
        " what is less a model can hardly live on. The interval has to be above 0.5, too.",
    ),
    "AUC from which such a field is serious": (
        f"{SERIOUS_AUC:g}",
        "As good as the tests that studies of this field report: the whole result may be the shortcut.",
    ),
    "AUC of being missing": (
        f"{MISSING_AUC:g}",
        "A value that is missing 20 percentage points more often in one class.",
    ),
    "AUC of a single feature": (
        f"{TELLING_AUC:g}",
        "Better than biopsy agrees with itself; such a field is more often the outcome in disguise.",
    ),
    "Cramér's V of label and site": (
        f"{SITE_V:g}",
        "The site explains 4 % of the variance of the label; below, sites differ as hospitals do.",
    ),
    "p of label and site": (
        f"{SITE_P:g}",
        "One test of its own, beside the looks at fields: one false flag in a hundred arms, at most.",
    ),
    "Ratio of a site's median to the others'": (
        f"{SCALE_RATIO:g}",
        "Units that laboratories mix differ by 10 or more (g/dL and g/L, mg/dL and µmol/L); patients' medians do not.",
    ),
    "Pairs of like participants by chance": (
        f"{CHANCE_PAIRS:g}",
        "Two participants count as one where all that is known of both is equal, and fewer pairs than this would be by"
        " chance. What one or two other fields foretell is not counted.",
    ),
    "Participants in a class, or with a missing value, from which a field is looked at": (
        f"{FEWEST_CASES}",
        "Fewer cannot show anything, however many cases they have.",
    ),
    "Cases in the smaller class below which a small p of a number is by permutation": (
        f"{FEW_CASES}",
        "The normal approximation of DeLong's variance is not to be trusted below. A small p of a category, and of"
        " participants with several cases, is by permutation always, of whole participants.",
    ),
}
"""What the limit is of -> its value and why."""
