"""Known truth against this very installation: does it find what is there, and nothing where nothing is?"""
