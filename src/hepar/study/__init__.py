"""A study: its protocol, its partitions, its run and its lock."""
