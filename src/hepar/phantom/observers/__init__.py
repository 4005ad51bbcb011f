"""Observers that know how the patients were made: how well anyone could do, and how well the naive do."""
