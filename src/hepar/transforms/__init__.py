"""Steps between features and a model, learnt from training rows alone: harmonisation, stability, pruning, selection."""

MEMBERS: dict[str, str] = {
    "best": "best:Best",
    "combat": "combat:Harmonised",
    "recurring": "recurring:Recurring",
    "stable": "stable:Stable",
    "uncorrelated": "uncorrelated:Uncorrelated",
    "varying": "varying:Varying",
}
