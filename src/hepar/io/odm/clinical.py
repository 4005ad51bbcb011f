"""Changes of values as the clinical data of a transactional ODM file, each with its audit record."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from ...core.errors import DataError
from ...data.crf.change import Change
from ...data.crf.form import FormDictionary
from .content import WHOLE_STUDY, oid
from .definitions import VERSION, study_oid

NO_SITE = "none"
"""The location of what was done at no site."""


def clinical(study: str, dictionary: FormDictionary, changes: Sequence[Change]) -> Any:
    """The element ClinicalData: the changes in their order.

    Raises:
        DataError: a change of a column that the dictionary does not have.
    """
    import odmlib.odm_1_3_2.model as odm

    forms = forms_of(dictionary)
    for change in changes:
        if change.column not in forms:
            raise DataError(
                f"participant {change.participant}: a value of {change.column!r}, which the dictionary"
                f" {dictionary.name!r} does not have; give the dictionary by which it was entered"
            )
    subjects = [
        _subject(list(group), forms)
        for _, group in groupby(changes, key=lambda change: (change.participant, change.site))
    ]
    return odm.ClinicalData(StudyOID=study_oid(study), MetaDataVersionOID=VERSION, SubjectData=subjects)


def administration(study: str, roles: Mapping[str, str], changes: Iterable[Change]) -> Any:
    """The element AdminData: who entered values, and at which sites."""
    import odmlib.odm_1_3_2.model as odm

    pairs = dict.fromkeys((change.actor, change.site) for change in changes)
    users = dict.fromkeys([*roles, *(actor for actor, _ in pairs)])
    sites = dict.fromkeys(site for _, site in pairs)
    version = [
        odm.MetaDataVersionRef(
            StudyOID=study_oid(study), MetaDataVersionOID=VERSION, EffectiveDate="1970-01-01"
        )
    ]
    return odm.AdminData(
        StudyOID=study_oid(study),
        User=[_user(name, roles.get(name, "")) for name in users],
        Location=[
            odm.Location(
                OID=_place(site), Name=site or NO_SITE, LocationType="Site", MetaDataVersionRef=version
            )
            for site in sites
        ],
    )


def forms_of(dictionary: FormDictionary) -> Mapping[str, str]:
    """The form of each column of an export, `<form>_complete` among them."""
    columns = {column: field.form for field in dictionary.fields for column in field.columns}
    return columns | {f"{form}_complete": form for form in dictionary.forms}


def _user(name: str, role: str) -> Any:
    import odmlib.odm_1_3_2.model as odm

    user = odm.User(OID=oid("US", name), UserType="Investigator" if role == "investigator" else "Other")
    user.LoginName = odm.LoginName(_content=name)
    if role:
        user.DisplayName = odm.DisplayName(_content=role)
    return user


def _place(site: str) -> str:
    return oid("LO", site or NO_SITE)


def _subject(changes: Sequence[Change], forms: Mapping[str, str]) -> Any:
    import odmlib.odm_1_3_2.model as odm

    first = changes[0]
    events = [
        _event(list(group), forms)
        for _, group in groupby(changes, key=lambda change: (change.event, _event_key(change)))
    ]
    subject = odm.SubjectData(SubjectKey=first.participant, TransactionType="Context", StudyEventData=events)
    if first.site:
        subject.SiteRef = odm.SiteRef(LocationOID=_place(first.site))
    return subject


def _event_key(change: Change) -> str:
    return "" if change.instrument else change.instance


def _event(changes: Sequence[Change], forms: Mapping[str, str]) -> Any:
    import odmlib.odm_1_3_2.model as odm

    first = changes[0]
    event = odm.StudyEventData(
        StudyEventOID=oid("SE", first.event or WHOLE_STUDY),
        TransactionType="Context",
        FormData=list(_forms(changes, forms)),
    )
    if _event_key(first):
        event.StudyEventRepeatKey = _event_key(first)
    return event


def _forms(changes: Sequence[Change], forms: Mapping[str, str]) -> Iterator[Any]:
    import odmlib.odm_1_3_2.model as odm

    def place(change: Change) -> tuple[str, str]:
        return forms[change.column], change.instance if change.instrument else ""

    for (form, instance), group in groupby(changes, key=place):
        items = [_item(change) for change in group]
        values = odm.ItemGroupData(ItemGroupOID=oid("IG", form), TransactionType="Context", ItemData=items)
        data = odm.FormData(FormOID=oid("FO", form), TransactionType="Context", ItemGroupData=[values])
        if instance:
            data.FormRepeatKey = instance
        yield data


def _item(change: Change) -> Any:
    import odmlib.odm_1_3_2.model as odm

    item = odm.ItemData(ItemOID=oid("IT", change.column), TransactionType=change.transaction)
    if change.new:
        item.Value = change.new
    else:
        item.IsNull = "Yes"
    record = odm.AuditRecord(
        UserRef=odm.UserRef(UserOID=oid("US", change.actor)),
        LocationRef=odm.LocationRef(LocationOID=_place(change.site)),
        DateTimeStamp=odm.DateTimeStamp(_content=change.at),
    )
    if change.reason:
        record.ReasonForChange = odm.ReasonForChange(_content=change.reason)
    item.AuditRecord = record
    return item
