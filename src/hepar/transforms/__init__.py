"""Steps between features and a model, learnt from training rows alone: harmonisation, stability, pruning, selection."""

MEMBERS: dict[str, str] = {}
