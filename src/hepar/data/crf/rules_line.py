"""Rules of whole lines: who they belong to, where they stand, and that no two stand in one place."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator

from .finding import Finding, line_query, participant_query
from .lines import Lines
from .query import Query
from .record import Record
from .rules_value import NOT_IN_TEXT, pattern_of

EVENT = re.compile(r"([a-z0-9_]*_)?arm_\d+[a-z]*", re.ASCII)
"""The name that REDCap makes of an event; nothing is left of a label in Chinese."""


def line_queries(lines: Lines, *, events: Collection[str]) -> Iterator[Query]:
    """Every violation of a rule of lines; `events` are those of the project, where the user names them."""
    yield from _identifiers(lines)
    yield from _duplicates(lines)
    yield from _spellings(lines)
    grouped = bool(lines.sites)
    for records in lines.participants.values():
        for record in records:
            yield from _place(lines, record, events=events, longitudinal=lines.longitudinal)
        if grouped:
            yield from _groups(lines, records)


def _query(lines: Lines, record: Record, finding: Finding, *, column: str, value: str = "") -> Query:
    form = record.instrument if record.instrument in lines.items else ""
    site = lines.site_of(record.participant)
    return line_query(record, finding, site=site, form=form, field=column, value=value)


def _whole(lines: Lines, record: Record, finding: Finding, *, column: str, value: str) -> Query:
    site = lines.site_of(record.participant)
    return participant_query(record, finding, site=site, field=column, value=value)


def _identifiers(lines: Lines) -> Iterator[Query]:
    field = lines.dictionary.fields[0]
    pattern = pattern_of(field)
    for participant, records in lines.participants.items():
        finding = _of_identifier(participant, pattern)
        if finding:
            yield _whole(lines, records[0], finding, column=field.name, value=participant)


def _of_identifier(participant: str, pattern: re.Pattern[str] | None) -> Finding | None:
    if not participant:
        return Finding("participant id", "is empty: nobody knows whose line this is", "enter the identifier")
    if NOT_IN_TEXT.search(participant) or re.search(r"\s", participant):
        return Finding("participant id", "holds white space or a character not to be seen", "type it anew")
    if pattern and not pattern.fullmatch(participant):
        return Finding(
            "participant id",
            f"does not look like {pattern.pattern}, which the dictionary asks for",
            "correct the identifier at its source",
        )
    return None


def _duplicates(lines: Lines) -> Iterator[Query]:
    together: dict[tuple[str, str, str, str], list[Record]] = defaultdict(list)
    for record in lines.export.records:
        together[record.place].append(record)
    for place, records in together.items():
        if len(records) > 1 and place[0]:
            numbers = ", ".join(str(record.line) for record in records[:12])
            problem = (
                f"{len(records)} lines stand in one place (lines {numbers} of the export); one is allowed"
            )
            finding = Finding("duplicate", problem, "find out which line is right and delete the others")
            yield _query(lines, records[0], finding, column=lines.dictionary.record_id, value=place[0])


def _spellings(lines: Lines) -> Iterator[Query]:
    """Participants whose identifiers differ in capitals or in what parts them only: A-01, a_01."""
    alike: dict[str, list[str]] = defaultdict(list)
    for participant in lines.participants:
        alike[re.sub(r"[\s_./-]+", "-", participant).casefold()].append(participant)
    for plain, names in alike.items():
        for name in names[1:] if plain else ():
            problem = f"is written as {names[0]} too: they may be one participant"
            finding = Finding("duplicate", problem, "find out whether they are one, and join or rename them")
            record = lines.participants[name][0]
            yield _whole(lines, record, finding, column=lines.dictionary.record_id, value=name)


def _place(lines: Lines, record: Record, *, events: Collection[str], longitudinal: bool) -> Iterator[Query]:
    event = _of_event(record.event, events=events, longitudinal=longitudinal)
    if event:
        yield _query(lines, record, event, column="redcap_event_name", value=record.event)
    if record.instrument and record.instrument not in lines.items:
        finding = Finding(
            "instrument", f"is none of the forms {', '.join(lines.items)}", "correct the form's name"
        )
        column = "redcap_repeat_instrument"
        yield _query(lines, record, finding, column=column, value=record.instrument)
    if (record.instrument or record.instance) and not _is_count(record.instance):
        finding = Finding(
            "instance", "is no number from 1 on, which a repeated form or event has", "number the line"
        )
        yield _query(lines, record, finding, column="redcap_repeat_instance", value=record.instance)


def _is_count(text: str) -> bool:
    return re.fullmatch(r"[1-9]\d{0,8}", text, re.ASCII) is not None


def _of_event(event: str, *, events: Collection[str], longitudinal: bool) -> Finding | None:
    to_do = "correct the event of this line"
    if events and event not in events:
        return Finding("event", f"is none of the events {', '.join(events)}", to_do)
    if longitudinal and not event:
        return Finding("event", "is empty, and other lines have an event", to_do)
    if event and not events and not EVENT.fullmatch(event):
        return Finding("event", "is no event's name as REDCap writes it, e.g. baseline_arm_1", to_do)
    return None


def _groups(lines: Lines, records: tuple[Record, ...]) -> Iterator[Query]:
    groups = tuple(dict.fromkeys(record.group for record in records if record.group))
    if len(groups) == 1:
        return
    problem = f"differs between lines: {', '.join(groups)}" if groups else "is empty, and others have a site"
    finding = Finding("group", problem, "assign the participant to one data access group")
    column = "redcap_data_access_group"
    yield _whole(lines, records[0], finding, column=column, value=", ".join(groups))
