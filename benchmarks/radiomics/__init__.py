"""Radiomics side by side: SIMULATED scenes, and one small program for each contender."""
