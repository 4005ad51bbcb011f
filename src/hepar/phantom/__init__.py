"""SIMULATED patients with a known truth: arrays in, arrays out; nothing here is evidence about patients."""
