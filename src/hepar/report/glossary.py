"""Words of the report, with the papers behind them; only those that a report uses are printed."""

from collections.abc import Iterable

from .blocks import Section, table

TERMS: tuple[tuple[str, tuple[str, ...], str, str], ...] = (
    ("95% CI", ("",), "Confidence interval: computed in this way, 95 in 100 such intervals hold the true value.", ""),
    ("AUC", ("auc",), "Probability that a case with the outcome scores higher than one without it; 0.5 is chance.", "DeLong, DeLong & Clarke-Pearson, Biometrics 1988;44:837"),
    ("Holm's adjustment", ("holm",), "Keeps the chance of any false finding in a family of comparisons below 5%.", "Holm, Scand J Stat 1979;6:65"),
    ("Sensitivity, specificity", ("sensitivity",), "Share of cases with (without) the outcome that the test calls positive (negative).", "Clopper & Pearson, Biometrika 1934;26:404"),
    ("PPV, NPV", ("ppv",), "Share of positive (negative) calls that are right, at the prevalence of this cohort.", ""),
    ("Likelihood ratio", ("likelihood", "lr+"), "How a positive (negative) call multiplies the odds of the outcome.", ""),
    ("Obuchowski measure", ("obuchowski",), "AUC for an ordered reference standard, weighing pairs of stages.", "Obuchowski, Goonewardene & Wians, Stat Med 1994;13:1747; Lambert et al., Clin Chem 2008;54:1372"),
    ("Calibration slope, intercept", ("slope",), "1 and 0 when probabilities are right; a slope below 1 means too extreme.", "Cox, Biometrika 1958;45:562; Van Calster et al., BMC Med 2019;17:230"),
    ("O:E", ("o:e",), "Observed over expected number of events.", ""),
    ("Brier score", ("brier",), "Mean squared distance between probability and outcome; 0 is perfect.", "Brier, Mon Weather Rev 1950;78:1; Graf et al., Stat Med 1999;18:2529"),
    ("ICI, ECE", ("ici", "ece"), "Mean distance between predicted and observed probability, of a smooth curve and of groups.", "Austin & Steyerberg, Stat Med 2019;38:4051"),
    ("Net benefit", ("net benefit",), "True positives less false positives weighed by the odds of the threshold, per case.", "Vickers & Elkin, Med Decis Making 2006;26:565"),
    ("Harrell's C", ("harrell c",), "Share of comparable pairs in which the one with the earlier event scores higher.", "Harrell et al., JAMA 1982;247:2543"),
    ("Uno's C", ("uno c",), "The same, weighted so that censoring does not bias it.", "Uno et al., Stat Med 2011;30:1105"),
    ("Kaplan-Meier curve", ("kaplan-meier",), "Share still free of the event, with censoring.", "Kaplan & Meier, J Am Stat Assoc 1958;53:457"),
    ("Cumulative incidence", ("cumulative incidence",), "Share who had the event, competing events counted as such.", "Aalen & Johansen, Scand J Stat 1978;5:141; Gray, Ann Stat 1988;16:1141"),
    ("Prediction interval", ("prediction interval",), "Where the performance at a new site is expected.", "Higgins, Thompson & Spiegelhalter, J R Stat Soc A 2009;172:137"),
    ("Permutation p", ("permutation",), "Share of random relabellings that do as well.", "Phipson & Smyth, Stat Appl Genet Mol Biol 2010;9:39"),
    ("Bland-Altman limits", ("bland-altman", "limit"), "Where 95% of the differences between two measurements lie.", "Bland & Altman, Lancet 1986;327:307"),
    ("ICC", ("icc",), "Share of variance that lies between cases, not between methods.", "Shrout & Fleiss, Psychol Bull 1979;86:420"),
    ("NRI, IDI", ("nri", "idi"), "Movement of probabilities in the right direction; rewards miscalibration.", "Pencina et al., Stat Med 2008;27:157; Hilden & Gerds, Stat Med 2014;33:3405"),
    ("Sample size", ("sample_size", "sample size"), "Cases needed to develop or validate a model.", "Riley et al., BMJ 2020;368:m441; Collins et al., Stat Med 2016;35:214"),
)  # fmt: skip
"""Term, marks by which its use is known, meaning, citation."""


def glossary(used: Iterable[str]) -> Section:
    """The terms that occur among the analyses, quantities and curves `used`."""
    found = " | ".join(used).lower()
    rows = [
        (term, meaning, source) for term, marks, meaning, source in TERMS if any(m in found for m in marks)
    ]
    words = table("Terms and methods used", head=("Term", "Meaning", "Source"), rows=rows, prose=True)
    return Section("glossary", "Glossary of statistics", (words,))
