"""The command that tries how one mail would be read."""

# ruff: noqa: FBT002, PLR0917 - typer makes each option from a parameter and its default
import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from mailflow.screens import as_json as print_json
from mailflow.screens import inspection, say
from mailflow.terminal import WRONG_USE, AsJson, ConfigOrShipped, err, out, settings_of, stop, tell_shipped


class Speaker(StrEnum):
    """Whose words a mail is taken for."""

    PROVIDER = "provider"
    REFERRER = "referrer"
    DESK = "desk"
    ANYONE = "anyone"


def inspect(
    file: Annotated[Path, typer.Argument(help="A mail as a file (.eml).")],
    role: Annotated[Speaker, typer.Option("--as", help="Whose words these are.")] = Speaker.ANYONE,
    config: ConfigOrShipped = None,
    as_json: AsJson = False,
    mail_from: Annotated[
        str, typer.Option(help="The envelope sender to judge it by; without it the From address.")
    ] = "",
    client_ip: Annotated[str, typer.Option(help="The IP address that it came from.")] = "127.0.0.1",
    authserv_id: Annotated[str, typer.Option(help="Trust the Authentication-Results of this mail host.")] = "",
    zone: Annotated[
        Path | None, typer.Option(help="The DNS to judge it by, a TOML file; without it no name exists.")
    ] = None,
) -> None:
    """Show how this mail would be read, and why. Touches nothing, and works without a folder of your own."""
    from mailflow.inspecting import has_header, no_mail, show  # noqa: PLC0415 - a command loads only what it needs: start-up stays quick

    _check_ip(client_ip)
    settings = settings_of(config)
    raw = _bytes_of(file, settings.limits.mail_bytes)
    found = show(
        raw,
        settings,
        role.value,
        mail_from=mail_from,
        client_ip=client_ip,
        authserv_id=authserv_id,
        zone=_zone_of(zone) if zone else None,
    )
    if as_json:
        print_json(found)
    elif why := no_mail(raw):
        say(out, f"{file} {why} (the verdict of a mail like it: {found['sender']['verdict']})")
    else:
        tell_shipped(config, "configuration")
        if not has_header(raw):
            say(err, f"{file} has no header (From, Date, Subject): it is read as a mail of nobody")
        inspection(out, found)


def _bytes_of(file: Path, limit: int) -> bytes:
    """What is in the file, up to one byte over the limit: the rest would be refused at the door."""
    if file.is_dir():
        stop(f"{file} is a folder: name a file that holds one mail", status=WRONG_USE)
    try:
        with file.open("rb") as mail_file:
            return mail_file.read(limit + 1)
    except OSError as fault:
        stop(f"{file} cannot be read: {fault.strerror}", status=WRONG_USE)


def _zone_of(file: Path) -> dict[str, Any]:
    """{"name": {"TXT": [...], "A": [...], "MX": [...]}}: each record a list of texts."""
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        why = fault.strerror if isinstance(fault, OSError) else fault
        stop(f"{file} cannot be read as a zone: {why}", status=WRONG_USE)
    for name, records in table.items():
        lists = records.values() if isinstance(records, dict) else [None]
        if not all(isinstance(one, list) and all(isinstance(text, str) for text in one) for one in lists):
            stop(f'{file}: {name} must hold lists of texts, such as TXT = ["v=spf1 -all"]', status=WRONG_USE)
    return table


def _check_ip(text: str) -> None:
    from ipaddress import ip_address  # noqa: PLC0415 - as above

    try:
        ip_address(text)
    except ValueError:
        stop(f"--client-ip takes an IP address, such as 192.0.2.1; not {text}", status=WRONG_USE)
