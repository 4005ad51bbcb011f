"""SIMULATED cohorts small enough for a test: coarse grids, few patients, and a tree of files as one number each."""

from hashlib import sha256
from pathlib import Path
from typing import Any, cast

import pytest

from hepar.simulation import attainable, plan
from hepar.simulation.patient_files import workshop, write_patient
from hepar.simulation.plan import Size
from hepar.simulation.recipe import Recipe

TINY = Size(ct=(14, 48, 16.0), mr=(24, 56, 9.0), frames=1, mm_per_px=1.2, slide_px=512, slide_um=2.0)


def shrink(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the reduced size tiny, and the bounds of lesions coarse, in this process."""
    monkeypatch.setitem(cast(dict[str, Any], plan.SIZES), "reduced", TINY)
    monkeypatch.setattr(attainable, "BACKGROUNDS", 60)


def make(number: int, recipe: Recipe, folder: Path) -> str:
    """Write one patient of a cohort into `folder`, by a run of its own."""
    with workshop(folder) as shop:
        return write_patient(number, recipe=recipe, workshop=shop)


def tree(folder: Path) -> dict[str, str]:
    """Every file under `folder`, hidden ones too, and the hash of its bytes."""
    return {
        str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
