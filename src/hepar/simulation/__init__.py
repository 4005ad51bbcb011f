"""Cohorts of SIMULATED patients on disk, as a hospital would have them, with the truth beside each patient."""
