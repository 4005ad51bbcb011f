"""Reads an ODM 1.3.2 file: the forms and every value, with its audit record where there is one."""

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...core.errors import DataError
from ...data.crf.change import Change
from ...data.crf.form import FormDictionary
from ..files import refuse_unreadable
from .clinical import NO_SITE, forms_of
from .content import WHOLE_STUDY, Content, given, name_of, text_of
from .read_definitions import columns_of, dictionary_in

_ODM = "{http://www.cdisc.org/ns/odm/v1.3}"
_KEPT = ("{http://www.w3.org/XML/1998/namespace}", "{http://www.w3.org/2001/XMLSchema-instance}")
"""Attributes of these are no extension of a system."""


@dataclass(frozen=True, slots=True)
class _Place:
    participant: str
    site: str
    event: str
    instrument: str = ""
    instance: str = ""


def read_odm(path: Path) -> Content:
    """The forms and changes that the file at `path` holds.

    A snapshot gives one change for each value, at the time of the file where the value has no audit record. Values of
    items that another system calls otherwise stand under the item's name.

    Raises:
        DataError: the file is not ODM 1.3.2, is cut off or damaged, refers to parts that it does not define, or
            declares a document type, which could make a small file grow without end.
    """
    refuse_unreadable(path)
    try:
        document = _loaded(path)
        study = document.Study[0]
        version = study.MetaDataVersion[0]
        dictionary = dictionary_in(version, where=str(path))
        changes = tuple(_changes(document, columns_of(version), dictionary))
    except DataError:
        raise
    except KeyError as error:
        raise DataError(
            f"{path}: refers to {error.args[0]!r}, which it does not define; export the study whole, with its metadata"
        ) from None
    except (AttributeError, IndexError, TypeError, ValueError) as error:
        raise DataError(
            f"{path}: is not an ODM 1.3.2 file with metadata and clinical data, or it is damaged"
            f" ({type(error).__name__}); export it again"
        ) from None
    users = document.AdminData[0].User if document.AdminData else []
    roles = {name_of(user.OID, "US"): text_of(user.DisplayName) for user in users}
    return Content(text_of(study.GlobalVariables.StudyName), dictionary, changes, roles)


def _loaded(path: Path) -> Any:
    from odmlib.exceptions import OdmlibError
    from odmlib.loader import ODMLoader
    from odmlib.odm_loader import XMLODMLoader

    try:
        loader = ODMLoader(XMLODMLoader(model_package="odm_1_3_2"))
        _without_extensions(loader.open_odm_document(str(path)))
        return loader.root()
    except (OdmlibError, ElementTree.ParseError) as error:
        told = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DataError(f"{path}: cannot be read as ODM 1.3.2 ({told}); export it again") from None


def _without_extensions(root: ElementTree.Element) -> None:
    """Take out what other systems add beside the standard, as it asks of readers, and name the event that REDCap omits.

    REDCap writes the forms of a project without events right below the participant.
    """
    for element in root.iter():
        for name in [name for name in element.attrib if name.startswith("{") and not name.startswith(_KEPT)]:
            del element.attrib[name]
    for subject in list(root.iter(f"{_ODM}SubjectData")):
        forms = subject.findall(f"{_ODM}FormData")
        if forms:
            event = ElementTree.SubElement(
                subject, f"{_ODM}StudyEventData", StudyEventOID=f"SE.{WHOLE_STUDY}"
            )
            event.extend(forms)
            for form in forms:
                subject.remove(form)


def _changes(document: Any, columns: Mapping[str, str], dictionary: FormDictionary) -> Iterator[Change]:
    standing: dict[tuple[_Place, str], str] = {}
    known = forms_of(dictionary)
    for place, item in _items(document):
        name = columns[item.ItemOID]
        column = name if name in known else name.lower()
        old, new = standing.get((place, column), ""), item.Value or ""
        if old == new:
            continue
        standing[place, column] = new
        record = given(item.AuditRecord)
        yield Change(
            at=text_of(record.DateTimeStamp) if record else str(document.CreationDateTime),
            actor=name_of(record.UserRef.UserOID, "US") if record else "",
            site=_site(record.LocationRef.LocationOID) if record else place.site,
            participant=place.participant,
            event=place.event,
            instrument=place.instrument,
            instance=place.instance,
            column=column,
            old=old,
            new=new,
            reason=text_of(record.ReasonForChange) if record else "",
        )


def _once(document: Any) -> frozenset[str]:
    """Identifiers of events and forms that happen once: systems number these, too."""
    version = document.Study[0].MetaDataVersion[0]
    defined = (*version.StudyEventDef, *version.FormDef)
    return frozenset(each.OID for each in defined if each.Repeating == "No")


def _items(document: Any) -> Iterator[tuple[_Place, Any]]:
    once = _once(document)
    for subject in (s for data in document.ClinicalData for s in data.SubjectData):
        site = _site(subject.SiteRef.LocationOID) if given(subject.SiteRef) else ""
        for event in subject.StudyEventData:
            named = name_of(event.StudyEventOID, "SE")
            whole = _Place(
                subject.SubjectKey,
                site,
                "" if named == WHOLE_STUDY else named,
                instance="" if event.StudyEventOID in once else event.StudyEventRepeatKey or "",
            )
            yield from _of_event(event, whole, once=once)


def _of_event(event: Any, whole: _Place, *, once: frozenset[str]) -> Iterator[tuple[_Place, Any]]:
    for form in event.FormData:
        repeated = "" if form.FormOID in once else form.FormRepeatKey or ""
        place = (
            _Place(whole.participant, whole.site, whole.event, name_of(form.FormOID, "FO"), repeated)
            if repeated
            else whole
        )
        for group in form.ItemGroupData:
            yield from ((place, item) for item in group.ItemData)


def _site(identifier: str) -> str:
    name = name_of(identifier, "LO")
    return "" if name == NO_SITE else name
