"""`python -m hepar` is `hepar`."""

from .cli import main

main()
