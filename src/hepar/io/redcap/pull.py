"""A project's dictionary and records, fetched from REDCap by its interface for programs."""

import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ...core.atomic import write_atomically
from ...core.errors import DataError, ProtocolError, RunError
from ...data.crf.dictionary_line import COLUMNS
from ..files import refuse_unreadable
from .sheet import sheet_text

DICTIONARY, RECORDS = "dictionary.csv", "records.csv"
TIMEOUT_S = 120.0
"""How long an answer may let wait for its next part."""
_TOKEN = re.compile(r"[0-9A-Fa-f]{32}", re.ASCII)
Rows = Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Pulled:
    """What was fetched: the files, the project's missing data codes, whether it has events, how many lines."""

    dictionary: Path
    records: Path
    missing_codes: tuple[str, ...]
    longitudinal: bool
    lines: int


def pull(url: str, *, token_file: Path, folder: Path, timeout_s: float = TIMEOUT_S) -> Pulled:
    """Fetch dictionary and records of the project that the token belongs to, and write both as CSV into `folder`.

    Records are raw, with data access groups and the times of surveys. Nothing is written before all has arrived; each
    file is whole or not there. The token, 32 hexadecimal digits, stands in no message, and goes over https only, but
    for a server on this machine.

    Raises:
        ProtocolError: the address is none of an interface, or is not https; PyCap is not installed.
        DataError: no token in the file.
        RunError: the server cannot be reached, refuses, or answers with something else; a file cannot be written.
    """
    _refuse_address(url)
    project = _Project.of(url, token=_token(token_file), timeout_s=timeout_s)
    about = project.fetch("project information", "export_project_info")
    fields = project.rows("dictionary", "export_metadata")
    records = project.rows(
        "records",
        "export_records",
        event_name="unique",
        export_data_access_groups=True,
        export_survey_fields=True,
    )
    if not fields:
        raise RunError(f"{url}: the project has no field; does the token belong to another project?")
    about = about if isinstance(about, Mapping) else {}
    lines = [[line.get(column, "") for column in COLUMNS] for line in fields]
    header = tuple(dict.fromkeys(name for row in records for name in row)) or (fields[0]["field_name"],)
    cells = ([row.get(name, "") for name in header] for row in records)
    # records first: it is what a full disk has no room for
    write_atomically(folder / RECORDS, sheet_text(header, cells))
    write_atomically(folder / DICTIONARY, sheet_text(COLUMNS, lines))
    return Pulled(
        folder / DICTIONARY,
        folder / RECORDS,
        missing_codes=_codes(about.get("missing_data_codes", "")),
        longitudinal=str(about.get("is_longitudinal", "0")) == "1",
        lines=len(records),
    )


@dataclass(frozen=True, slots=True)
class _Project:
    """The interface of one project; PyCap speaks to it."""

    url: str
    api: Any = field(repr=False)
    token: str = field(repr=False)

    @classmethod
    def of(cls, url: str, *, token: str, timeout_s: float) -> "_Project":
        """The project at `url`; nothing is sent yet."""
        try:
            from redcap.project import Project
        except ImportError:
            raise ProtocolError(
                "fetching from REDCap needs PyCap; install it: pip install 'hepar[redcap]'"
            ) from None
        # a redirection would send the token to an address that nobody named
        return cls(url, Project(url, token, timeout=timeout_s, allow_redirects=False), token)

    def fetch(self, what: str, method: str, **options: object) -> object:
        """The answer to one request, or an error without the token."""
        import requests

        ask: Callable[..., object] = getattr(self.api, method)
        try:
            return ask(format_type="json", **options)
        except (requests.exceptions.JSONDecodeError, RecursionError):
            problem = "the answer is no data but, as it seems, a web page; is this the address of the interface (API)?"
        except requests.Timeout:
            problem = "no answer in time; try again, or allow more time"
        except requests.exceptions.SSLError:
            problem = "its certificate cannot be verified; ask whoever runs the server"
        except requests.ConnectionError:
            problem = "the server cannot be reached, or broke off; check the address and the network"
        except requests.RequestException as error:
            problem = _refusal(error).replace(self.token, "TOKEN")[:400]
        raise RunError(f"{self.url}: {what}: {problem}") from None

    def rows(self, what: str, method: str, **options: object) -> Rows:
        """The answer to a request for a table."""
        found = self.fetch(what, method, **options)
        if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
            raise RunError(f"{self.url}: {what}: the answer is no table; is this REDCap?")
        return [{str(k): "" if v is None else str(v) for k, v in row.items()} for row in found]


def _refusal(error: Exception) -> str:
    """What the server said, or that the answer broke off."""
    answer = error.args[0] if error.args else None
    if not isinstance(answer, Mapping):
        return f"the request failed, or the answer broke off ({type(error).__name__}); try again"
    return f"the server refuses: {str(answer.get('error', ''))!r}; check the token and the rights of its user"


def _codes(text: object) -> tuple[str, ...]:
    """The codes of a project's setting, written as choices are: code, words | code, words."""
    pieces = re.split(r"[|\n]", str(text or ""))
    return tuple(code for piece in pieces if (code := piece.partition(",")[0].strip()))


def _token(path: Path) -> str:
    refuse_unreadable(path)
    with path.open("rb") as file:
        token = file.read(1000).decode("ascii", errors="replace").strip()
    if not _TOKEN.fullmatch(token):
        raise DataError(
            f"{path}: holds no token; write the 32 hexadecimal digits that the project's API page shows into it, and"
            " nothing else"
        )
    return token


def _refuse_address(url: str) -> None:
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        parts, host = urlsplit(""), ""
    if not host or parts.scheme not in ("https", "http") or not parts.path.endswith("/api/"):
        raise ProtocolError(
            "this is no address of REDCap's interface; it looks like https://redcap.example.org/api/"
        )
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ProtocolError(
            f"the address of {host} holds a name, a password or a question; give it without, and the token in a file"
        )
    if parts.scheme == "http" and not _is_here(host):
        raise ProtocolError(
            f"http://{host}: the token and the records would travel unprotected; give https://"
        )


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
