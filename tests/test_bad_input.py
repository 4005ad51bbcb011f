"""Bad input, each through the command line: one clear message, exit code 2, nothing half-written."""

import copy
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import small_study
from hepar.cli import main

Spoil = Callable[[Any], Any]


def refused(arguments: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> str:
    """The message of a command that must fail with exit code 2 and no traceback."""
    monkeypatch.setattr("sys.argv", ["hepar", *arguments])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 2
    printed = capsys.readouterr()
    assert "Traceback" not in printed.err
    assert printed.err.count("error: ") == 1
    return printed.err


def changed(document: Any, *steps: Any, to: Any) -> Any:
    """A copy of `document` in which what `steps` lead to is `to`."""
    new = copy.deepcopy(document)
    place = new
    for step in steps[:-1]:
        place = place[step]
    place[steps[-1]] = to
    return new


ARM = ("arms", "main")
TEST = (*ARM, "index_tests", "model")

PROTOCOLS = {
    "unknown key": ((*ARM, "eligability"), [], r"arms.main.eligability: unknown key 'eligability'; did you mean 'eligibility'"),
    "wrong type": ((*ARM, "design", "seed"), "first", r"arms.main.design.seed: .*integer.*\(found 'first'\)"),
    "unknown model": ((*TEST, "model"), "logistics", r"hepar.models has no 'logistics'; did you mean 'logistic'\?"),
    "unknown comparator": ((*ARM, "comparators"), {"old": "fib5"}, r"hepar.comparators has no 'fib5'; did you mean 'fib4'"),
    "unknown outcome": ((*ARM, "outcome", "kind"), "ternary", r"arms.main.outcome: .*'ternary'"),
    "analysis that does not fit": (
        (*ARM, "analyses"), ["prognosis"], r"analysis 'prognosis' does not fit outcome 'binary'; it accepts: time_to_event",
    ),
    "model that does not fit": ((*TEST, "model"), "cox", r"model 'cox' of 'model' does not fit outcome 'binary'"),
    "outcome in the features": (
        (*TEST, "features"), [{"kind": "clinical", "fields": ["disease"]}],
        r"index test 'model' reads \['disease'\], which the outcome is made of",
    ),
    "unknown field": (
        (*TEST, "features"), [{"kind": "clinical", "fields": ["markr"]}],
        r"index test 'model' reads field 'markr', .*did you mean 'marker'",
    ),
    "empty arm": (
        (*ARM, "eligibility"), [{"name": "age over 200", "include": {"field": "age_y", "op": ">", "value": 200}}],
        r"arm 'main' \(dictionary.yaml\): no case is left after 'age over 200'",
    ),
    "one class only": ((*ARM, "outcome", "one_of"), [True, False], r"120 of 120 included cases have the outcome \(disease\)"),
    "a data set that is not there": ((*ARM, "data"), "absent.yaml", r"absent.yaml: cannot be read"),
    "external site that is not there": (
        (*ARM, "design", "partition"), {"kind": "external_sites", "sites": ["S9"]}, r"external sites \['S9'\] are not in the cohort",
    ),
    "criterion on a value that never occurs": (
        (*ARM, "eligibility"), [{"name": "women", "include": {"field": "sex", "op": "==", "value": "femal"}}],
        r"sex == femal: sex never holds 'femal'; did you mean 'female'\? Allowed: female, male",
    ),
    "criterion on a code of the file": (
        (*ARM, "eligibility"), [{"name": "ill", "include": {"field": "disease", "value": "yes"}}],
        r"disease == yes: disease is true or false, never 'yes'",
    ),
    "criterion that compares a number with a text": (
        (*ARM, "eligibility"), [{"name": "adult", "include": {"field": "age_y", "op": ">=", "value": "old"}}],
        r"age_y >= old: age_y holds numbers, never 'old'",
    ),
    "a date among the features": (
        (*TEST, "features"), [{"kind": "clinical", "fields": ["scan_date"]}],
        r"index test 'model' reads 'scan_date', which is of kind date; allowed: number, ordinal, boolean, category",
    ),
    "a number as subgroup": ((*ARM, "subgroups"), ["age_y"], r"subgroups reads 'age_y', which is of kind number"),
    "a statement that nothing asks for": (
        ("statements",), {"admin.fundng": "none"}, r"no checklist asks for 'admin.fundng'; did you mean 'admin.funding'",
    ),
    "a list where a mapping is needed": ((*ARM, "comparators"), ["fib4"], r"arms.main.comparators: must be a mapping of keys to values"),
    "a horizon that nobody was followed to": (
        ARM, {
            **small_study.protocol()["arms"]["main"],
            "outcome": {"kind": "time_to_event", "label": "x", "time": "followed_y", "event": {"field": "disease", "value": True}, "horizons_y": [50]},
            "index_tests": {"model": {"label": "m", "features": [{"kind": "clinical", "fields": ["marker"]}], "model": "boosting"}},
        }, r"outcome.horizons_y: horizon is 50, the longest follow-up",
    ),
    "an order of categories": (
        (*ARM, "eligibility"), [{"name": "x", "include": {"field": "sex", "op": "<", "value": "male"}}],
        r"sex < male: sex is of kind category, which has no order; use == or in",
    ),
    "a date that is none": (
        (*ARM, "eligibility"), [{"name": "x", "include": {"field": "scan_date", "op": ">=", "value": "2015/01/01"}}],
        r"scan_date holds dates; write '2015/01/01' as YYYY-MM-DD",
    ),
    "the logarithm of a category": (
        (*TEST, "features"), [{"kind": "clinical", "log": ["sex"]}], r"index test 'model', log reads 'sex', which is of kind category; allowed: number, ordinal",
    ),
    "a date as comparator": (
        (*ARM, "comparators"), {"old": {"kind": "field", "field": "scan_date"}}, r"comparator 'old' reads 'scan_date', which is of kind date",
    ),
    "a category as comparator": (
        (*ARM, "comparators"), {"old": {"kind": "field", "field": "sex"}}, r"comparator 'old' reads 'sex', which is of kind category; allowed: number",
    ),
    "a competing event that is the event": (
        (*ARM, "outcome"), {
            "kind": "time_to_event", "label": "x", "time": "followed_y", "horizons_y": [2],
            "event": {"field": "disease", "value": True}, "competing": {"field": "disease", "value": True},
        }, r"outcome.competing: is the event itself",
    ),
    "a key of a partition": (
        (*ARM, "design", "partition"), {"kind": "k_fold", "fold": 5}, r"unknown key 'fold'; did you mean 'folds'\? Allowed: folds, kind",
    ),
    "an acquisition that a table cannot hold": (
        (*ARM, "eligibility"), [{"name": "arterial phase", "needs": "ct"}], r"needs a 'ct' acquisition, which no case has",
    ),
    "one horizon twice": (
        (*ARM, "outcome"), {"kind": "time_to_event", "label": "x", "time": "followed_y", "event": {"field": "disease", "value": True}, "horizons_y": [2, 2]},
        r"outcome.horizons_y: \[2.0, 2.0\] holds one horizon twice",
    ),
}  # fmt: skip


@pytest.mark.parametrize("command", ["check", "run"])
@pytest.mark.parametrize("name", PROTOCOLS)
def test_a_bad_protocol_is_refused(
    name: str,
    command: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    steps, value, message = PROTOCOLS[name]
    path = small_study.write_study(
        tmp_path / "study", study=changed(small_study.protocol(), *steps, to=value)
    )
    monkeypatch.chdir(tmp_path)
    assert_matches(refused([command, str(path)], capsys, monkeypatch), message)
    assert [p.name for p in tmp_path.iterdir()] == ["study"]


def cell(row: int, column: str, value: Any) -> Spoil:
    def spoil(data: pd.DataFrame) -> pd.DataFrame:
        data = data.astype({column: object})
        data.loc[row, column] = value
        return data

    return spoil


TABLES: dict[str, tuple[Spoil, str]] = {
    "missing column": (lambda d: d.drop(columns="marker"), r"table.csv.*'marker'"),
    "value out of range": (cell(5, "age", 230), r"table.csv.*230.*18.*110"),
    "text in a number": (cell(5, "marker", "n/a"), r"table.csv.*'n/a'"),
    "undeclared sentinel": (cell(5, "marker", -999), r"table.csv.*-999"),
    "undeclared category": (cell(5, "sex", "x"), r"table.csv.*'x'"),
    "duplicated participant": (cell(5, "id", "P003"), r"table.csv.*P003"),
    "date before birth": (cell(5, "scan", "1949-12-31"), r"scan_date.*1949-12-31.*birth_date"),
    "not UTF-8": (lambda d: d.assign(sex="é").to_csv(index=False).encode("latin-1"), r"table.csv.*UTF-8"),
    "no rows": (lambda d: d.iloc[:0], r"table.csv.*no .*row"),
    "all-missing feature": (
        lambda d: d.assign(marker=""), r"index test 'model' reads field 'marker', which is missing in all 120 included cases",
    ),
    "constant score": (lambda d: d.assign(old=1.0), r"test 'old' gives every case the score 1 .*it cannot\s+discriminate"),
    "constant feature set": (
        lambda d: d.assign(marker=1.0, age=40, sex="m"), r"test 'model' gives every case the score",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TABLES)
def test_a_bad_table_is_refused(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil, message = TABLES[name]
    path = small_study.write_study(tmp_path / "study", data=spoil(small_study.table()))
    monkeypatch.chdir(tmp_path)
    assert_matches(refused(["run", str(path), "-o", "out"], capsys, monkeypatch), message)
    assert not list(tmp_path.glob("out/*.*"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"this is nothing: the file is empty"),
        ("name: x\narms:\n\tmain: {}\n", r"line 3: is indented with a tab; use spaces"),
    ],
)
def test_a_file_that_is_no_protocol_is_refused(
    text: str,
    message: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "protocol.yaml").write_text(text)
    assert_matches(refused(["check", str(tmp_path / "protocol.yaml")], capsys, monkeypatch), message)


def test_tuning_on_fewer_sites_than_folds_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    tuned = {"kind": "tuned", "model": "logistic", "grid": {"c": [0.1, 1.0]}, "folds": 5}
    path = small_study.write_study(tmp_path, study=changed(small_study.protocol(), *TEST, "model", to=tuned))
    told = refused(["run", str(path), "-o", str(tmp_path / "out")], capsys, monkeypatch)
    assert_matches(
        told,
        r"index test 'model', part 1: 5 folds need 5 groups to tune on or more; there are 3: use fewer folds",
    )


def test_no_jobs_at_all_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = small_study.write_study(tmp_path / "study")
    told = refused(["run", str(path), "-o", str(tmp_path / "out"), "-j", "0"], capsys, monkeypatch)
    assert_matches(told, r"jobs is 0; give 1 or more, or -1")


def test_a_package_that_is_not_installed_is_named_before_anything_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hepar.core.packages.find_spec", lambda name: None)
    told = refused(["check", "liver-events"], capsys, monkeypatch)
    assert_matches(
        told, r"needs the package 'lifelines', which is not installed; run: pip install 'hepar\[survival\]'"
    )


@pytest.mark.parametrize("piped", [False, True])
def test_a_device_that_is_not_there_is_named_before_anything_runs(
    piped: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hepar.nets.device.is_there", lambda device: device == "cpu")
    study = small_study.protocol()
    network = {"kind": "rf_net", "training": {"device": "cuda"}}
    model = {"kind": "piped", "steps": [{"kind": "varying"}], "model": network} if piped else network
    study["arms"]["main"]["index_tests"]["model"]["model"] = model
    told = refused(["check", str(small_study.write_study(tmp_path, study=study))], capsys, monkeypatch)
    assert_matches(
        told, r"of index test 'model' is to be trained on cuda, and torch finds no such device here; run it"
    )


def test_a_participant_at_two_sites_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = small_study.table().assign(person=[f"Q{k // 2}" for k in range(120)])
    fields = {**small_study.dictionary(), "participant": "person"}
    path = small_study.write_study(tmp_path / "study", data=data, fields=fields)
    assert_matches(
        refused(["check", str(path)], capsys, monkeypatch),
        r"participant Q0 stands at site 'S0' and at site 'S1'",
    )


def test_a_byte_order_mark_is_accepted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = b"\xef\xbb\xbf" + small_study.table().to_csv(index=False).encode()
    path = small_study.write_study(tmp_path / "study", data=data)
    monkeypatch.setattr("sys.argv", ["hepar", "check", str(path)])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 0
    assert "120 included" in capsys.readouterr().out


def test_a_protocol_that_is_not_there_names_the_bundled_ones(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert_matches(
        refused(["check", "crc-recurence"], capsys, monkeypatch),
        r"no protocol 'crc-recurence': it is neither a file nor a bundled protocol; did you mean 'crc-recurrence'",
    )


def assert_matches(printed: str, pattern: str) -> None:
    assert re.search(pattern, printed, re.DOTALL), printed
