"""Dictionary and records fetched from a server that answers as REDCap does, on this machine."""

import json
import logging
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from hepar.core.errors import DataError, HeparError, ProtocolError, RunError
from hepar.io.redcap.dictionary import read_dictionary
from hepar.io.redcap.export import read_export
from hepar.io.redcap.pull import DICTIONARY, RECORDS, pull

TOKEN = "0123456789ABCDEF0123456789abcdef"
CUT = "application/json; cut=off"
Form = dict[str, str]
Answer = tuple[int, str, bytes]
FIELDS = [
    {"field_name": "record_id", "form_name": "base", "field_type": "text", "field_label": "病历"},
    {
        "field_name": "sex",
        "form_name": "base",
        "field_type": "radio",
        "field_label": "Sex",
        "select_choices_or_calculations": "1, 男 | 2, 女",
    },
    {"field_name": "remark", "form_name": "base", "field_type": "notes", "field_label": "Remark"},
]
LINES: list[dict[str, object]] = [
    {
        "record_id": "P-1",
        "redcap_event_name": "visit_1_arm_1",
        "redcap_repeat_instrument": "",
        "redcap_repeat_instance": "",
        "redcap_data_access_group": "wuhan",
        "sex": "1",
        "remark": '=1+1, "乙型"\nline',
        "base_complete": "2",
    },
    {
        "record_id": "P-1",
        "redcap_event_name": "visit_1_arm_1",
        "redcap_repeat_instrument": "base",
        "redcap_repeat_instance": 2,
        "redcap_data_access_group": "wuhan",
        "sex": "UNK",
        "remark": None,
        "base_complete": "0",
    },
]
ABOUT = {"is_longitudinal": 1, "missing_data_codes": "UNK, Unknown | -999, Not done"}


def said(content: object, status: int = 200) -> Answer:
    return status, "application/json; charset=utf-8", json.dumps(content).encode()


CONTENT: dict[str, object] = {"project": ABOUT, "metadata": FIELDS, "record": LINES}


def redcap(form: Form) -> Answer:
    if form["token"] != TOKEN:
        return said({"error": "You do not have permissions to use the API"}, 403)
    return said(CONTENT[form["content"]])


@contextmanager
def server(answer: Callable[[Form], Answer]) -> Iterator[tuple[str, list[Form]]]:
    asked: list[Form] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            asked.append({key: values[0] for key, values in parse_qs(body).items()})
            with suppress(BrokenPipeError):  # nobody waits for a late answer any more
                self.reply(*answer(asked[-1]))

        def reply(self, status: int, kind: str, content: bytes) -> None:
            self.send_response_only(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content) + (kind == CUT) * 99))
            if status in (302, 307):
                self.send_header("Location", f"http://{self.headers['Host']}/elsewhere/")
            self.end_headers()
            self.wfile.write(content)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{running.server_port}/api/", asked
        finally:
            running.shutdown()
            thread.join()


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    path = tmp_path / "redcap.token"
    path.write_text(f"{TOKEN}\n")
    return path


def refused(answer: Callable[[Form], Answer], token_file: Path, *, timeout_s: float = 10) -> str:
    folder = token_file.parent / "pulled"
    with server(answer) as (url, _), pytest.raises(HeparError) as error:
        pull(url, token_file=token_file, folder=folder, timeout_s=timeout_s)
    assert not folder.exists()
    assert TOKEN not in str(error.value)
    return str(error.value)


def test_dictionary_and_records_arrive_and_are_read(token_file: Path, tmp_path: Path) -> None:
    with server(redcap) as (url, asked):
        found = pull(url, token_file=token_file, folder=tmp_path / "new" / "pulled")
    assert (found.missing_codes, found.longitudinal, found.lines) == (("UNK", "-999"), True, 2)
    assert (found.dictionary.name, found.records.name) == (DICTIONARY, RECORDS)
    dictionary = read_dictionary(found.dictionary, missing_codes=found.missing_codes)
    assert dictionary.field("sex").word_of("1") == "男"
    export = read_export(found.records, dictionary, missing_codes=found.missing_codes)
    first, second = export.records
    assert first.values["remark"] == LINES[0]["remark"]
    assert (first.event, first.group) == ("visit_1_arm_1", "wuhan")
    assert (second.instrument, second.instance, second.values["remark"]) == ("base", "2", "")
    records = next(form for form in asked if form["content"] == "record")
    wanted = {
        "rawOrLabel": "raw",
        "eventName": "unique",
        "exportDataAccessGroups": "True",
        "exportSurveyFields": "True",
        "type": "flat",
    }
    assert wanted.items() <= records.items()


def test_the_token_stands_in_no_log_line(
    token_file: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), server(redcap) as (url, _):
        pull(url, token_file=token_file, folder=tmp_path / "pulled")
    assert caplog.records
    assert TOKEN not in caplog.text
    assert "P-1" not in caplog.text


def test_a_project_without_records_gives_an_empty_export(token_file: Path, tmp_path: Path) -> None:
    def empty(form: Form) -> Answer:
        return said([]) if form["content"] == "record" else redcap(form)

    with server(empty) as (url, _):
        found = pull(url, token_file=token_file, folder=tmp_path / "pulled")
    assert found.lines == 0
    assert found.records.read_text() == "record_id\n"


def test_a_wrong_token_is_told_what_the_server_says(token_file: Path) -> None:
    other = token_file.with_name("other.token")
    other.write_text("f" * 32)
    message = refused(redcap, other)
    assert "the server refuses: 'You do not have permissions to use the API'" in message
    assert "f" * 32 not in message


def test_a_server_that_repeats_the_token_does_not_get_it_printed(token_file: Path) -> None:
    message = refused(lambda form: said({"error": f"no project for {form['token']}"}, 400), token_file)
    assert "no project for TOKEN" in message


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ((200, "text/html", b"<html>Log in</html>"), "the answer is no data but, as it seems, a web page"),
        ((502, "text/html", b"<html>Bad gateway</html>"), "the answer is no data"),
        ((302, "text/html", b""), "the answer is no data"),
        ((200, "application/json", b"\xff\xfe{"), "the answer is no data"),
        ((200, "application/json", b'[{"record_id": "P'), "the answer is no data"),
        ((200, CUT, b'[{"record_id": "P'), "broke off"),
        ((200, "application/json", b"[" * 200_000), "the answer is no data"),
        (said("text"), "the answer is no table"),
        (said([1, 2]), "the answer is no table"),
        (said({"a": 1}), "the answer is no table"),
        (said([]), "the project has no field"),
    ],
)
def test_answers_that_are_no_data_are_refused(answer: Answer, message: str, token_file: Path) -> None:
    assert message in refused(lambda form: answer, token_file)


def test_a_redirection_is_not_followed(token_file: Path, tmp_path: Path) -> None:
    with server(lambda form: (307, "text/html", b"")) as (url, asked), pytest.raises(RunError):
        pull(url, token_file=token_file, folder=tmp_path / "pulled")
    assert len(asked) == 1


def test_a_server_that_does_not_answer_is_told(token_file: Path, tmp_path: Path) -> None:
    def late(form: Form) -> Answer:
        time.sleep(0.5)
        return redcap(form)

    assert "no answer in time" in refused(late, token_file, timeout_s=0.1)
    with server(redcap) as (url, _):
        pass
    with pytest.raises(RunError, match="the server cannot be reached"):
        pull(url, token_file=token_file, folder=tmp_path / "pulled")


def test_files_that_cannot_be_written_leave_the_old_ones(
    token_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "pulled"
    folder.mkdir()
    (folder / RECORDS).write_text("old")
    (folder / DICTIONARY).write_text("old")

    def full(*_args: object, **_options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("hepar.core.atomic.os.fdopen", full)
    with server(redcap) as (url, _), pytest.raises(RunError, match="No space left"):
        pull(url, token_file=token_file, folder=folder)
    assert sorted(path.name for path in folder.iterdir()) == [DICTIONARY, RECORDS]
    assert {path.read_text() for path in folder.iterdir()} == {"old"}


def test_without_pycap_one_is_told_what_to_install(
    token_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "redcap.project", None)
    with pytest.raises(ProtocolError, match=r"pip install 'hepar\[redcap\]'"):
        pull("https://redcap.example.org/api/", token_file=token_file, folder=tmp_path / "pulled")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://redcap.example.org/api/", "would travel unprotected"),
        ("http://127.0.0.1.example.org/api/", "would travel unprotected"),
        ("https://redcap.example.org/", "looks like https://redcap.example.org/api/"),
        ("https://redcap.example.org/api", "looks like"),
        ("ftp://redcap.example.org/api/", "looks like"),
        ("file:///api/", "looks like"),
        ("https://[::1/api/", "looks like"),
        ("https://host:port/api/", "looks like"),
        ("https://user:secret@redcap.example.org/api/", "holds a name, a password"),
        (f"https://redcap.example.org/api/?token={TOKEN}", "looks like"),
    ],
)
def test_addresses_that_are_not_safe_are_refused_before_anything_is_sent(
    url: str, said: str, token_file: Path, tmp_path: Path
) -> None:
    with pytest.raises(ProtocolError) as error:
        pull(url, token_file=token_file, folder=tmp_path / "pulled")
    if "?" not in url:
        assert said in str(error.value)
    assert TOKEN not in str(error.value)
    assert "secret" not in str(error.value)


@pytest.mark.parametrize("content", ["", "short", TOKEN * 2, f"{TOKEN} {TOKEN}", "g" * 32, "\u00e4" * 32])
def test_a_file_without_a_token_is_refused_without_printing_it(content: str, tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError) as error:
        pull("https://redcap.example.org/api/", token_file=path, folder=tmp_path / "pulled")
    assert not content or content not in str(error.value)
    with pytest.raises(DataError, match="no such file"):
        pull("https://redcap.example.org/api/", token_file=tmp_path / "none", folder=tmp_path)
