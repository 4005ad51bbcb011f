"""Known truth against this very installation: what is there is found, and nothing where nothing is."""
