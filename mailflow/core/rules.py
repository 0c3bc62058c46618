"""What the configuration says, as the values that decisions are made by."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta

from mailflow.core.answer import Words
from mailflow.core.form_fields import Field
from mailflow.core.known_senders import Clb, FormService, Senders
from mailflow.core.neighbours import Neighbour
from mailflow.core.places import Place
from mailflow.core.provider import Provider
from mailflow.core.retention import Retention
from mailflow.core.thread import Seal
from mailflow.core.workdays import Calendar


@dataclass(frozen=True, kw_only=True)
class Desk:
    """The meldpunt itself."""

    name: str
    address: str
    """The one address that everybody mails."""
    phone: str
    workers: tuple[str, ...]
    """Full addresses of the meldpunt workers; the first gets the digest."""
    stand_in: str = ""
    """Gets digest and alarms too, and may order all that a worker may, once the workers are silent; "" nobody."""
    stand_in_after: int = 3
    """Opening days without a word of the workers, while something waits for them."""
    plus_addressing: bool = True
    """Whether the mail host delivers desk+anything@ to us."""
    logo: str = ""
    """The file of a picture (PNG) above each letter; "" none."""
    copy_at_end: bool = True
    """Whether the CLB worker gets a copy of each case that ended after a provider had it."""

    @property
    def people(self) -> tuple[str, ...]:
        """Whoever may order: the workers, and who stands in for them."""
        return (*self.workers, self.stand_in) if self.stand_in else self.workers

    def or_plain(self, sealed: str) -> str:
        """Where answers and bounces go: *sealed*, or our plain address where the mail host knows no other."""
        return sealed if self.plus_addressing else self.address

    @property
    def domain(self) -> str:
        """The domain of our address, lower case."""
        return self.address.lower().rpartition("@")[2]


@dataclass(frozen=True, kw_only=True)
class Terms:
    """How long may each promise take, in working days of the party waited for: agreements, not law."""

    contact_after_reminder: int = 5
    decision: int = 10
    keep: int = 10
    start: int = 20
    feedback: int = 10
    info: int = 3
    confirmation: int = 3
    clb: int = 3
    choice: int = 10
    wait: int = 5
    """So long a case waits that the desk lets wait without naming a day."""
    clarity: int = 3
    """Whoever was asked back is waited for so long; one day where a referral waits for it."""
    waitlist_review: timedelta = timedelta(weeks=4)
    pause: timedelta = timedelta(minutes=15)
    """What we understood from free text reaches the other party only after this, so that "oeps" works."""
    receipt: timedelta = timedelta(minutes=15)
    """A referrer without a confirmation after this phones the desk; it is told so in the letter."""


@dataclass(frozen=True, kw_only=True)
class Brakes:
    """How many letters a day at most: two machines must not keep each other going through us, nor flood the desk."""

    letters_a_day: int = 20
    """To one address about its cases; beyond it a person looks."""
    answers_a_day: int = 3
    """To an address that is no party."""
    talk_a_day: int = 4
    """That move nothing on one case: questions back, what was passed on, how it stands."""
    held_a_day: int = 3
    """To the desk about mail of one sender that waits for it; the digest names the rest."""
    held_in_all_a_day: int = 20
    """The same of everybody together: look-alikes change their address."""


# fmt: off
DANGER = (
    "zelfmoord*", "zelfdoding*", "suicid*", "uit het leven stappen", "een einde aan zijn leven",
    "een einde aan haar leven", "niet meer leven", "niet meer wil* leven", "niet meer verder wil* leven", "wil dood",
    "dood wil*", "zichzelf iets aandoen", "zelfverwond*", "zelfverminking", "automutilatie", "snijdt zich*",
    "snijdt in zijn", "snijdt in haar", "mishandel*", "misbruikt*", "seksueel misbruik", "verkracht*", "aanranding",
    "aangerand", "incest", "loverboy*", "tienerpooier*", "geweld", "gewelddadig*", "intrafamiliaal", "partnergeweld",
    "wordt geslagen", "slaat hem", "slaat haar", "doodsbedreiging*", "bedreigd met", "met een mes", "wapen*",
    "suicide*", "maltraitance", "violences", "viol", "abuse", "abused", "self-harm", "kill himself", "kill herself",
)
# fmt: on
HELP = (
    "112: dringende hulp, dag en nacht",
    "1813: Zelfmoordlijn, dag en nacht, ook via chat op zelfmoord1813.be",
    "1712: geweld, misbruik en kindermishandeling",
    "102: Awel, voor kinderen en jongeren",
)


@dataclass(frozen=True, kw_only=True)
class Crisis:
    """What is done about words that point to danger for somebody."""

    words: tuple[str, ...] = DANGER
    """Looked for in what people write; a star at the end stands for any ending."""
    numbers: tuple[str, ...] = HELP
    """Whom to phone, a line each."""
    letters_a_day: int = 20
    """To the desk about such words; the trace of each mail holds the rest."""


@dataclass(frozen=True, kw_only=True)
class ProofRules:
    """Which Authentication-Results fields are our own mail host's (RFC 8601)."""

    authserv_id: str = ""
    """Empty: none is trusted."""
    own_hosts: tuple[str, ...] = ()
    """Names in the `by` of Received fields that our own hosts write."""
    relays: tuple[str, ...] = ("127.0.0.1", "::1")
    """The addresses of our own mail host: only mail that comes from here can carry its results."""
    exchange_online: bool = False
    """Whether our mail host is Exchange Online, which writes its results without a name in front."""
    shared_domains: frozenset[str] = frozenset()
    """Domains where anybody can have an address: never remembered as a whole, lower case."""
    arc_sealers: tuple[str, ...] = ()
    """The domains of forwarders and lists whose seals we believe (RFC 8617)."""


@dataclass(frozen=True, kw_only=True)
class Rules:
    """Everything that decisions are made by."""

    desk: Desk
    calendar: Calendar
    clb_calendar: Calendar
    digest_at: time = time(8, 30)
    digest_again_at: time = time(13, 0)
    """A second digest of the day leaves then, if something that only the desk can decide came in since the first."""
    overview_on: int = 1
    """The weekday of the weekly overviews, Monday is 0."""
    overview_at: time = time(9, 0)
    figures_on: tuple[tuple[int, int], ...] = ((1, 15), (5, 15), (9, 15))
    """The months and days on which the figures are mailed to the desk."""
    survey_days: int = 10
    """Working days of a CLB from the survey to its one reminder."""
    next_year_on: tuple[int, int] = (6, 15)
    """The month and day from which each open waitlist is asked about the next school year."""
    terms: Terms = field(default_factory=Terms)
    brakes: Brakes = field(default_factory=Brakes)
    crisis: Crisis = field(default_factory=Crisis)
    retention: Retention = field(default_factory=Retention)
    clbs: tuple[Clb, ...] = ()
    form_services: tuple[FormService, ...] = ()
    neighbours: tuple[Neighbour, ...] = ()
    providers: Mapping[str, Provider]
    fields: tuple[Field, ...]
    places: tuple[Place, ...]
    worded: Callable[[], Words]
    """Gives what answers.toml says."""
    proof: ProofRules = field(default_factory=ProofRules)
    seal: Seal
    fingerprint: str = ""
    """A hash of everything that terms depend on: when it differs, open cases are looked at again."""

    @property
    def words(self) -> Words:
        """Which words mean what."""
        return self.worded()

    @property
    def senders(self) -> Senders:
        """Everybody whom these rules know."""
        return Senders(
            desk=frozenset(a.lower() for a in self.desk.people),
            clbs=self.clbs,
            providers=self.providers,
            form_services=self.form_services,
            own=frozenset({self.desk.address.lower()}),
            lists=frozenset(domain.lower() for domain in self.proof.arc_sealers),
        )

    def field(self, key: str) -> Field | None:
        """The form field of that key, or None."""
        return next((one for one in self.fields if one.key == key), None)
