"""Paths of the front hall."""

from datetime import date

from django.urls import path, register_converter

from guanjia.portal.pages import (
    accounts,
    doors,
    halls,
    home,
    law,
    people,
    pickers,
    trail,
    units,
    workdays,
)
from guanjia.portal.registers import PEOPLE, UNITS
from guanjia.ui.registers.urls import paths

app_name = "portal"


class DayConverter:
    """A day in an address: ``2020-05-20``."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        """Raises ``ValueError`` for a day that does not exist: 404."""
        return date.fromisoformat(value)

    def to_url(self, value: date) -> str:
        """As written."""
        return f"{value:%Y-%m-%d}"


register_converter(DayConverter, "day")

urlpatterns = [
    path("", home.home, name="home"),
    path("done/", home.done, name="done"),
    path("started/", home.started, name="started"),
    path("services/", halls.hall_of_services, name="services"),
    path("registers/", halls.hall_of_registers, name="registers"),
    path("me/", halls.me, name="me"),
    path("search/", halls.search, name="search"),
    path("sign-in/", doors.sign_in, name="sign_in"),
    path("sign-out/", doors.sign_out, name="sign_out"),
    path("me/password/", doors.password, name="password"),
    path("healthz", doors.health, name="health"),
    path("pick/people/", pickers.people_pick, name="people_pick"),
    path("pick/units/", pickers.units_pick, name="units_pick"),
    *paths(UNITS, "units/"),
    path("units/<int:unit_id>/", units.unit, name="unit"),
    path("units/<int:unit_id>/<slug:act>/", units.reform, name="reform"),
    *paths(PEOPLE, "people/"),
    path("people/<int:person_id>/", people.person, name="person"),
    path("people/<int:person_id>/posts/", people.hold_post, name="hold_post"),
    path("people/<int:person_id>/posts/<int:post_id>/leave/", people.leave_post, name="leave_post"),
    path("accounts/", accounts.accounts, name="accounts"),
    path("accounts/open/", accounts.open_account, name="open_account"),
    path("accounts/<int:account_id>/", accounts.account, name="account"),
    path("accounts/<int:account_id>/active/", accounts.set_active, name="set_active"),
    path("accounts/<int:account_id>/password/", accounts.reset_password, name="reset_password"),
    path("accounts/<int:account_id>/duties/", accounts.grant, name="grant"),
    path("accounts/<int:account_id>/duties/<int:grant_id>/revoke/", accounts.revoke, name="revoke"),
    path("audit/", trail.audit, name="audit"),
    path("audit/verify/", trail.verify, name="verify"),
    path("calendar/", workdays.calendar, name="calendar"),
    path("calendar/set/", workdays.set_day, name="set_day"),
    path("calendar/<day:day>/clear/", workdays.clear_day, name="clear_day"),
    path("law/", law.law, name="law"),
    path("law/<str:key>/", law.provision, name="provision"),
]
