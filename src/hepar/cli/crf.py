"""Commands on case record forms: dictionaries to begin with, the check of an export, double entry, fetching."""

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..core.terminal import progress_shown

if TYPE_CHECKING:
    from ..api.crf import Checked

crf_app = typer.Typer(
    name="crf",
    help="Case record forms: begin one, check what was entered, follow the queries, compare two entries.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

Study = Annotated[str, typer.Argument(metavar="STUDY", help="A bundled dictionary by name (hepar crf list).")]
Dictionary = Annotated[
    str,
    typer.Argument(metavar="DICTIONARY", help="REDCap data dictionary (CSV), or a bundled one by name."),
]
Folder = Annotated[Path, typer.Option("-o", "--out", help="Folder that the files are written into.")]
MissingCodes = Annotated[
    list[str] | None,
    typer.Option(
        "--missing-code", help="A missing data code of the project, e.g. UNK; may be given several times."
    ),
]
Partial = Annotated[
    bool, typer.Option("--partial", help="The export holds some of the forms only; look at these.")
]


@crf_app.callback()
def crf() -> None:
    """Case record forms as REDCap has them."""


@crf_app.command("list")
def list_command() -> None:
    """List the dictionaries that come with hepar, with their forms."""
    from ..api.crf import dictionaries

    for one in dictionaries():
        typer.echo(f"{one.name}: {one.fields} fields in {len(one.forms)} forms: {', '.join(one.forms)}")


@crf_app.command("init")
def init_command(study: Study, out: Folder) -> None:
    """Write a bundled dictionary and its instructions, to be loaded into REDCap; never overwrites a file."""
    from ..api.crf import begin_forms

    for path in begin_forms(study, out=out):
        typer.echo(f"written: {path}")


@crf_app.command("check")
def check_command(
    dictionary: Dictionary,
    export: Annotated[Path, typer.Argument(metavar="EXPORT", help="Raw export of the project (CSV).")],
    out: Folder,
    missing_code: MissingCodes = None,
    event: Annotated[
        list[str] | None,
        typer.Option("--event", help="An event of the project; give all, and lines of others are found."),
    ] = None,
    today: Annotated[
        dt.datetime | None,
        typer.Option(
            "--today", formats=["%Y-%m-%d"], help="Day up to which dates are allowed; default: today."
        ),
    ] = None,
    images: Annotated[
        Path | None,
        typer.Option(
            "--images", help="Folder with a folder of DICOM for each participant, to hold forms against."
        ),
    ] = None,
    partial: Partial = False,
) -> None:
    """Find every violation in an export; keeps the answers in OUT/queries.csv; exit 1 where a query is open."""
    from ..api.crf import check_forms

    with progress_shown() as progress:
        checked = check_forms(
            dictionary,
            export,
            out=out,
            missing_codes=missing_code or (),
            events=event or (),
            partial=partial,
            today=today.date() if today else None,
            images=images,
            progress=progress,
        )
    _say_checked(checked)
    if checked.count("open"):
        raise typer.Exit(1)


def _say_checked(checked: "Checked") -> None:
    counts = ", ".join(f"{checked.count(state)} {state}" for state in ("open", "answered", "closed"))
    typer.echo(f"{'SIMULATED: ' if checked.simulated else ''}queries: {counts}")
    typer.echo(f"table, to be answered in: {checked.table}")
    typer.echo(f"page: {checked.page}")
    if checked.unasked:
        typer.echo(
            f"not asked whether these had to be filled in or are hidden: {', '.join(checked.unasked)} (their branching"
            " logic asks who looks, what day it is, or uses a function that hepar does not repeat)"
        )


@crf_app.command("compare")
def compare_command(
    dictionary: Dictionary,
    first: Annotated[Path, typer.Argument(metavar="FIRST", help="Raw export of the first entry (CSV).")],
    second: Annotated[Path, typer.Argument(metavar="SECOND", help="Raw export of the second entry (CSV).")],
    out: Folder,
    missing_code: MissingCodes = None,
    partial: Partial = False,
) -> None:
    """Compare two entries of the same forms, field by field; exit 1 where they differ."""
    from ..api.crf import compare_entries

    made = compare_entries(
        dictionary, first, second, out=out, missing_codes=missing_code or (), partial=partial
    )
    found = made.found
    mark = "SIMULATED: " if made.simulated else ""
    typer.echo(
        f"{mark}{found.different:,} of {found.compared:,} fields differ, {found.participants:,} participants"
    )
    if found.compared:
        rate = found.error_rate
        low, high = 10_000 * rate.low, 10_000 * rate.high
        typer.echo(
            f"differences in 10,000 fields: {10_000 * rate.value:.1f} (95% CI {low:.1f} to {high:.1f})"
        )
    typer.echo(
        f"in one entry only: {len(found.only_first):,} in the first, {len(found.only_second):,} in the second"
    )
    for path in (made.agreement, made.differences, made.page):
        typer.echo(f"written: {path}")
    if found.queries:
        raise typer.Exit(1)


@crf_app.command("example")
def example_command(
    dictionary: Dictionary,
    out: Annotated[Path, typer.Option("-o", "--out", help="The project: a new folder.")],
    participants: Annotated[int, typer.Option("--participants", min=1, help="How many.")] = 60,
    seed: Annotated[int, typer.Option("--seed", min=0, help="The same seed gives the same records.")] = 1,
) -> None:
    """Write SIMULATED records with known errors, and a second entry, to try check and compare on."""
    from ..api.crf import example_forms

    folder = example_forms(dictionary, out=out, participants=participants, seed=seed)
    typer.echo(
        f"SIMULATED: {participants} participants in {folder}; what is wrong with them: {folder / 'truth.csv'}"
    )


@crf_app.command("table")
def table_command(
    dictionary: Dictionary,
    export: Annotated[Path, typer.Argument(metavar="EXPORT", help="Raw export of the project (CSV).")],
    out: Annotated[Path, typer.Option("-o", "--out", help="The data of a study: a new folder.")],
    rows: Annotated[
        str, typer.Option("--rows", help="A repeated form: a row for each instance, e.g. for each lesion.")
    ] = "",
    missing_code: MissingCodes = None,
    partial: Partial = False,
) -> None:
    """Write an export as the table and data dictionary that a study's protocol reads."""
    from ..api.crf import study_data

    made = study_data(
        dictionary, export, out=out, rows=rows, missing_codes=missing_code or (), partial=partial
    )
    for why in dict.fromkeys(made.left_out.values()):
        names = [name for name, reason in made.left_out.items() if reason == why]
        typer.echo(f"left out: {', '.join(names)} ({why})")
    fields = len(made.document["fields"])
    rows_made = f"{made.rows:,} row{'' if made.rows == 1 else 's'}"
    typer.echo(f"{'SIMULATED: ' if made.document.get('simulated') else ''}{rows_made}, {fields} fields")
    typer.echo(f"for a protocol: data: {out / 'dictionary.yaml'}")


@crf_app.command("pull")
def pull_command(
    url: Annotated[str, typer.Argument(metavar="URL", help="Address of REDCap's API, https://.../api/.")],
    token_file: Annotated[Path, typer.Option("--token-file", help="File that holds the API token.")],
    out: Folder,
) -> None:
    """Fetch dictionary and records of a REDCap project; the token stays in its file."""
    from ..api.crf import pull_records

    pulled = pull_records(url, token_file=token_file, out=out)
    typer.echo(f"dictionary: {pulled.dictionary}")
    typer.echo(f"records: {pulled.records} ({pulled.lines:,} lines)")
    if pulled.missing_codes:
        typer.echo(
            f"missing data codes: {' '.join(f'--missing-code {code}' for code in pulled.missing_codes)}"
        )
