"""Images in a study: features once, before the parts; what fails leaves by a step, and nobody is named in the report."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import image_study
from hepar.api import check
from hepar.core.errors import DataError, ProtocolError, RunError
from hepar.data.case import Acquisition, Case
from hepar.engine.store import NOTHING, Store
from hepar.io import simulated
from hepar.report.document import write_report
from hepar.report.flow import draw, flow
from hepar.report.limits import found_limits
from hepar.study.extract import extract, nameless
from hepar.study.prepare import prepare
from hepar.study.result import Prepared, Result
from hepar.study.run import run

FAILED = ("P003", "P017")


@pytest.fixture(scope="module", autouse=True)
def _each_image_is_made_once() -> Iterator[None]:
    """The cache of one image that a run needs is of all of them here, where the same cases are run many times."""
    made = lru_cache(maxsize=100)(simulated._texture.__wrapped__)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(simulated, "_texture", made)
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return image_study.write(tmp_path_factory.mktemp("images"))


@pytest.fixture(scope="module")
def plain(folder: Path) -> Result:
    return run(image_study.study(unusable=FAILED), folder)


def prepared(folder: Path, **settings: Any) -> Prepared:
    (part,) = prepare(image_study.study(**settings), folder)
    return part


def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Case ids in the order in which the extractor is called on them."""
    called: list[str] = []
    inner = image_study.Brightness.extract

    def extract_one(self: image_study.Brightness, case: Case) -> Any:
        called.append(case.case_id)
        return inner(self, case)

    monkeypatch.setattr(image_study.Brightness, "extract", extract_one)
    return called


def test_an_extractor_of_several_index_tests_runs_once_a_case(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    called = counted(monkeypatch)
    features = extract(prepared(folder)).features
    assert len(called) == len(set(called)) == 40
    assert list(features["both"]) == ["liver_mean", "liver_spread", "marker"]
    assert features["image"]["liver_mean"].equals(features["both"]["liver_mean"])


def test_what_fails_leaves_by_a_step_of_its_own_and_the_others_go_on(folder: Path, plain: Result) -> None:
    arm = plain.arms["main"]
    *_, before, last = arm.prepared.cohort.flow
    assert before.failures == ()
    assert (last.criterion, last.excluded) == (image_study.STEP, FAILED)
    assert [f.told for f in last.failures] == ["case [case]: the region is empty; check the mask"] * 2
    assert "P003" in last.failures[0].reason
    assert len(arm.prepared.reference) == len(arm.prepared.clinical) == last.remained == 38


def test_every_test_is_judged_on_the_cases_that_are_left(plain: Result) -> None:
    table = plain.arms["main"].predictions.table
    judged = {str(test): frozenset(rows["case_id"]) for test, rows in table.groupby("test")}
    assert set(judged) == {"clinical", "image", "both", "old"}
    assert len(set(judged.values())) == 1
    assert not set(FAILED) & judged["old"]


def test_the_parts_are_those_of_the_cases_that_are_left(plain: Result) -> None:
    """They are what the partition makes of a cohort that never held the others."""
    arm = plain.arms["main"].prepared
    again = arm.arm.design.partition.folds(arm.reference, arm.clinical, seed=3)
    assert [f.held_out.tolist() for f in again] == [f.held_out.tolist() for f in arm.folds]
    assert sorted(k for f in arm.folds for k in f.held_out) == list(range(38))


@pytest.mark.parametrize("how", ["cold store", "warm store", "two workers"])
def test_the_store_and_the_workers_change_nothing(
    how: str, folder: Path, plain: Result, tmp_path: Path
) -> None:
    study = image_study.study(unusable=FAILED)
    store = NOTHING if how == "two workers" else Store(tmp_path)
    if how == "warm store":
        run(study, folder, store=store)
    other = run(study, folder, store=store, jobs=2 if how == "two workers" else 1)
    pd.testing.assert_frame_equal(other.predictions, plain.predictions, check_exact=True)
    pd.testing.assert_frame_equal(other.estimates, plain.estimates, check_exact=True)
    assert other.arms["main"].prepared.cohort.flow == plain.arms["main"].prepared.cohort.flow


def test_a_failure_is_not_kept_and_a_success_is(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    called = counted(monkeypatch)
    part = prepared(folder, unusable=FAILED)
    extract(part, store=Store(tmp_path))
    called.clear()
    extract(part, store=Store(tmp_path))
    assert called == list(FAILED)


def test_progress_is_told_case_by_case(folder: Path) -> None:
    told: list[tuple[str, int, int]] = []
    extract(prepared(folder), progress=lambda *step: told.append(step))
    assert told == [("main: extracting brightness features", k, 40) for k in range(41)]


def test_more_than_half_failing_stops_the_run_with_the_first_reasons(folder: Path) -> None:
    some = tuple(f"P{k:03}" for k in range(21))
    with pytest.raises(
        RunError, match=r"(?s)'Image model' .* from 21 of 40 cases; .*P000: .*region is empty"
    ):
        extract(prepared(folder, unusable=some))
    assert len(extract(prepared(folder, unusable=some[:20])).cohort) == 20


def test_a_protocol_at_fault_stops_the_run_at_once(folder: Path) -> None:
    with pytest.raises(ProtocolError, match="bin_width has no meaning without a unit"):
        extract(prepared(folder, misconfigured=True))


def test_a_package_that_is_not_installed_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(_self: object, _case: Case) -> None:
        raise ModuleNotFoundError("No module named 'numba'", name="numba")

    monkeypatch.setattr(image_study.Brightness, "extract", absent)
    with pytest.raises(ProtocolError, match=r"needs the package 'numba'.*pip install 'hepar\[images\]'"):
        extract(prepared(folder))


def test_a_file_that_vanishes_is_a_failure_of_its_case(folder: Path, tmp_path: Path) -> None:
    part = prepared(folder)
    gone = Acquisition("mr", (tmp_path / "P000.nii.gz",), lambda files: files[0].read_bytes())
    first, *rest = part.cohort.cases
    spoilt = Case(
        first.case_id, first.participant_id, first.site, first.clinical, {**first.acquisitions, "mr": gone}
    )
    left = extract(replace(part, cohort=replace(part.cohort, cases=(spoilt, *rest))))
    (failure,) = left.cohort.flow[-1].failures
    assert (
        failure.told
        == "[mr file]: cannot be read (No such file or directory); it was there when the table was read"
    )


def test_the_flow_tells_the_reasons_and_names_nobody(plain: Result, tmp_path: Path) -> None:
    numbers = flow(plain.arms["main"])
    told = "case [case]: the region is empty; check the mask"
    assert numbers.failures() == [(image_study.STEP, told, 2)]
    svg = draw(numbers, key="k")
    assert "features could not be extracted" in svg
    assert "2: case [case]: the region is empty" in svg
    write_report(plain, tmp_path)
    page = (tmp_path / "report.html").read_text()
    arm = json.loads((tmp_path / "estimates.json").read_text())["arms"]["main"]
    assert arm["flow"]["steps"][-1]["failures"] == {told: 2}
    assert told in page
    assert "Why features could not be extracted" in page
    assert not [case for case in FAILED if case in page or case in json.dumps(arm)]
    assert pd.read_csv(tmp_path / "failures.csv")["case_id"].tolist() == list(FAILED)


def test_the_limits_name_what_failed_and_how_many_features_there_were(plain: Result) -> None:
    found = " ".join(found_limits(plain.arms["main"]))
    assert "The features of 2 (5.0%) of 40 cases could not be extracted." in found
    assert re.search(r"Image model was learnt from as few as \d+ events for 2 candidate features", found)
    assert re.search(r"Marker model was learnt from as few as \d+ events for 3 candidate fields", found)


def test_a_run_without_failures_leaves_no_list_of_them(folder: Path, plain: Result, tmp_path: Path) -> None:
    write_report(plain, tmp_path)
    write_report(run(image_study.study(), folder), tmp_path)
    assert not (tmp_path / "failures.csv").exists()
    assert "Why features could not be extracted" not in (tmp_path / "report.html").read_text()


def test_a_message_loses_paths_names_of_files_and_identifiers(tmp_path: Path) -> None:
    scan = tmp_path / "Doe John" / "1.dcm"
    scan.parent.mkdir()
    scan.write_bytes(b"x")
    case = Case("17", "MRN-9", "S", {}, {"ct": Acquisition("ct", (scan.parent,), lambda _: None)})
    message = f"{scan}: pixel data end early; 1.dcm of MRN-9 (17, slice 170) in {scan.parent}"
    assert nameless(message, case) == (
        "[ct file]: pixel data end early; [ct file] of [participant] ([case], slice 170) in [ct file]"
    )


def test_an_acquisition_that_the_dictionary_does_not_declare_is_refused_before_any_work(
    tmp_path: Path,
) -> None:
    without = image_study.write(tmp_path / "none", fields=image_study.dictionary(acquisitions={}))
    with pytest.raises(ProtocolError, match=r"index test 'image' needs a 'mr' acquisition.*declares none"):
        prepared(without)
    images = image_study.dictionary()["acquisitions"]
    other = image_study.write(
        tmp_path / "one", fields=image_study.dictionary(acquisitions={"mr": images["mr"]})
    )
    with pytest.raises(ProtocolError, match="needs a 'liver' acquisition, which no case has; Allowed: mr"):
        prepared(other)


def test_a_case_that_lacks_an_acquisition_leaves_by_a_criterion_that_needs_it_or_fails(
    tmp_path: Path,
) -> None:
    data = image_study.table().astype({"seed": object})
    data.loc[[4, 5], "seed"] = ""
    folder = image_study.write(tmp_path, data=data)
    left = extract(prepared(folder))
    assert left.cohort.flow[-1].excluded == ("P004", "P005")
    assert "has no 'mr' acquisition" in left.cohort.flow[-1].failures[0].told
    study = image_study.study()
    arm = study.arms["main"]
    criterion = {"name": "MR", "needs": "mr"}
    asked = arm.model_validate(
        {**arm.model_dump(by_alias=True), "eligibility": [criterion], "index_tests": arm.index_tests}
    )
    (part,) = prepare(study.model_copy(update={"arms": {"main": asked}}), folder)
    assert part.cohort.flow[0].excluded == ("P004", "P005")
    assert extract(part).cohort.flow[-1].failures == ()


def test_check_says_how_many_have_each_acquisition(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = image_study.table().astype({"seed": object})
    data.loc[[4, 5, 6], "seed"] = ""
    monkeypatch.chdir(image_study.write(tmp_path, data=data))
    lines = check(image_study.study())
    assert "      37 of them have acquisition mr" in lines
    assert "      37 of them have acquisition liver" in lines
    assert "  note: mr: cases without a file of it (3)" in lines


def test_what_a_table_holds_still_stops_the_run(folder: Path) -> None:
    """A logarithm of zero is a decision to be made in the dictionary, not a case to be lost."""
    study = image_study.study()
    document = study.model_dump(by_alias=True)
    arm = document["arms"]["main"]
    arm["index_tests"]["image"]["features"] = [{"kind": "clinical", "log": ["noise"]}]
    arm["index_tests"].pop("both")
    (part,) = prepare(type(study).model_validate(document), folder)
    with pytest.raises(DataError, match="which has no logarithm"):
        extract(part)


def test_a_full_disk_stops_the_run_and_is_no_cases_fault(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "store").write_bytes(b"")
    with pytest.raises(RunError, match="cannot be written") as error:
        extract(prepared(folder), store=Store(tmp_path / "store"))
    assert "could not be extracted" not in str(error.value)


def test_a_case_that_memory_cannot_hold_leaves_as_any_other(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = image_study.Brightness.extract

    def extract_one(self: image_study.Brightness, case: Case) -> Any:
        if case.case_id == "P003":
            raise MemoryError
        return inner(self, case)

    monkeypatch.setattr(image_study.Brightness, "extract", extract_one)
    (failure,) = extract(prepared(folder)).cohort.flow[-1].failures
    assert (failure.case_id, "more memory" in failure.reason) == ("P003", True)


@pytest.mark.parametrize("marked", ["by the data set", "by its images"])
def test_a_study_that_does_not_say_that_its_data_are_simulated_is_refused(
    tmp_path: Path, marked: str
) -> None:
    fields = image_study.dictionary()
    if marked == "by the data set":
        fields = {**fields, "acquisitions": {}, "simulated": True}
    folder = image_study.write(tmp_path, fields=fields)
    silent = image_study.study().model_copy(update={"simulated": False})
    with pytest.raises(ProtocolError, match="is SIMULATED; write `simulated: true`"):
        prepare(silent, folder)
