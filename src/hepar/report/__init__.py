"""A result as one page, and its numbers beside it."""
