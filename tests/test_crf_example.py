"""SIMULATED exports: clean by construction, for the bundled forms and for any other."""

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from hepar.core.errors import SimulationError
from hepar.data.crf.check import check
from hepar.data.crf.form import FormDictionary
from hepar.data.crf.record import Export
from hepar.io.redcap import read_dictionary
from hepar.simulation.crf import example_export

TODAY = dt.date(2026, 1, 31)
STUDIES = ("crc-metastasis", "fibrosis-fusion", "lesion-screening", "radiomics", "rf-spectrum")
HEADER = (
    "Variable / Field Name,Form Name,Field Type,Field Label,"
    '"Choices, Calculations, OR Slider Labels",Text Validation Type OR Show Slider Number,Text Validation Min,'
    "Text Validation Max,Branching Logic (Show field only if...),Required Field?,Field Annotation\n"
)
ANY = (
    HEADER
    + """\
id,first,text,Who,,,,,,,
sick,first,yesno,Sick,,,,,,y,
cause,first,checkbox,Cause,"1, A | 2, B | -9, C",,,,[sick] = '1',y,
depth,first,text,Depth,,number_2dp,0,9.5,[cause(2)] = '1' and [cause(-9)] <> '1',y,
deeper,first,text,Deeper,,number_1dp_comma_decimal,"1,5","8,5",[depth] > 2,y,
early,first,text,Early,,date_dmy,2018-05-01,2018-05-31,[late] <> '',y,@HEPAR-NOT-AFTER=late
late,first,text,Late,,date_mdy,,today,,y,@HEPAR-WITHIN-DAYS=moment:20
moment,first,text,Moment,,datetime_ymd,,now,,y,
born,first,text,Born,,date_ymd,,today,,y,
birth_date,first,text,Born,,date_ymd,,today,,y,
age,first,text,Age,,integer,18,80,,y,"@HEPAR-EQUALS-AGE=birth_date,moment"
pain,first,slider,Pain,,,,,,y,
mail,first,text,Mail,,email,,,,y,
clock,first,text,Clock,,time,08:00,20:00,,,
half,first,calc,Half,[pain]/2,,,,,,
told,first,descriptive,Told,,,,,,,
low,piece,text,Low,,integer,1,100,,y,@REPEATING-INSTRUMENT
high,piece,text,High,,integer,1,100,,y,@HEPAR-RULE='[high] > [low]'
deep,piece,radio,Deep,"a, A | b, B",,,,[sick] = '0',y,
again,follow_up,text,Again,,date_ymd,,today,,y,@HEPAR-NOT-BEFORE=late
why,follow_up,notes,Why,,,,,[first_arm_1][sick] = '1',,
"""
)


def written(folder: Path, text: str) -> FormDictionary:
    path = folder / "any.csv"
    path.write_text(text, encoding="utf-8")
    return read_dictionary(path)


def rules(forms: FormDictionary, export: Export) -> list[tuple[str, str, str]]:
    return [(query.field, query.rule, query.problem) for query in check(forms, export, today=TODAY)]


@pytest.mark.parametrize("name", STUDIES)
@pytest.mark.parametrize("events", [False, True], ids=["one event", "two events"])
def test_sixty_participants_of_a_bundled_form_give_no_query(name: str, events: bool) -> None:
    forms = read_dictionary(name)
    export = example_export(forms, participants=60, seed=1, events=events)
    assert len({record.participant for record in export.records}) == 60
    assert rules(forms, export) == []


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("events", [False, True], ids=["one event", "two events"])
def test_any_other_dictionary_gives_no_query(tmp_path: Path, seed: int, events: bool) -> None:
    forms = written(
        tmp_path, ANY.replace("[first_arm_1][sick]", "[baseline_arm_1][sick]" if events else "[sick]")
    )
    export = example_export(forms, participants=40, seed=seed, events=events)
    assert rules(forms, export) == []
    filled = {
        column for record in export.records for column, text in record.values.items() if text not in ("", "0")
    }
    assert filled >= {"cause___2", "depth", "deeper", "early", "high", "deep", "again", "why", "age", "half"}


def test_the_same_seed_gives_the_same_records_and_a_participant_does_not_depend_on_the_others() -> None:
    forms = read_dictionary("rf-spectrum")
    one, same, other = (example_export(forms, participants=n, seed=s) for n, s in ((8, 3), (5, 3), (5, 4)))
    assert [r.values for r in one.records[: len(same.records)]] == [r.values for r in same.records]
    assert [r.values for r in same.records] != [r.values for r in other.records]


def test_a_higher_stage_goes_with_stiffer_liver_and_fewer_platelets() -> None:
    forms = read_dictionary("fibrosis-fusion")
    values = [record.values for record in example_export(forms, participants=250, seed=2).records]
    known = [v for v in values if v["fibrosis_stage"] and v["stiffness_kpa"]]
    stage, stiff, platelets = (
        np.array([float(v[name]) for v in known])
        for name in ("fibrosis_stage", "stiffness_kpa", "platelets_10e9_l")
    )
    assert len(known) > 100
    assert np.corrcoef(stage, np.log(stiff))[0, 1] > 0.3  # about 5 standard errors from 0
    assert np.corrcoef(stage, platelets)[0, 1] < -0.1


def test_participants_are_numbered_by_site_and_the_site_says_simulated() -> None:
    records = example_export(read_dictionary("radiomics"), participants=30, seed=1).records
    for record in records:
        assert record.group == f"simulated_site_{record.participant[:2]}"
        if not record.instrument:
            assert int(record.values["site_number"]) == int(record.participant[:2])
    assert len({record.group for record in records}) == 3


def test_no_date_lies_in_the_future_and_none_is_needed_of_the_clock() -> None:
    for record in example_export(read_dictionary("crc-metastasis"), participants=30, seed=1).records:
        for name, text in record.values.items():
            if name.endswith("_date") and text:
                assert "1990-01-01" <= text <= "2025-06-30"


def test_a_dictionary_that_contradicts_itself_is_refused_by_the_field(tmp_path: Path) -> None:
    text = HEADER + "id,f,text,Who,,,,,,,\nlow,f,text,Low,,integer,1,5,,y,@HEPAR-RULE='[low] > 5'\n"
    with pytest.raises(SimulationError, match="'low' satisfies"):
        example_export(written(tmp_path, text), participants=1, seed=1)


def test_a_form_that_reads_a_repeated_one_and_a_form_that_is_not_there_are_refused(tmp_path: Path) -> None:
    text = HEADER + (
        "id,f,text,Who,,,,,,,\nsize,f,text,Size,,integer,1,5,[number] > 1,y,\n"
        "number,many,text,Number,,integer,1,5,,y,@REPEATING-INSTRUMENT\n"
    )
    forms = written(tmp_path, text)
    with pytest.raises(SimulationError, match="reads 'number' of the repeated form 'many'"):
        example_export(forms, participants=1, seed=1)
    with pytest.raises(SimulationError, match="no form 'mayn'"):
        example_export(forms, participants=1, seed=1, repeating=("mayn",))
    with pytest.raises(SimulationError, match="at least 1"):
        example_export(forms, participants=0, seed=1)


def test_an_identifier_that_nobody_can_make_up_is_refused(tmp_path: Path) -> None:
    text = HEADER + "id,f,text,Who,,,,,,,@HEPAR-ID=[A-Z]{9}\nx,f,text,X,,,,,,,\n"
    with pytest.raises(SimulationError, match="fits the pattern"):
        example_export(written(tmp_path, text), participants=1, seed=1)
