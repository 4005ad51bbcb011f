"""How far the forms are filled in, and whether records say that they are SIMULATED."""

from dataclasses import replace

from crf_example import changed, clean, dictionary, export
from hepar.data.crf.completeness import FormCompleteness, completeness, is_simulated
from hepar.data.crf.form import plain


def test_forms_are_counted_by_status_and_required_fields() -> None:
    first, adverse, second, _ = clean()
    unfinished = changed(second, scan="", scan_complete="0")
    found = {one.form: one for one in completeness(dictionary(), export(first, adverse, unfinished))}
    assert found["adverse"] == FormCompleteness("adverse", 1, 1, 1, 0, 0, asked=1, filled=1)
    assert found["samples"] == FormCompleteness("samples", 2, 2, 0, 2, 0, asked=0, filled=0)
    assert found["scan"] == FormCompleteness("scan", 2, 2, 1, 0, 1, asked=2, filled=1)
    assert (found["who"].asked, found["who"].filled) == (12, 12)


def test_a_required_field_that_is_hidden_is_not_asked_for() -> None:
    first, *_ = clean()
    hidden = changed(first, cause___1="0", cause___2="1", dna="")
    who = next(one for one in completeness(dictionary(), export(hidden)) if one.form == "who")
    assert (who.asked, who.filled) == (5, 5)


def test_records_are_simulated_where_the_dictionary_or_every_participant_says_so() -> None:
    made, lines = dictionary(), clean()
    assert not is_simulated(made, export(*lines))
    one = changed(lines[0], remark="SIMULATED")
    assert not is_simulated(made, export(one, *lines[1:]))
    assert is_simulated(made, export(*(replace(line, group="simulated_site_1") for line in lines)))
    annotated = replace(made, fields=(replace(made.fields[0], annotation="SIMULATED"), *made.fields[1:]))
    assert is_simulated(annotated, export(*lines))


def test_a_label_is_read_without_the_markup_of_redcap_s_editor() -> None:
    rich = '<div class="rich-text-field-label"><p><span style="color:red">Age</span>&nbsp;&lt; 65<br>in years</p></div>'
    assert plain(rich) == "Age < 65 in years"
    assert plain("Age <18 or >60 <!-- old --> y") == "Age <18 or >60 y"
