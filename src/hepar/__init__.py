"""Liver-imaging AI studies, from protocol to bedside."""
