"""Full for the school year ends with it: on 1 September nobody has to say so."""

from datetime import date

from house import FORM, NAFT, House

AGAIN = FORM.replace("Noor", "Lou").replace("12/03/2011", "02/02/2012")


def test_full_for_the_school_year_is_over_on_the_first_of_september(house: House):
    """On 31 August a referrer is still asked; a day later her referral simply leaves."""
    house.mail()
    house.at(2026, 10, 5, 9, 0)
    house.reply(house.letters(NAFT)[-1], "volzet, geldt voor alle aanmeldingen")
    house.later(minutes=20)
    full = [house.app.store.full_providers(day) for day in (date(2027, 8, 31), date(2027, 9, 1))]

    house.at(2027, 8, 31, 10, 0)
    house.mail(AGAIN)
    house.drain()
    asked = house.case("MSI-2027-0001").state
    house.at(2027, 9, 1, 10, 0)
    house.mail(AGAIN.replace("Lou", "Mats").replace("Voorbeeld", "Denkbeeld").replace("02/02/2012", "03/03/2012"))
    house.drain()

    assert full == [{"naft-vbo"}, frozenset()]
    assert (asked, house.case("MSI-2027-0002").state) == ("needs_info", "dispatched")
