"""Analyses: a predictions table in, estimates and curves out."""

MEMBERS: dict[str, str] = {
    "discrimination": "discrimination:Discrimination",
    "comparison": "comparison:Comparison",
    "prognosis": "prognosis:Prognosis",
    "calibration": "calibration:Calibration",
}
