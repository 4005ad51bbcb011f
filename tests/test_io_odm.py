"""ODM 1.3.2 out and in again: nothing is lost, and the schema of CDISC holds."""

import csv
import io
import xml.etree.ElementTree as ElementTree
from importlib import resources
from pathlib import Path

import pytest

from hepar.core.errors import DataError
from hepar.data.crf.change import Change
from hepar.data.crf.form import FormDictionary
from hepar.io.odm import read_odm, write_odm
from hepar.io.odm.records import records_text
from hepar.io.redcap import read_dictionary
from hepar.io.redcap.export import read_export
from hepar.io.redcap.export_columns import expected_columns
from hepar.io.redcap_export import DICTIONARY_HEADER

AT = "2026-05-04T10:00:00.000+00:00"
NS = "{http://www.cdisc.org/ns/odm/v1.3}"
LINES = (
    ("record_id", "baseline", "", "text", "Participant", "", "", "", "", "", "", "", "y"),
    ("age_y", "baseline", "Who", "text", "Age\nin years <y> & more", "", "whole years", "integer", "18", "75", "", "", "y"),
    ("birth", "baseline", "", "text", "Birth", "", "", "date_ymd", "1900-01-01", "today", "y", "", ""),
    ("sex", "baseline", "", "radio", "Sex / 性别", "1, Male 男 | 2, Female 女", "", "", "", "", "", "", "y"),
    ("cause", "baseline", "", "checkbox", "Cause", "1, HBV | 2, HCV", "", "", "", "", "", "", ""),
    ("note", "baseline", "", "descriptive", "Read this", "", "", "", "", "", "", "", ""),
    ("hbv_dna", "lab", "", "text", "HBV DNA", "", "", "number_2dp", "0", "12", "", "[cause(1)] = '1'", "y"),
    ("done", "lab", "", "yesno", "Done", "", "", "", "", "", "", "", ""),
    ("pain", "lab", "", "slider", "Pain", "none | some | much", "", "", "0", "10", "", "", ""),
    ("bmi", "lab", "", "calc", "BMI", "round([age_y]/2, 1)", "", "", "", "", "", "", ""),
)  # fmt: skip


def a_dictionary(folder: Path) -> FormDictionary:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(DICTIONARY_HEADER)
    writer.writerows((*line, "", "", "", "", "") for line in LINES)
    path = folder / "forms.csv"
    path.write_text(text.getvalue(), encoding="utf-8")
    return read_dictionary(path)


def a_change(column: str, new: str, old: str = "", **more: str) -> Change:
    place = {"participant": "S-001", "site": "north", "event": "", "instrument": "", "instance": ""}
    return Change(**{"at": AT, "actor": "li", **place, "column": column, "old": old, "new": new, **more})


CHANGES = (
    a_change("age_y", "45", event="baseline_arm_1"),
    a_change("age_y", "54", "45", event="baseline_arm_1", reason="digits exchanged", actor="wu"),
    a_change("cause___1", "1", event="baseline_arm_1"),
    a_change("hbv_dna", "5.25", event="later_arm_1", instrument="lab", instance="2"),
    a_change("hbv_dna", "", "5.25", event="later_arm_1", instrument="lab", instance="2", reason="wrong patient"),
    a_change("age_y", "61", participant="S-002", site="", event="baseline_arm_1", instance="3"),
    a_change("baseline_complete", "2", event="baseline_arm_1"),
)  # fmt: skip


def written(folder: Path, changes: tuple[Change, ...] = CHANGES, name: str = "a study") -> Path:
    return write_odm(
        folder / "study.xml",
        name=name,
        dictionary=a_dictionary(folder),
        changes=changes,
        roles={"li": "data entry", "wu": "investigator"},
        at=AT,
    )


def test_what_is_written_is_read_back_change_by_change(tmp_path: Path) -> None:
    content = read_odm(written(tmp_path))
    assert content.changes == CHANGES
    assert content.study == "a study"
    assert content.roles == {"li": "data entry", "wu": "investigator"}


def test_every_field_of_the_dictionary_is_read_back_as_it_was(tmp_path: Path) -> None:
    assert read_odm(written(tmp_path)).dictionary.fields == a_dictionary(tmp_path).fields


def test_the_file_is_valid_by_the_schema_of_cdisc(tmp_path: Path) -> None:
    xmlschema = pytest.importorskip("xmlschema")
    where = resources.files("odmlib") / "schemas" / "odm" / "1.3.2" / "ODM1-3-2.xsd"
    schema = xmlschema.XMLSchema(str(where))
    path = written(tmp_path)
    assert [error.reason for error in schema.iter_errors(str(path))] == []
    broken = path.read_text(encoding="utf-8").replace('FileType="Transactional"', 'FileType="Whatever"')
    assert not schema.is_valid(broken)


def test_a_change_carries_who_where_when_and_why(tmp_path: Path) -> None:
    root = ElementTree.parse(written(tmp_path)).getroot()
    record = root.findall(f".//{NS}ItemData[@TransactionType='Update']/{NS}AuditRecord")[0]
    assert [part.attrib for part in record][:2] == [{"UserOID": "US.wu"}, {"LocationOID": "LO.north"}]
    assert record.findtext(f"{NS}DateTimeStamp") == AT
    assert record.findtext(f"{NS}ReasonForChange") == "digits exchanged"
    removed = root.findall(f".//{NS}ItemData[@TransactionType='Remove']")
    assert [item.attrib["IsNull"] for item in removed] == ["Yes"]


def test_the_standard_s_own_parts_say_types_limits_codes_and_when_a_field_is_not_asked(
    tmp_path: Path,
) -> None:
    root = ElementTree.parse(written(tmp_path)).getroot()
    items = {item.attrib["Name"]: item for item in root.iter(f"{NS}ItemDef")}
    assert {name: item.attrib["DataType"] for name, item in items.items()} == {
        "record_id": "text",
        "age_y": "integer",
        "birth": "date",
        "sex": "text",
        "cause___1": "boolean",
        "cause___2": "boolean",
        "note": "text",
        "hbv_dna": "float",
        "done": "text",
        "pain": "float",
        "bmi": "text",
        "baseline_complete": "integer",
        "lab_complete": "integer",
    }
    checks = [
        (c.attrib["Comparator"], c.findtext(f"{NS}CheckValue"))
        for c in items["birth"].iter(f"{NS}RangeCheck")
    ]
    assert checks == [("GE", "1900-01-01")]
    codes = root.findall(f".//{NS}CodeList[@Name='sex']/{NS}CodeListItem")
    assert [item.attrib["CodedValue"] for item in codes] == ["1", "2"]
    assert root.findtext(f".//{NS}FormalExpression") == "not ([cause(1)] = '1')"


def foreign(folder: Path, *, data: str) -> Path:
    """A snapshot as another system writes it: no aliases, no audit records."""
    path = folder / "foreign.xml"
    path.write_text(
        f"""<?xml version="1.0" encoding="UTF-8"?>
<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" FileOID="F" FileType="Snapshot" ODMVersion="1.3.2"
 CreationDateTime="2026-01-02T03:04:05+00:00">
<Study OID="S"><GlobalVariables><StudyName>Other</StudyName><StudyDescription>d</StudyDescription>
<ProtocolName>p</ProtocolName></GlobalVariables>
<MetaDataVersion OID="V" Name="version 1"><FormDef OID="F1" Name="Base Line" Repeating="No">
<ItemGroupRef ItemGroupOID="G1" Mandatory="Yes"/></FormDef>
<ItemGroupDef OID="G1" Name="g" Repeating="No"><ItemRef ItemOID="I0" Mandatory="Yes"/>
<ItemRef ItemOID="I1" Mandatory="Yes"/><ItemRef ItemOID="I2" Mandatory="No"/></ItemGroupDef>
<ItemDef OID="I0" Name="SUBJECT" DataType="text" Length="9"/>
<ItemDef OID="I1" Name="AGE" DataType="integer" Length="3"><RangeCheck Comparator="GE" SoftHard="Soft">
<CheckValue>18</CheckValue></RangeCheck></ItemDef>
<ItemDef OID="I2" Name="SEX" DataType="text" Length="1"><CodeListRef CodeListOID="C"/></ItemDef>
<CodeList OID="C" Name="sex" DataType="text"><CodeListItem CodedValue="M"><Decode>
<TranslatedText>Male</TranslatedText></Decode></CodeListItem></CodeList></MetaDataVersion></Study>
<ClinicalData StudyOID="S" MetaDataVersionOID="V"><SubjectData SubjectKey="7"><StudyEventData StudyEventOID="E">
<FormData FormOID="F1"><ItemGroupData ItemGroupOID="G1">{data}</ItemGroupData></FormData></StudyEventData>
</SubjectData></ClinicalData></ODM>""",
        encoding="utf-8",
    )
    return path


def test_a_snapshot_of_another_system_is_read_by_what_odm_itself_says(tmp_path: Path) -> None:
    content = read_odm(
        foreign(tmp_path, data='<ItemData ItemOID="I1" Value="44"/><ItemData ItemOID="I2" Value="M"/>')
    )
    assert [(f.name, f.type, f.validation, f.least, f.required) for f in content.dictionary.fields] == [
        ("subject", "text", "", "", True),
        ("age", "text", "integer", "18", True),
        ("sex", "radio", "", "", False),
    ]
    assert [(c.participant, c.event, c.column, c.new, c.at) for c in content.changes] == [
        ("7", "E", "age", "44", "2026-01-02T03:04:05+00:00"),
        ("7", "E", "sex", "M", "2026-01-02T03:04:05+00:00"),
    ]


def test_a_value_of_an_item_that_is_not_defined_is_refused_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="refers to 'I9'"):
        read_odm(foreign(tmp_path, data='<ItemData ItemOID="I9" Value="44"/>'))


def test_a_change_of_a_column_that_is_not_in_the_dictionary_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="'weight'"):
        written(tmp_path, (a_change("weight", "80"),))
    assert not (tmp_path / "study.xml").exists()


def test_a_character_that_xml_does_not_allow_is_refused_by_participant_and_field(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"participant S-001, field age_y: .* U\+0000"):
        written(tmp_path, (a_change("age_y", "4\x005"),))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_file_cut_off_is_refused(tmp_path: Path, share: float) -> None:
    path = written(tmp_path)
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(DataError, match="cannot be read as ODM"):
        read_odm(path)


@pytest.mark.parametrize(
    "text",
    [
        "no xml",
        "<html></html>",
        '<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3"/>',
        '<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><ODM xmlns="http://www.cdisc.org/ns/odm/v1.3">&b;</ODM>',
    ],
)
def test_what_is_not_odm_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.xml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=r"x\.xml"):
        read_odm(path)


def test_what_systems_add_beside_the_standard_is_passed_over(tmp_path: Path) -> None:
    """As REDCap writes a project without events: its own attributes, forms below the participant, all numbered."""
    path = foreign(tmp_path, data='<ItemData ItemOID="I1" Value="44"/>')
    text = path.read_text(encoding="utf-8")
    text = text.replace("<ODM ", '<ODM xmlns:redcap="https://projectredcap.org" ').replace(
        '<MetaDataVersion OID="V"', '<MetaDataVersion OID="V" redcap:RecordIdField="subject"'
    )
    text = text.replace('<ItemDef OID="I1"', '<redcap:Extra x="1"/><ItemDef redcap:FieldType="text" OID="I1"')
    numbered = text.replace('<FormData FormOID="F1">', '<FormData FormOID="F1" FormRepeatKey="1">')
    path.write_text(
        numbered.replace('<StudyEventData StudyEventOID="E">', "").replace("</StudyEventData>", ""),
        encoding="utf-8",
    )
    (change,) = read_odm(path).changes
    assert (change.participant, change.event, change.instrument, change.instance) == ("7", "", "", "")
    assert (change.column, change.new) == ("age", "44")
    path.write_text(
        numbered.replace('Name="Base Line" Repeating="No"', 'Name="Base Line" Repeating="Yes"'),
        encoding="utf-8",
    )
    (change,) = read_odm(path).changes
    assert (change.event, change.instrument, change.instance) == ("E", "F1", "1")


def test_the_status_of_a_form_is_no_field_of_it(tmp_path: Path) -> None:
    path = foreign(tmp_path, data='<ItemData ItemOID="I2" Value="M"/>')
    text = path.read_text(encoding="utf-8").replace('Name="AGE"', 'Name="base_line_complete"')
    path.write_text(text, encoding="utf-8")
    assert [field.name for field in read_odm(path).dictionary.fields] == ["subject", "sex"]


def test_records_have_every_column_but_identifiers_that_may_have_been_left_out(tmp_path: Path) -> None:
    dictionary = a_dictionary(tmp_path)
    text = records_text(read_odm(written(tmp_path, (a_change("age_y", "45"),))))
    path = tmp_path / "records.csv"
    path.write_text(text, encoding="utf-8")
    columns = read_export(path, dictionary).columns
    assert set(expected_columns(dictionary)) - set(columns) == {"birth"}
    assert "birth" in records_text(read_odm(written_again(tmp_path, a_change("birth", "1980-01-01"))))


def written_again(folder: Path, *changes: Change) -> Path:
    (folder / "study.xml").unlink()
    return written(folder, changes)
