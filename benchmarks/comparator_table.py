"""Every comparator, as docs/comparators.md shows them: `python -m benchmarks.comparator_table`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal, get_args, get_origin

from hepar.comparators.base import Comparator, Cutoff
from hepar.data.units import unit_in_name

PAGE = Path(__file__).parent.parent / "docs" / "comparators.md"
HEAD = """# Comparators

Written by `python -m benchmarks.comparator_table --write`. A comparator is a published score: nothing is fitted. A field stands under
its name in the dictionary, in the unit given here: [add a data set](how-to/add-a-data-set.md) says how the dictionary converts others. A higher
score is more likely positive. The first line of each class's docstring is its equation; cut-offs are those of the source named with them.

| kind | what it is | unit | reads | parameters | cut-offs | citation |
|---|---|---|---|---|---|---|
"""
WITHOUT_UNIT = {
    "inr": "ratio",
    "diabetes": "0 or 1",
    "edema": "0, 0.5 or 1",
    "ascites": "0, 1 or 2",
    "encephalopathy": "grade 0 to 4",
    "stage": "0 to 4, or as written: Stage IIIB",
    "clinical_risk_score": "0 to 5 points",
    "FIELD": "as the dictionary says",
}
"""Fields whose names say no unit -> what they hold."""


def table() -> str:
    """The page as it should be."""
    lines = [_line(kind, member) for kind in sorted(Comparator.places()) for member in _variants(kind)]
    return HEAD + "\n".join(lines) + "\n"


def _variants(kind: str) -> Iterator[Comparator]:
    """The comparator, once for each choice that it offers."""
    parameters: dict[str, str] = {"field": "FIELD"} if kind == "field" else {}
    fields = Comparator.member(kind).model_fields.items()
    choices = [
        (n, get_args(f.annotation)) for n, f in fields if get_origin(f.annotation) is Literal and n != "kind"
    ]
    for name, values in choices or [("kind", (kind,))]:
        for value in values:
            yield Comparator.parse({"kind": kind, **parameters, name: value})


def _line(kind: str, member: Comparator) -> str:
    summary = (type(member).__doc__ or "").partition("\n")[0].rstrip(".")
    reads = ", ".join(f"`{name}` ({unit_in_name(name) or WITHOUT_UNIT[name]})" for name in member.needs)
    given = {n: v for n, v in member.model_dump(mode="json").items() if n != "kind" and v is not None}
    parameters = ", ".join(
        f"`{name}: {str(value).lower() if isinstance(value, bool) else value}`"
        for name, value in given.items()
    )
    cuts = "; ".join(_cut(cut) for cut in member.cutoffs) or "none"
    what = summary if summary.startswith(member.display) else f"{member.display}: {summary}"
    cells = (
        f"`{kind}`",
        what,
        member.unit,
        reads,
        parameters or "none",
        cuts,
        member.citation,
    )
    return f"| {' | '.join(cells)} |"


def _cut(cut: Cutoff) -> str:
    return f"{cut.rule} {cut.value:g}: {cut.meaning} ({cut.source})"


if __name__ == "__main__":
    import sys

    if "--write" in sys.argv:
        PAGE.write_text(table(), encoding="utf-8")
    else:
        print(table())
