"""The command that gives an installation new keys."""

import typer

from mailflow.patience import patience
from mailflow.screens import say
from mailflow.terminal import HERE, Config, audited, err, opened, out, stop

commands = typer.Typer()
keys = typer.Typer(help="The keys by which the database can be read.", no_args_is_help=True)
commands.add_typer(keys, name="keys")


@keys.command()
def rotate(config: Config = HERE) -> None:
    """Make new keys, and bring all that is kept under them. Stop the service first; ended half-way, it goes on."""
    from mailflow.holders import is_alive  # noqa: PLC0415 - a command loads only what it needs
    from mailflow.keys import rotate as make_new  # noqa: PLC0415 - as above
    from mailflow.storage.rotation import left, seal_anew  # noqa: PLC0415 - as above

    with opened(config) as app:
        if [one for one in app.leases.holders() if is_alive(one)]:
            stop("mailflow is running on this database: stop it first (systemctl stop mailflow), then try again")
        folder = app.settings.keys_folder
        if folder is None or not (folder / "data.key").is_file() or not (folder / "seal.key").is_file():
            stop("the keys stand in the environment: put a new one in front of each there, then run this again")
        under_way = left(app.database, app.vault) > 0
        audited(app, "keys rotate", "")
        if not under_way:
            make_new(folder, app.settings.keys)
    with opened(config) as app:  # with the new keys
        with patience(err, "Sealing under the new key") as told:
            count = seal_anew(app.database, app.vault, told)
        app.database.wipe()
        newest, *older = (key.id for key in app.settings.keys.data)
    say(out, f"{count} values are under the key {newest} now; copy the key files to where you keep them.")
    say(out, f"Older backups and letters still need {', '.join(older)}: take those lines out once none matters.")
