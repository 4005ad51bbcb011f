"""Raw ultrasound: frames, their quality, B-mode, spectra and what tissue they tell of; numpy and scipy only."""
