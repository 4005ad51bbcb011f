"""What was entered of one participant, found by the part that a field plays beside the images."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from ...core.errors import ProtocolError, choices
from ...data.crf.annotation import tags_of
from ...data.crf.finding import Finding, query_of
from ...data.crf.form import FormDictionary, FormField
from ...data.crf.query import Query
from ...data.crf.record import Record
from ...data.crf.values import number_of


@dataclass(frozen=True, slots=True)
class Entered:
    """The lines of one participant; `fields` gives the field that plays each part.

    A code of `codes` says that a value is missing: nothing is there to be held against the images.
    """

    records: tuple[Record, ...]
    site: str
    fields: Mapping[str, FormField]
    codes: frozenset[str] = frozenset()

    def text(self, part: str) -> str:
        """The first entry of the field that plays `part`, empty where there is none."""
        record = self._record(part)
        return "" if record is None else record.values[self.fields[part].name]

    def number(self, part: str) -> float | None:
        """The entry as a number; None where it is none, which the check of the form tells."""
        return number_of(self.text(part))

    def day(self, part: str) -> date | None:
        """The entry as a day; None where it is none."""
        try:
            return date.fromisoformat(self.text(part))
        except ValueError:
            return None

    def words(self, part: str) -> str:
        """The words of the entered code."""
        return self.fields[part].word_of(self.text(part)) if self.text(part) else ""

    def query(self, part: str, finding: Finding) -> Query:
        """The query about the field that plays `part`."""
        record = self._record(part) or self.records[0]
        field = self.fields[part]
        return query_of(record, field, finding, site=self.site, value=record.values.get(field.name, ""))

    def having(self, part: str) -> Iterator["Entered"]:
        """Each line that has an entry of `part`, by itself."""
        if part in self.fields:
            for record in self.records:
                if self._holds(record, part):
                    yield Entered((record,), self.site, self.fields, self.codes)

    def _record(self, part: str) -> Record | None:
        if part not in self.fields:
            return None
        return next((record for record in self.records if self._holds(record, part)), None)

    def _holds(self, record: Record, part: str) -> bool:
        return record.values.get(self.fields[part].name, "") not in {"", *self.codes}


PARTS = (
    *("age_y", "sex", "inclusion_date", "surgery_date"),
    *(f"{exam}_{what}" for exam in ("ct", "mri", "us") for what in ("done", "date", "slice_thickness_mm")),
    *(f"{phase}_phase" for phase in ("plain", "arterial", "portal", "delayed")),
    *(f"{series}_series_uid_suffix" for series in ("arterial", "portal", "mri", "us")),
    *(f"box_{what}_{axis}_mm" for what in ("centre", "size") for axis in "xyz"),
    *("box_series", "lesion_segment", "lesion_mask_file"),
)
"""What a field can be held against the images as; and any other `..._series_uid_suffix`."""


def parts_of(dictionary: FormDictionary) -> Mapping[str, FormField]:
    """The field of each part: the one annotated @HEPAR-IMAGE=PART, or else the one of that name.

    Raises:
        ProtocolError: an annotation names no part.
    """
    named = {field.name: field for field in dictionary.fields}
    annotated = {
        tag.value: field for field in dictionary.fields for tag in tags_of(field) if tag.name == "HEPAR-IMAGE"
    }
    for part, field in annotated.items():
        if part not in PARTS and not part.endswith("_series_uid_suffix"):
            raise ProtocolError(
                f"field {field.name!r}: @HEPAR-IMAGE={part}: nothing of that name is held against images;"
                f" {choices(part, PARTS)}"
            )
    return {**named, **annotated}
