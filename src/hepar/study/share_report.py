"""The study's report in a shared package: the files of a run that name no case, if they are of this protocol."""

import json
import shutil
from collections.abc import Collection
from pathlib import Path

from ..core.errors import DataError, ProtocolError
from .protocol import Study

FILES = ("report.html", "estimates.csv", "estimates.json", "curves.csv")
"""What a report consists of; predictions, explanations and failures hold case ids and stay."""
NAMED = 4
"""Characters from which a site's name is looked for."""


def copy_report(run: Path | None, to: Path, *, study: Study, sites: Collection[str]) -> list[str]:
    """Copy the report in the folder `run` to `to`; gives what is to be known of it.

    Raises:
        ProtocolError: the folder is no report, lies elsewhere by a link, or is of another protocol.
    """
    if run is None:
        return ["the package holds no report, because no run was given"]
    for name in FILES:
        _refuse_no_file(run / name, run)
    _refuse_other_protocol(run / "estimates.json", study)
    to.mkdir(parents=True)
    for name in FILES:
        shutil.copyfile(run / name, to / name)
    text = (to / "report.html").read_text(encoding="utf-8")
    named = [site for site in sites if len(site) >= NAMED and site in text]
    return [f"the report names {len(named)} sites, which have pseudonyms in the data"] if named else []


def _refuse_no_file(path: Path, run: Path) -> None:
    if path.is_symlink():
        raise ProtocolError(
            f"{path}: is a link to another place, which is not passed on; put the file itself there"
        )
    if not path.is_file():
        raise ProtocolError(
            f"{run}: has no {path.name}; name the folder that hepar run wrote, e.g. --run hepar-NAME"
        )


def _refuse_other_protocol(path: Path, study: Study) -> None:
    try:
        found = str(json.loads(path.read_text(encoding="utf-8"))["provenance"]["protocol"])
    except (ValueError, KeyError, TypeError):
        raise DataError(f"{path}: is no file of estimates, or a damaged one; run the study again") from None
    if found != study.fingerprint:
        raise ProtocolError(
            f"{path.parent}: the report is of protocol {found[:12]}, not of this one, {study.fingerprint[:12]}; run the"
            " study again with this protocol and version of the software"
        )
