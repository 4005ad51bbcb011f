"""PyRadiomics by its own rules: its parameter file, its feature names, its values.

Conventions after van Griethuysen et al. 2017 (doi 10.1158/0008-5472.CAN-17-0339) and the documentation of PyRadiomics
3.1. Where they differ from those of IBSI, `advice.deviations` says how.
"""
