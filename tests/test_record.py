"""The record of processing says what the configuration says, and the one in docs/ is that of the shipped one."""

from pathlib import Path

from house import House
from typer.testing import CliRunner

from mailflow.cli import cli
from mailflow.record import text_of
from mailflow.settings import load

DOCS = Path(__file__).resolve().parents[1] / "docs" / "record-of-processing.md"


def test_the_shipped_record_is_that_of_the_shipped_configuration():
    """Else it is written anew."""
    same = DOCS.read_text(encoding="utf-8") == text_of(load(None))

    assert same, "it differs: mailflow record > docs/record-of-processing.md"


def test_every_field_recipient_and_term_of_a_configuration_is_in_it(house: House):
    """Also what its operator changed."""
    main = house.config / "mailflow.toml"
    main.write_text(main.read_text().replace("mails_months = 6", "mails_months = 3"))

    shown = CliRunner().invoke(cli, ["record", "--config", str(house.config)])

    settings = load(house.config)
    rules = settings.rules
    assert all(clb.name in shown.output for clb in rules.clbs)
    assert all(domain in shown.output for clb in rules.clbs for domain in (*clb.domains, *clb.addresses))
    assert all(person in shown.output for person in rules.desk.people)
    assert shown.exit_code == 0, shown.output
    assert "3 maanden na het einde van een dossier" in shown.output
    assert all(field.label.replace("|", "\\|") in shown.output for field in settings.rules.fields)
    assert all(one.address in shown.output for one in settings.rules.providers.values())


ARTICLE_30 = (  # GDPR article 30(1), a to g, and what article 35(7) wants in a DPIA
    "Verwerkingsverantwoordelijke:", "Functionaris voor gegevensbescherming:", "Doel:", "Betrokkenen:", "## Welke gegevens",
    "## Ontvangers", "Doorgifte:", "## Hoe lang", "## Hoe het beveiligd is", "Rechtsgrond:",
    "## De verwerking", "## Noodzaak en evenredigheid", "## Risico's en maatregelen", "## Te beslissen",
)  # fmt: skip


def test_nothing_that_the_law_asks_for_is_left_out():
    """By heading; what only the controller knows is marked to be filled in."""
    shown = text_of(load(None))

    assert [one for one in ARTICLE_30 if one not in shown] == []
    assert "{" not in shown
    assert shown.count("vul aan") >= 5


def test_a_mailbox_a_form_service_and_another_database_are_in_it(house: House):
    """Who else holds the data follows from the configuration too."""
    main = house.config / "mailflow.toml"
    (house.config / "mailbox.password").write_text("geheim")
    (house.config / "mailbox.password").chmod(0o600)
    main.write_text(f'{main.read_text()}\n[[mailbox]]\nname = "post"\nhost = "imap.post.example"\nuser = "m"\npassword_file = "mailbox.password"\n')  # fmt: skip

    shown = text_of(load(house.config))

    assert "| mailbox post op imap.post.example |" in shown
    assert "geheim" not in shown
