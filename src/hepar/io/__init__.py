"""Readers: where files become cohorts."""
