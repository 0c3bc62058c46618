"""What may stand in clbs.toml and providers.toml: each key, its kind and its default."""

from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from mailflow.configuration.kinds import (
    Address,
    Addresses,
    Age,
    Days,
    Domain,
    Domains,
    Minutes,
    Name,
    Names,
    Phone,
    Postcode,
    Ranges,
    Required,
    Text,
    at_least_one,
    needed,
    one_of,
    wrong,
)
from mailflow.configuration.mistakes import Table


class ClbTable(Table):
    """[[clb]]: one CLB."""

    key: Annotated[Name, needed("clb-leuven")] = ""
    name: Required = ""
    network: Annotated[str, one_of("", "free", "go", "official")] = ""
    domains: Domains = Field(default_factory=list)
    subdomains: bool = False
    addresses: Addresses = Field(default_factory=list)
    postcode: Postcode = ""
    phone: Phone = ""
    contact: Address = ""
    schools: Names = Field(default_factory=list)
    municipalities: Names = Field(default_factory=list)


class FormServiceTable(Table):
    """[[form_service]]: a web form whose mails we read."""

    domain: Annotated[Domain, needed("formulier.example")] = ""
    name: Text = ""
    trusted_login: bool = False


class NeighbourTable(Table):
    """[[neighbour]]: the meldpunt of another region."""

    name: Required = ""
    address: Annotated[Address, needed("meldpunt@buur.example")] = ""
    phone: Phone = ""
    postcodes: Ranges = Field(default_factory=list)


class ProviderTable(Table):
    """[[provider]]: one provider; its calendar keys are read by calendars.py."""

    key: Annotated[Name, needed("naft-vbo")] = ""
    name: Required = ""
    address: Annotated[Address, needed("aanmelding@aanbieder.example")] = ""
    addresses: Addresses = Field(default_factory=list)
    stand_in: Address = ""
    domains: Domains = Field(default_factory=list)
    synonyms: Names = Field(default_factory=list)
    regions: Names = Field(default_factory=list)
    minimum_age: Age | None = None
    maximum_age: Age | None = None
    subjects: Annotated[list[Annotated[str, one_of("pupil", "school")]], at_least_one("pupil")] = Field(
        default_factory=["pupil"].copy
    )
    place: Text = ""
    about: Text = ""
    phone: Phone = ""
    contact_days: Days = 5
    round_table_by: Annotated[str, one_of("provider", "clb")] = "provider"
    invitation_minutes: Minutes = 0

    @field_validator("key")
    @classmethod
    def _is_no_answer(cls, key: str) -> str:
        if key == "none":
            raise wrong("none is what a form says for no preference", "Give this provider another key.")
        return key

    @field_validator("maximum_age")
    @classmethod
    def _not_below_the_minimum(cls, maximum: int | None, seen: ValidationInfo) -> int | None:
        minimum = seen.data.get("minimum_age")
        if maximum is not None and minimum is not None and maximum < minimum:
            raise wrong(f"{maximum} is below minimum_age {minimum}", "Turn them round, or leave one out.")
        return maximum
