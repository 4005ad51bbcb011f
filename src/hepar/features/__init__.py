"""Extractors: one case in, named values out."""

MEMBERS = {
    "bmode_input": "recordings:BmodeInput",
    "clinical": "clinical:Clinical",
    "radiomics": "radiomics.extractor:Radiomics",
    "rf_input": "recordings:RfInput",
    "spectral": "spectral:Spectral",
}
