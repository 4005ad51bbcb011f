"""What a REDCap project gives: its data dictionary, its export, and both by its interface for programs."""
