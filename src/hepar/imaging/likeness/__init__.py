"""Whether two pictures are one: fingerprints, a search over all pairs in bounded memory, and proof of each pair."""

from .fingerprint import Fingerprint, exact_digest, fingerprint_of
from .likely import Likeness
from .overlap import Overlap, overlapping
from .pairs import Pair, alike
from .picture import grey_picture, slices_of
from .stack import Stack, stack_of

__all__ = [
    "Fingerprint",
    "Likeness",
    "Overlap",
    "Pair",
    "Stack",
    "alike",
    "exact_digest",
    "fingerprint_of",
    "grey_picture",
    "overlapping",
    "slices_of",
    "stack_of",
]
