"""Analyses: a predictions table in, estimates and curves out."""

MEMBERS: dict[str, str] = {
    "discrimination": "discrimination:Discrimination",
    "comparison": "comparison:Comparison",
    "accuracy": "accuracy:Accuracy",
    "staging": "staging:Staging",
    "calibration": "calibration:Calibration",
    "decision_curve": "decision_curve:DecisionCurve",
    "prognosis": "prognosis:Prognosis",
    "risk_groups": "risk_groups:RiskGroups",
    "sites": "sites:Sites",
    "subgroups": "subgroups:Subgroups",
    "agreement": "agreement:Agreement",
    "cutoffs": "cutoffs:AtCutoffs",
    "noninferiority": "noninferiority:NonInferiority",
    "detectable": "detectable:Detectable",
    "reference_noise": "reference_noise:ReferenceNoise",
    "reclassification": "reclassification:Reclassification",
    "chance": "chance:Chance",
    "sample_size": "sample_size:SampleSizes",
}
