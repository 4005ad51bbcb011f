"""The application that commands join."""

import typer

app = typer.Typer(
    name="hepar",
    help="Liver-imaging AI studies, from protocol to report. Research software, not a medical device.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
