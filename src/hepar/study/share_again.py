"""The protocol on the shared data, so that whoever receives them can run it again; tried before it is passed on."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..core.errors import HeparError
from ..data.dictionary import read_dataset
from .partition import ExternalSites
from .prepare import prepare
from .protocol import Arm, Study
from .pseudonyms import Pseudonyms
from .result import Prepared
from .share_documents import yaml_text

AGAIN = "reanalysis.yaml"


def again(study: Study, root: Path, *, arms: Sequence[Prepared], names: Pseudonyms) -> list[str]:
    """Write `reanalysis.yaml` into `root` and prepare it; gives what keeps it from running as the study did."""
    document = study.model_dump(mode="json", by_alias=True)
    for part in arms:
        data = _folder_of(part, root, arms)
        fields = frozenset(read_dataset(root / data).fields)
        document["arms"][part.name] |= _changed(part.arm, data, names=names, fields=fields)
    (root / AGAIN).write_bytes(yaml_text(document).encode())
    try:
        found = prepare(Study.model_validate(document), root)
    except (HeparError, OSError) as error:
        told = str(error).replace(str(root), "the package").splitlines()[0]
        return [f"reanalysis.yaml cannot be run on the shared data alone: {told}"]
    pairs = [(n.name, n.reference.counts(), o.reference.counts()) for n, o in zip(found, arms, strict=True)]
    return [
        f"reanalysis.yaml finds {dict(new)} in arm {name}, the study {dict(old)}"
        for name, new, old in pairs
        if new != old
    ]


def _folder_of(part: Prepared, root: Path, arms: Sequence[Prepared]) -> str:
    """Where the arm's data lie: arms on the same data share a folder, named after the first of them."""
    same = [one.name for one in arms if (one.arm.data, one.manifest) == (part.arm.data, part.manifest)]
    return f"data/{next(name for name in same if (root / 'data' / name).is_dir())}/dictionary.yaml"


def _changed(arm: Arm, data: str, *, names: Pseudonyms, fields: frozenset[str]) -> dict[str, Any]:
    """What is otherwise in an arm on shared data: neither described nor judged by is a field that is not there.

    Criteria on such fields, e.g. dates, are met by every case that is shared for this arm alone; where another arm
    shares cases that fail them, the counts differ, and that is told.
    """
    described = [name for name in arm.describe if name in fields]
    kept = [one for one in arm.eligibility if one.field is None or one.field in fields]
    criteria = [one.model_dump(mode="json", by_alias=True) for one in kept]
    changed: dict[str, Any] = {"data": data, "eligibility": criteria, "describe": described}
    partition = arm.design.partition
    if isinstance(partition, ExternalSites):
        moved = partition.model_copy(update={"sites": tuple(map(names.site, partition.sites))})
        design = arm.design.model_copy(update={"partition": moved})
        changed["design"] = design.model_dump(mode="json", by_alias=True)
    return changed
