"""Prints what the law asks of whoever keeps personal data: a record of processing, and the start of a DPIA."""

from typing import TYPE_CHECKING

import typer

from mailflow.terminal import ConfigOrShipped, settings_of

if TYPE_CHECKING:
    from mailflow.settings import Settings

commands = typer.Typer()
NAME = "_record.md.j2"


@commands.command()
def record(config: ConfigOrShipped = None) -> None:
    """Print the record of processing (GDPR article 30) and the text to start a DPIA with, from this configuration."""
    typer.echo(text_of(settings_of(config)), nl=False)


def text_of(settings: "Settings") -> str:
    """The document as Markdown, in Dutch: it holds the configuration and nobody's data."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 - only this command needs it

    from mailflow.shipped import shipped  # noqa: PLC0415 - as above

    environment = Environment(
        loader=FileSystemLoader([settings.templates, shipped("templates")]),  # a folder of before has none
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - Markdown for a person, from the operator's own configuration
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["cell"] = lambda text: str(text).replace("|", "\\|")
    rules = settings.rules
    return environment.get_template(NAME).render(
        desk=rules.desk,
        providers=[*rules.providers.values()],
        clbs=rules.clbs,
        fields=rules.fields,
        kept=rules.retention,
        way=settings.submission,
        mailboxes=settings.mailboxes,
        listener=settings.listener,
        database=settings.database,
        form_services=rules.form_services,
        brakes=rules.brakes,
        pause=int(rules.terms.pause.total_seconds()) // 60,
    )
