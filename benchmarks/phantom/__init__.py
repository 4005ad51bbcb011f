"""Simulated patients: beside real images, what can be learnt from them, and how fast they are made."""
