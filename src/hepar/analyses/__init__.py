"""Analyses: a predictions table in, estimates and curves out."""

MEMBERS: dict[str, str] = {}
