"""The record of processing says what the configuration says, and the one in docs/ is that of the shipped one."""

from pathlib import Path

from house import House
from typer.testing import CliRunner

from mailflow.cli import cli
from mailflow.record import text_of
from mailflow.settings import load

DOCS = Path(__file__).resolve().parents[1] / "docs" / "record-of-processing.md"


def test_the_shipped_record_is_that_of_the_shipped_configuration():
    """When it differs: mailflow record > docs/record-of-processing.md."""
    assert DOCS.read_text(encoding="utf-8") == text_of(load(None))


def test_every_field_recipient_and_term_of_a_configuration_is_in_it(house: House):
    """Also what its operator changed."""
    main = house.config / "mailflow.toml"
    main.write_text(main.read_text().replace("mails_months = 6", "mails_months = 3"))

    shown = CliRunner().invoke(cli, ["record", "--config", str(house.config)])

    settings = load(house.config)
    assert shown.exit_code == 0, shown.output
    assert "3 maanden na het einde van een dossier" in shown.output
    assert all(field.label.replace("|", "\\|") in shown.output for field in settings.rules.fields)
    assert all(one.address in shown.output for one in settings.rules.providers.values())
