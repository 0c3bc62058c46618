"""The meldpunt of the demo's school year: the real service without wires."""

from dataclasses import replace
from pathlib import Path

from mailflow.app import App, build
from mailflow.clock import StoppedClock
from mailflow.configuration.fingerprint import fingerprint
from mailflow.demo.office import MAIL_HOST
from mailflow.demo.year_events import STAND_IN
from mailflow.newcomer import init
from mailflow.reading.authentication.resolver import ZoneResolver
from mailflow.service import set_up_logs
from mailflow.settings import load


def house_of(folder: Path, clock: StoppedClock, courier: object) -> App:
    """The service on a fresh configuration in *folder*; its letters go to *courier*."""
    config = folder / "config"
    _furnish(config)
    settings = load(config)
    set_up_logs(replace(settings, log_level="error"))
    app = build(settings, clock, resolver=ZoneResolver)
    return replace(app, worker=replace(app.worker, courier=courier))  # type: ignore[arg-type]  # it delivers as a Courier does


def without(app: App, key: str) -> App:
    """The service ended and started again, after the operator took that provider out of the list."""
    app.close()
    rules, clock, courier = app.settings.rules, app.clock, app.worker.courier
    left = replace(rules, providers={name: one for name, one in rules.providers.items() if name != key})
    settings = replace(app.settings, rules=replace(left, fingerprint=fingerprint(left)))
    again = build(settings, clock, resolver=ZoneResolver)
    return replace(again, worker=replace(again.worker, courier=courier))


def _furnish(config: Path) -> None:
    init(config, {})
    main = config / "mailflow.toml"
    text = main.read_text(encoding="utf-8").replace('authserv_id = ""', f'authserv_id = "{MAIL_HOST}"')
    text = text.replace("own_hosts = []", f'own_hosts = ["{MAIL_HOST}"]').replace('level = "info"', 'level = "error"')
    text = text.replace('stand_in = ""', f'stand_in = "{STAND_IN.address}"')
    main.write_text(text, encoding="utf-8")
    clbs = config / "clbs.toml"
    contact = 'postcode = "3000"\nphone = "016 00 00 01"\ncontact = "onthaal@vclbleuven.be"'
    clbs.write_text(
        clbs.read_text(encoding="utf-8").replace('postcode = "3000"\nphone = ""', contact), encoding="utf-8"
    )
