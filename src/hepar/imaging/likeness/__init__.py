"""Whether two pictures are one: fingerprints, a search over all pairs in bounded memory, and proof of each pair."""

from .fingerprint import Fingerprint, exact_digest, fingerprint_of
from .likely import Likeness
from .pairs import Pair, alike
from .picture import grey_picture, slices_of

__all__ = [
    "Fingerprint",
    "Likeness",
    "Pair",
    "alike",
    "exact_digest",
    "fingerprint_of",
    "grey_picture",
    "slices_of",
]
