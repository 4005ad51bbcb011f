"""Case record forms: the dictionary of a form, its records, and what is wrong with them."""
