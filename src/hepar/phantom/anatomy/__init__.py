"""The SIMULATED upper abdomen that CT and MR are painted from."""

from .build import abdomen
from .organs import Anatomy, Organ, Place

__all__ = ["Anatomy", "Organ", "Place", "abdomen"]
