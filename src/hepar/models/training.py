"""How networks are trained, as a protocol says it: one budget and one set of random changes for all of them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from ..core.device import Device

if TYPE_CHECKING:
    from ..nets.training import Budget


class Augmentation(BaseModel):
    """Random changes in training, in standard deviations of the input; the same for every network (`nets.augment`)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    gain: float = Field(default=0.3, ge=0)
    tilt: float = Field(default=0.3, ge=0)
    noise: float = Field(default=0.1, ge=0)
    dropped: float = Field(default=0.1, ge=0, lt=1)
    mirrored: bool = True


class Training(BaseModel):
    """How long and how a network is trained; give those that are compared the same.

    At each step a patient is seen by at most `frames` frames; prediction takes all of them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    epochs: int = Field(default=30, ge=1, le=1000)
    batch: int = Field(default=16, ge=2, le=256)
    frames: int = Field(default=4, ge=1, le=64)
    learning_rate: float = Field(default=3e-3, gt=0, le=0.1)
    weight_decay: float = Field(default=0.1, ge=0, le=1)
    dropout: float = Field(default=0.5, ge=0, lt=1)
    augmentation: Augmentation = Augmentation()
    device: Device = "cpu"
    """Where it is trained: part of the protocol, because a GPU gives slightly other weights. Prediction needs none."""

    def varied(self, values: Mapping[str, float]) -> "Training":
        """The same with other values of some of `TUNABLE`."""
        fields = Training.model_fields
        typed = {name: int(v) if fields[name].annotation is int else v for name, v in values.items()}
        return Training.model_validate({**self.model_dump(), **typed})

    def budget(self) -> "Budget":
        """The same, as the training loop takes it."""
        from ..nets.augment import Augment
        from ..nets.training import Budget

        return Budget(
            epochs=self.epochs,
            batch=self.batch,
            rate=self.learning_rate,
            decay=self.weight_decay,
            frames=self.frames,
            augment=Augment(**self.augmentation.model_dump()),
            device=self.device,
        )


TUNABLE = tuple(name for name in Training.model_fields if name not in ("augmentation", "device"))
"""Names that a grid may vary."""
