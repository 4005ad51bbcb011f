"""The documents of a shared package: README, protocol, analysis plan, and the dictionary of its table."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from .._version import __version__
from ..core.fingerprint import file_digest
from ..data.dictionary import Dataset
from ..io.csv_text import csv_text
from .plan_text import plan_text
from .protocol import Study
from .result import Prepared
from .share_table import OLDEST_Y, Shared

PROTOCOL, PLAN, README = "protocol.yaml", "analysis-plan.md", "README.md"
SUMS = "SHA256SUMS"


def write_documents(study: Study, root: Path, *, readme: str) -> None:
    """Write protocol, analysis plan and README into `root`."""
    document = study.model_dump(mode="json", by_alias=True)
    (root / PROTOCOL).write_bytes(yaml_text(document).encode())
    (root / PLAN).write_bytes(plan_text(study).encode())
    (root / README).write_bytes(readme.encode())


def yaml_text(document: object) -> str:
    """The document as YAML, its keys in their order."""
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=110)


def write_sums(root: Path) -> None:
    """Checksums of every file, as `sha256sum --check` reads them."""
    files = sorted(path for path in root.rglob("*") if path.is_file())
    lines = [f"{file_digest(path)}  {path.relative_to(root).as_posix()}\n" for path in files]
    (root / SUMS).write_bytes("".join(lines).encode())


def dictionary_document(
    dataset: Dataset, shared: Shared, *, recorded: Sequence[str], imaged: Mapping[str, Mapping[str, Any]]
) -> str:
    """The dictionary of the shared table: what is left of the original's, derived fields as values.

    `recorded` names the acquisitions of raw recordings, `imaged` gives the entries of images and masks.
    """
    names = ("name", "title", "source", "licence", "citation", "simulated")
    document: dict[str, Any] = {name: getattr(dataset, name) for name in names}
    document |= {"table": "table.csv", "case": "case", "participant": "participant", "site": "site"}
    document["fields"] = {column.name: dict(column.document) for column in shared.columns}
    recordings = {name: {"kind": "recording", "files": f"recordings/{{{name}_files}}"} for name in recorded}
    if recordings or imaged:
        document["acquisitions"] = {**recordings, **{name: dict(entry) for name, entry in imaged.items()}}
    return yaml_text(document)


def dictionary_table(shared: Shared, recorded: Sequence[str], imaged: Sequence[str]) -> str:
    """The same for people: one row a column, with what was done to it."""
    head = ("column", "label", "kind", "unit", "allowed", "what was done")
    rows = [
        ("case", "Case", "identifier", "", "", "pseudonym"),
        ("participant", "Participant", "identifier", "", "", "pseudonym"),
        ("site", "Site", "identifier", "", "", "pseudonym"),
        *(
            (f"{name}_files", f"Folder of the recordings {name}", "text", "", "", "new names")
            for name in recorded
        ),
        *(
            (name, "File of the image or mask", "text", "", "", "voxels and place only, new names")
            for name in imaged
        ),
    ]
    for column in shared.columns:
        said = column.document
        allowed = " | ".join(_level(level, said.get("names", {})) for level in said.get("levels", ()))
        allowed = allowed or " to ".join(f"{limit:g}" for limit in said.get("range", ()))
        rows.append(
            (column.name, said.get("label", ""), said["kind"], said.get("unit", ""), allowed, column.done)
        )
    return csv_text(head, rows)


def readme(
    study: Study,
    arms: Sequence[Prepared],
    *,
    notes: Sequence[str],
    alike: Sequence[str],
    day_zero: str | None,
) -> str:
    """What is in the package, what was done to the data, and what is not in it."""
    simulated = ["**SIMULATED DATA: no patient stands behind them.**", ""] if study.simulated else []
    days = f"replaced by days since {day_zero} of the same case" if day_zero else "left out"
    lines = [
        f"# {study.title}",
        "",
        *simulated,
        study.question.strip(),
        "",
        "| file | what it is |",
        "|---|---|",
        "| `protocol.yaml` | the protocol as it was run; its data paths are those of the sponsor |",
        "| `reanalysis.yaml` | the same on the data here, to be run again |",
        "| `analysis-plan.md` | outcomes, tests, analyses, partitions and seeds in words |",
        "| `data/ARM/table.csv` | one row for each included case |",
        "| `data/ARM/dictionary.yaml`, `.csv` | what each column means, and what was done to it |",
        "| `data/ARM/anonymity.csv` | how many participants are alike, and without each column |",
        "| `data/ARM/recordings/` | raw radio frequency in HDF5: echoes, settings, units |",
        "| `data/ARM/images/` | images and masks in NIfTI: voxels and their place, no header of the scanner |",
        "| `report/` | the study's report, its estimates and curves, if a run was given |",
        "| `SHA256SUMS` | checksums: `sha256sum --check SHA256SUMS` |",
        "",
        "## What was done to the data",
        "",
        "- Cases, participants and sites have pseudonyms by HMAC-SHA256 under a key that the sponsor keeps.",
        f"- Dates are {days}; dates of birth are left out. Ages above {OLDEST_Y} are given as {OLDEST_Y + 1}.",
        "- Only included cases are here, and only the fields that the protocol reads or that were asked for.",
        "- Recordings keep device, preset and every setting; serial numbers, free text and times of day are left out,"
        " and frames are timed from the first.",
        "- Images and masks hold voxels and their place; nothing of a header of the scanner is here.",
        "- Every file was searched for the original identifiers and dates; those of a few characters only as whole"
        " cells and names.",
        "",
        *_counts(arms),
        "",
        "## Who could be found",
        "",
        *alike,
        *(("", "## To be known", "", *(f"- {note}" for note in notes)) if notes else ()),
        "",
        f"Made by hepar {__version__}, protocol fingerprint {study.fingerprint}. Research software, not a medical"
        " device.",
        "",
    ]
    return "\n".join(lines)


def _counts(arms: Sequence[Prepared]) -> list[str]:
    return [
        f"- Arm {part.name}: {', '.join(f'{n} {what}' for what, n in part.reference.counts().items())}."
        for part in arms
    ]


def _level(level: Any, names: dict[Any, str]) -> str:
    named = names.get(level, names.get(str(level)))
    shown = f"{level:g}" if isinstance(level, int | float) else str(level)
    return f"{shown} = {named}" if named else shown
