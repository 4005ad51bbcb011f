"""Extractors: one case in, named values out."""

MEMBERS = {
    "clinical": "clinical:Clinical",
}
