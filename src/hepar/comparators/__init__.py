"""Published scores that the index tests are judged against; nothing here is fitted."""

MEMBERS = {
    "albi": "function:Albi",
    "apri": "fibrosis:Apri",
    "ast_alt_ratio": "fibrosis:AstAltRatio",
    "bard": "fibrosis:Bard",
    "cea": "oncology:Cea",
    "child_pugh": "function:ChildPugh",
    "clinical_risk_score": "oncology:ClinicalRiskScore",
    "fib4": "fibrosis:Fib4",
    "field": "field:FieldScore",
    "fli": "steatosis:Fli",
    "gpr": "fibrosis:Gpr",
    "mayo_pbc": "function:MayoPbc",
    "meld": "transplant:Meld",
    "meld_na": "transplant:MeldNa",
    "nfs": "fibrosis:Nfs",
    "stiffness": "elastography:Stiffness",
    "tnm_stage": "oncology:TnmStage",
}
