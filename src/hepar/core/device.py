"""Where a network is trained: a name that protocols, models and the networks themselves share."""

from typing import Literal

Device = Literal["cpu", "cuda"]
