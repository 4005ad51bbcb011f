"""SIMULATED: a small case record form and clean records of it, in which tests plant one error each."""

import datetime as dt
from collections.abc import Mapping

from hepar.data.crf.form import Choice, FieldType, FormDictionary, FormField
from hepar.data.crf.parser import parse_condition
from hepar.data.crf.record import Export, Record

TODAY = dt.date(2024, 6, 30)

SAMPLES: Mapping[str, tuple[str, str]] = {
    "integer": ("12", "12.5"),
    "number": ("1.5e1", "1,5"),
    "number_1dp": ("3.5", "3.55"),
    "number_2dp": ("3.55", "3.5"),
    "number_3dp": ("3.555", "3"),
    "number_4dp": ("3.5555", "3.55555"),
    "number_comma_decimal": ("3,5", "3.5"),
    "number_1dp_comma_decimal": ("3,5", "3,55"),
    "number_2dp_comma_decimal": ("3,55", "3.55"),
    "number_3dp_comma_decimal": ("-3,555", "3"),
    "number_4dp_comma_decimal": ("3,5555", "x"),
    "date_ymd": ("2024-02-29", "2023-02-29"),
    "date_dmy": ("2024-02-29", "29-02-2024"),
    "date_mdy": ("2024-02-29", "02/29/2024"),
    "datetime_ymd": ("2024-02-29 23:59", "2024-02-29 24:00"),
    "datetime_dmy": ("2024-02-29 08:30", "2024-02-29"),
    "datetime_mdy": ("2024-02-29 08:30", "2024-02-29T08:30"),
    "datetime_seconds_ymd": ("2024-02-29 08:30:00", "2024-02-29 08:30"),
    "datetime_seconds_dmy": ("2024-02-29 08:30:59", "2024-02-29 08:30:60"),
    "datetime_seconds_mdy": ("2024-02-29 08:30:00", "yesterday"),
    "time": ("08:30", "24:00"),
    "time_hh_mm_ss": ("08:30:00", "08:30"),
    "time_mm_ss": ("59:59", "60:00"),
    "email": ("a.b@c.org", "a.b@c"),
    "phone": ("(615) 322-2222", "123"),
    "phone_australia": ("02 9999 9999", "12"),
    "phone_uk": ("020 7946 0000", "12"),
    "zipcode": ("37203-1234", "3720"),
    "postalcode_australia": ("2000", "20000"),
    "postalcode_french": ("75001", "7500"),
    "postalcode_germany": ("10115", "D-10115"),
    "postalcode_canada": ("K1A 0B1", "K1A 0BB"),
    "postalcode_uk": ("SW1A 1AA", "1SW 1AA"),
    "alpha_only": ("abc", "abc1"),
    "mrn_10d": ("0123456789", "123456789"),
    "mrn_generic": ("A-1_b", "A 1"),
    "vmrn": ("012345678", "1"),
    "ssn": ("123-45-6789", "123456789"),
}
"""Validation type -> a text that it allows and one that it does not."""


def field(name: str, form: str, kind: FieldType = "text", **settings: object) -> FormField:
    """A field whose branching logic is parsed."""
    branching = str(settings.get("branching", ""))
    shown = parse_condition(branching, where=name) if branching else None
    made = FormField(name, form, kind, name.replace("_", " "), shown=shown)
    return _with(made, settings)


def _with(made: FormField, settings: Mapping[str, object]) -> FormField:
    values = {name: getattr(made, name) for name in made.__dataclass_fields__} | dict(settings)
    return FormField(**values)


def coded(*codes: str) -> tuple[Choice, ...]:
    return tuple(Choice(code, f"answer {code}") for code in codes)


def dictionary() -> FormDictionary:
    """Four forms: who, samples of every validation type, the scan, and adverse events, which repeat."""
    who = (
        field("study_id", "who", annotation="@HEPAR-ID='S[0-9]{3}'"),
        field("full_name", "who", identifier=True, required=True),
        field("birth", "who", validation="date_dmy", identifier=True, most="today"),
        field("visit", "who", validation="date_ymd", required=True, least="2020-01-01", most="today"),
        field(
            "age",
            "who",
            validation="integer",
            least="18",
            most="90",
            required=True,
            annotation="@READONLY @HEPAR-EQUALS-AGE=birth,visit",
        ),
        field("sex", "who", "radio", choices=coded("1", "2"), required=True),
        field("cause", "who", "checkbox", choices=coded("1", "2", "3"), required=True),
        field("dna", "who", validation="number", most="12", branching="[cause(1)] = '1'", required=True),
        field("consent", "who", "yesno"),
        field("read", "who", "truefalse", annotation="@NOMISSING"),
        field("pain", "who", "slider"),
        field("remark", "who", "notes"),
        field("weight", "who", validation="number"),
        field("height", "who", validation="number"),
        field("bmi", "who", "calc", calculation="round([weight]/([height]^2), 1)"),
        field("heading", "who", "descriptive"),
    )
    samples = tuple(field(f"sample_{kind}", "samples", validation=kind) for kind in SAMPLES)
    scan = (
        field(
            "scan",
            "scan",
            validation="datetime_ymd",
            required=True,
            annotation="@HEPAR-NOT-BEFORE=visit @HEPAR-WITHIN-DAYS=visit:30",
        ),
        field("report", "scan", validation="date_ymd", annotation="@HEPAR-NOT-AFTER=surgery"),
        field("surgery", "scan", validation="date_ymd"),
        field("lesions", "scan", validation="integer"),
        field(
            "largest",
            "scan",
            validation="number",
            annotation="@HEPAR-RULE='[largest] >= [smallest]' @HEPAR-MESSAGE='is smaller than the smallest'",
        ),
        field("smallest", "scan", validation="number"),
        field("hour", "scan", validation="time", least="07:00", most="19:00"),
    )
    events = (
        field("event_date", "adverse", validation="date_ymd", required=True),
        field("grade", "adverse", "dropdown", choices=coded("1", "2", "3", "4", "5")),
    )
    return FormDictionary("example", who + samples + scan + events)


CLEAN: Mapping[str, str] = {
    "full_name": "Simulated Person",
    "birth": "1980-06-02",
    "visit": "2024-06-01",
    "age": "43",
    "sex": "2",
    "cause___1": "1",
    "cause___2": "0",
    "cause___3": "0",
    "dna": "4.4",
    "consent": "1",
    "read": "0",
    "pain": "40",
    "remark": "first line\nsecond line",
    "weight": "70",
    "height": "1.75",
    "bmi": "22.9",
    "who_complete": "2",
    **{f"sample_{kind}": good for kind, (good, _) in SAMPLES.items()},
    "samples_complete": "1",
    "scan": "2024-06-01 09:15",
    "report": "2024-06-02",
    "surgery": "2024-06-20",
    "lesions": "2",
    "largest": "31.5",
    "smallest": "9",
    "hour": "09:15",
    "scan_complete": "2",
}
"""The cells of one participant without an error."""
ADVERSE: Mapping[str, str] = {"event_date": "2024-06-21", "grade": "2", "adverse_complete": "2"}


def columns(of: FormDictionary) -> tuple[str, ...]:
    """The columns of a full export."""
    names = [name for one in of.fields for name in one.columns]
    return (*names, *(f"{form}_complete" for form in of.forms))


def record(
    participant: str, cells: Mapping[str, str] | None = None, *, line: int = 2, **place: str
) -> Record:
    """The line of one participant; what `cells` lacks is empty."""
    given = dict(CLEAN if cells is None else cells)
    blank = dict.fromkeys(columns(dictionary()), "")
    return Record(line, participant, {**blank, "study_id": participant, **given}, **place)


def clean(n: int = 2) -> tuple[Record, ...]:
    """SIMULATED: participants without an error, each with an adverse event, of one site."""
    lines = []
    for number in range(n):
        name = f"S{number:03}"
        lines.append(record(name, line=2 * number + 2, group="site_a"))
        lines.append(
            record(name, ADVERSE, line=2 * number + 3, group="site_a", instrument="adverse", instance="1")
        )
    return tuple(lines)


def export(*records: Record, codes: tuple[str, ...] = ("UNK",)) -> Export:
    return Export(columns(dictionary()), records, frozenset(codes))


def changed(line: Record, **cells: str) -> Record:
    """The line with other cells."""
    place = (line.event, line.instrument, line.instance, line.group)
    return Record(line.line, line.participant, {**line.values, **cells}, *place)
