"""Paths of the front hall."""

from datetime import date

from django.urls import path, register_converter

from guanjia.portal.pages import (
    accounts,
    approvals,
    cases,
    channels,
    delegations,
    doors,
    files,
    halls,
    home,
    law,
    notices,
    people,
    pickers,
    routes,
    trail,
    units,
    vouchers,
    workdays,
)
from guanjia.portal.registers import PEOPLE, UNITS
from guanjia.portal.vouchers import VOUCHERS
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
    path("favicon.ico", doors.favicon, name="favicon"),
    path("pick/people/", pickers.people_pick, name="people_pick"),
    path("pick/units/", pickers.units_pick, name="units_pick"),
    *paths(UNITS, "units/"),
    path("units/<int:unit_id>/", units.unit, name="unit"),
    path("units/<int:unit_id>/<slug:act>/", units.reform, name="reform"),
    *paths(PEOPLE, "people/"),
    path("people/<int:person_id>/", people.person, name="person"),
    path("people/<int:person_id>/leave/", people.person_leave, name="person_leave"),
    path("people/<int:person_id>/back/", people.person_back, name="person_back"),
    path("people/<int:person_id>/posts/", people.hold_post, name="hold_post"),
    path("people/<int:person_id>/posts/<int:post_id>/leave/", people.leave_post, name="leave_post"),
    path("accounts/", accounts.accounts, name="accounts"),
    path("accounts/open/", accounts.open_account, name="open_account"),
    path("accounts/<int:account_id>/", accounts.account, name="account"),
    path("accounts/<int:account_id>/active/", accounts.set_active, name="set_active"),
    path("accounts/<int:account_id>/password/", accounts.reset_password, name="reset_password"),
    path("accounts/<int:account_id>/duties/", accounts.grant, name="grant"),
    path("accounts/<int:account_id>/duties/<int:grant_id>/revoke/", accounts.revoke, name="revoke"),
    path("approvals/", approvals.approvals, name="approvals"),
    path("approvals/agree/", approvals.agree_together, name="agree_together"),
    path("approvals/done/", approvals.approvals_done, name="approvals_done"),
    path("approvals/copies/", approvals.approvals_copies, name="approvals_copies"),
    path("approvals/copies/read/", approvals.read_copies, name="read_copies"),
    path("approvals/copies/<int:copy_id>/read/", approvals.read_copy, name="read_copy"),
    path("approvals/started/", approvals.approvals_started, name="approvals_started"),
    path("cases/<int:case_id>/", cases.case, name="case"),
    path("cases/<int:case_id>/agree/", cases.agree, name="case_agree"),
    path("cases/<int:case_id>/return/", cases.send_back, name="case_return"),
    path("cases/<int:case_id>/hand-over/", cases.hand_over, name="case_hand_over"),
    path("cases/<int:case_id>/add/", cases.add, name="case_add"),
    path("cases/<int:case_id>/remove/<int:seat_id>/", cases.remove, name="case_remove"),
    path("cases/<int:case_id>/copy/", cases.copy, name="case_copy"),
    path("cases/<int:case_id>/urge/", cases.urge, name="case_urge"),
    path("cases/<int:case_id>/stop/", cases.stop, name="case_stop"),
    path("cases/<int:case_id>/withdraw/", cases.withdraw, name="case_withdraw"),
    path("files/stage/", files.stage, name="file_stage"),
    path("files/<int:attachment_id>/", files.file, name="file"),
    path("files/<int:attachment_id>/discard/", files.discard, name="file_discard"),
    path("files/<int:attachment_id>/picture/", files.picture, name="file_picture"),
    path("files/<int:attachment_id>/remove/", files.remove, name="file_remove"),
    *paths(VOUCHERS, "vouchers/"),
    path("vouchers/<int:voucher_id>/", vouchers.voucher, name="voucher"),
    path("vouchers/<int:voucher_id>/docx/", vouchers.docx, name="voucher_docx"),
    path("vouchers/<int:voucher_id>/pdf/", vouchers.pdf, name="voucher_pdf"),
    path("vouchers/<int:voucher_id>/pdf/again/", vouchers.pdf_again, name="voucher_pdf_again"),
    path("vouchers/<int:voucher_id>/void/", vouchers.void, name="voucher_void"),
    path("v/", vouchers.check, name="check"),
    path("v/<str:code>/", vouchers.check, name="check_code"),
    path("audit/", trail.audit, name="audit"),
    path("audit/verify/", trail.verify, name="verify"),
    path("calendar/", workdays.calendar, name="calendar"),
    path("calendar/set/", workdays.set_day, name="set_day"),
    path("calendar/<day:day>/clear/", workdays.clear_day, name="clear_day"),
    path("notices/", notices.notices, name="notices"),
    path("notices/bell/", notices.bell, name="bell"),
    path("notices/read-all/", notices.read_all, name="notices_read_all"),
    path("notices/<int:notice_id>/open/", notices.notice_open, name="notice_open"),
    path("notices/channels/", channels.channels, name="channels"),
    path("notices/channels/<slug:kind>/", channels.channel, name="channel"),
    path("notices/channels/<slug:kind>/try/", channels.try_channel, name="try_channel"),
    path("notices/deliveries/", channels.deliveries, name="deliveries"),
    path("notices/deliveries/<int:delivery_id>/retry/", channels.retry, name="retry_delivery"),
    path("me/notices/", notices.wishes, name="me_notices"),
    path("routes/", routes.all_routes, name="routes"),
    path("routes/<str:key>/", routes.route, name="route"),
    path("routes/<str:key>/edit/", routes.edit, name="route_edit"),
    path("routes/<str:key>/replay/", routes.replay, name="route_replay"),
    path("routes/<str:key>/switch-on/", routes.switch_on, name="route_switch_on"),
    path("routes/<str:key>/drop/", routes.drop, name="route_drop"),
    path("routes/<str:key>/editions/<int:number>/", routes.edition, name="route_edition"),
    path("delegations/", delegations.all_delegations, name="delegations"),
    path("delegations/<int:delegation_id>/end/", delegations.end, name="delegation_end"),
    path("me/delegations/", delegations.mine, name="my_delegations"),
    path("law/", law.law, name="law"),
    path("law/<str:key>/", law.provision, name="provision"),
]
