"""The dictionary as a store keeps it: which fields there are, and whose values no message may show."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import delete, insert

from ..data.crf.form import FormDictionary, FormField
from .desk import Work
from .entry import Draft
from .tables import FIELDS
from .verify import fields_digest

_CODED = ("radio", "dropdown", "checkbox", "yesno", "truefalse", "slider", "calc")


def set_dictionary(work: Work, dictionary: FormDictionary) -> None:
    """Keep `dictionary` in place of what was there."""
    work.connection.execute(delete(FIELDS))
    work.connection.execute(insert(FIELDS), list(_rows(dictionary)))
    work.record([Draft("dictionary", field=dictionary.name, new=fields_digest(work.connection))])


def _rows(dictionary: FormDictionary) -> Iterator[dict[str, Any]]:
    place = 0
    for form in dictionary.forms:
        for field in (field for field in dictionary.fields if field.form == form):
            for column in field.columns:
                place += 1
                yield _row(column, field, place)
        place += 1
        yield {"name": f"{form}_complete", "form": form, "place": place, "hidden": 0, "identifier": 0}


def _row(column: str, field: FormField, place: int) -> dict[str, Any]:
    shown = field.type in _CODED or field.validation.startswith(("integer", "number"))
    return {
        "name": column,
        "form": field.form,
        "place": place,
        "hidden": int(field.identifier or not shown),
        "identifier": int(field.identifier),
    }
