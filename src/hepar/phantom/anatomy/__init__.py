"""The SIMULATED upper abdomen that CT and MR are painted from."""

from .build import abdomen, painted
from .organs import Anatomy, Organ, Place
from .plan import Plan, plan

__all__ = ["Anatomy", "Organ", "Place", "Plan", "abdomen", "painted", "plan"]
