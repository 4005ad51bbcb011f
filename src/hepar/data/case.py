"""One case: a participant's clinical record and lazily read acquisitions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..core.errors import DataError
from ..core.fingerprint import fingerprint


@dataclass(frozen=True, slots=True)
class Acquisition:
    """The files of one modality; nothing is read before `load`, which calls the `reader` it carries."""

    modality: str
    files: tuple[Path, ...]
    reader: Callable[[tuple[Path, ...]], Any]

    @property
    def fingerprint(self) -> str:
        """Fingerprint of the files' bytes."""
        return fingerprint(self.modality, *self.files)

    def load(self) -> Any:
        """What the reader makes of the files."""
        return self.reader(self.files)


@dataclass(frozen=True, slots=True)
class Case:
    """The unit of data: one participant (or one of a participant's acquisitions) at one site.

    `clinical` holds values in the units that the dictionary declares; a missing value is None.
    """

    case_id: str
    participant_id: str
    site: str
    clinical: Mapping[str, Any]
    acquisitions: Mapping[str, Acquisition] = field(default_factory=dict)

    def acquisition(self, modality: str) -> Acquisition:
        """The acquisition of `modality`."""
        if modality not in self.acquisitions:
            have = ", ".join(sorted(self.acquisitions)) or "none"
            raise DataError(
                f"case {self.case_id} has no {modality!r} acquisition (it has: {have});"
                " add the file, or an eligibility criterion that needs it"
            )
        return self.acquisitions[modality]
