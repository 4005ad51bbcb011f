"""Extractors: one case in, named values out."""

MEMBERS = {
    "clinical": "clinical:Clinical",
    "radiomics": "radiomics.extractor:Radiomics",
}
