"""The pages of queries and of double entry: one file, every query, nothing that runs or leaks."""

import re
from dataclasses import replace

from crf_example import TODAY, changed, clean, dictionary, export
from hepar.data.crf.check import check
from hepar.data.crf.completeness import completeness
from hepar.data.crf.double_entry import compare
from hepar.data.crf.query import Query
from hepar.report import query_page
from hepar.report.entry_page import entry_page
from hepar.report.query_page import Made, check_page


def page(*, simulated: bool = False, **cells: str) -> str:
    first, *rest = clean()
    records = export(changed(first, **cells), *rest)
    queries = {query.key: query for query in check(dictionary(), records, today=TODAY)}
    made = Made("records.csv", simulated)
    return check_page(dictionary(), queries, completeness(dictionary(), records), of=made)


def test_every_query_is_a_row_with_what_filters_need() -> None:
    text = page(sex="3", lesions="two")
    assert text.count('<tr data-state="open" data-site="site_a"') == 2
    assert 'data-form="scan" data-rule="number"' in text
    assert "2 open queries on 1 participant; 0 answered, 0 closed." in text


def test_a_page_without_a_query_says_so() -> None:
    text = page()
    assert "No open query; 0 answered, 0 closed." in text
    assert "There is none." in text
    assert "<script>" not in text


def test_what_was_entered_is_shown_and_never_run() -> None:
    text = page(sex="<script>alert(1)</script>", lesions='"><img src=x onerror=alert(1)>')
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert" in text
    assert "<img" not in text


def test_the_page_needs_no_other_file() -> None:
    assert not re.search(r"(src|href)=|@import|url\(", page(sex="3"))


def test_simulated_records_are_called_so() -> None:
    assert "SIMULATED DATA" in page(sex="3", simulated=True)
    assert "SIMULATED" not in page(sex="3")


def test_an_identifier_is_not_on_the_page() -> None:
    text = page(birth="1980-13-02")
    assert "1980-13-02" not in text
    assert "(identifier)" in text


def test_open_queries_come_first_and_what_does_not_fit_is_counted() -> None:
    one = Query("P1", "who", "sex", "3", "choice", "is none of the codes", "look")
    many = [replace(one, value=str(n), state="closed") for n in range(query_page.MOST_ROWS + 4)]
    queries = {query.key: query for query in (*many, replace(one, value="open"))}
    text = check_page(dictionary(), queries, (), of=Made("records.csv", False))
    assert "5 queries more in the table beside this page." in text
    assert text.index('data-state="open"') < text.index('data-state="closed"')


def test_the_page_of_a_double_entry_lists_the_fields_that_differ() -> None:
    first = clean(4)
    found = compare(dictionary(), export(*first), export(changed(first[0], sex="1", weight="71"), *first[1:]))
    text = entry_page(dictionary(), found, of=Made("first.csv and second.csv", False))
    assert "differences in 10,000 fields" in text
    assert '<th scope="row">sex</th>' in text
    assert '<th scope="row">age</th>' not in text
    assert f"{len(found.fields) - 2} fields more agree" in text
    assert "2 | 1" in text
