"""Radiomics by the Image Biomarker Standardisation Initiative: settings, regions, one case in, named features out."""
