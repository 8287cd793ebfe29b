"""Paths of the department."""

from django.urls import URLPattern, path

from guanjia.domains.fleet.acts import archive as archive_acts
from guanjia.domains.fleet.acts import bills as bill_acts
from guanjia.domains.fleet.acts import cards as card_acts
from guanjia.domains.fleet.acts import costs as cost_acts
from guanjia.domains.fleet.acts import disposals as disposal_acts
from guanjia.domains.fleet.acts import incidents as incident_acts
from guanjia.domains.fleet.acts import keys as key_acts
from guanjia.domains.fleet.acts import lots as lot_acts
from guanjia.domains.fleet.acts import network as network_acts
from guanjia.domains.fleet.acts import orders as order_acts
from guanjia.domains.fleet.acts import oversight as oversight_acts
from guanjia.domains.fleet.acts import publications as publication_acts
from guanjia.domains.fleet.acts import purchases as purchase_acts
from guanjia.domains.fleet.acts import quotas as quota_acts
from guanjia.domains.fleet.acts import remarks as remark_acts
from guanjia.domains.fleet.acts import sealing as sealing_acts
from guanjia.domains.fleet.acts import trips as trip_acts
from guanjia.domains.fleet.acts import upkeep as upkeep_acts
from guanjia.domains.fleet.pages import (
    accounts,
    bills,
    board,
    board_acts,
    cards,
    cars,
    costs,
    dashboard,
    disposals,
    drive,
    fuel,
    incidents,
    keys,
    lots,
    monthly,
    network,
    orders,
    oversight,
    publications,
    purchases,
    quotas,
    requests,
    sealing,
    sightings,
    trips,
    upkeep,
    urgent,
    window,
)
from guanjia.domains.fleet.registers.catalogue import REGISTERS
from guanjia.ui.acts import pages as acts
from guanjia.ui.registers import urls

app_name = "fleet"
urlpatterns: list[URLPattern] = [
    *acts.urls(trip_acts.ACTS),
    *acts.urls(remark_acts.ACTS),
    # asking for a car
    path("request/", requests.request, name="request"),
    path("request/check/", requests.check, name="request_check"),
    path("request/riders/", requests.riders, name="riders"),
    path("trips/<int:trip_id>/change/", requests.change, name="change"),
    path("trips/<int:trip_id>/paper/", requests.paper, name="paper"),
    # a trip
    path("trips/<int:trip_id>/", trips.trip, name="trip"),
    # the dispatcher's board
    path("board/", board.board, name="board"),
    path("board/together/", board_acts.dispatch_together, name="dispatch_together"),
    path("board/urgent/", urgent.urgent, name="urgent"),
    path("board/<int:trip_id>/dispatch/", board_acts.dispatch, name="board_dispatch"),
    path("board/<int:trip_id>/recall/", board_acts.recall, name="board_recall"),
    path("board/<int:trip_id>/replan/", board_acts.replan, name="board_replan"),
    path("board/<int:trip_id>/share/", board_acts.share, name="board_share"),
    path("board/<int:trip_id>/cancel/", board_acts.cancel, name="board_cancel"),
    path("board/<int:trip_id>/depart/", board_acts.depart, name="board_depart"),
    path("board/<int:trip_id>/finish/", board_acts.finish, name="board_finish"),
    # the driver's day
    path("drive/", drive.drive, name="drive"),
    path("drive/<int:trip_id>/depart/", drive.depart, name="drive_depart"),
    path("drive/<int:trip_id>/finish/", drive.finish, name="drive_finish"),
    # a car, a driver
    *acts.urls(archive_acts.ACTS),
    path("cars/<int:car_id>/", cars.car, name="car"),
    path("drivers/<int:driver_id>/", cars.driver, name="driver"),
    # quotas
    path("quotas/", quotas.quotas, name="quotas"),
    *acts.urls(quota_acts.ACTS),
    path("quotas/units/<int:unit_id>/", quotas.quota_unit, name="quota_unit"),
    path("quotas/changes/<int:change_id>/", quotas.quota_change, name="quota_change"),
    # purchases
    path("purchases/", purchases.purchases, name="purchases"),
    *acts.urls(purchase_acts.ACTS),
    path("purchases/<int:purchase_id>/", purchases.purchase, name="purchase"),
    # one network
    path("network/", network.network, name="network"),
    *acts.urls(network_acts.ACTS),
    path("network/settings/", network.network_settings, name="network_settings"),
    path("network/changes/", network.network_changes, name="network_changes"),
    path("network/messages/", network.network_messages, name="network_messages"),
    path("network/messages/<int:message_id>/", network.network_message, name="network_message"),
    path("network/incoming/", network.network_incoming, name="network_incoming"),
    path("network/fields/", network.network_fields, name="network_fields"),
    path("network/keys/", keys.keys, name="network_keys"),
    path("network/keys/make/", keys.key_make, name="network_key_make"),
    path("network/keys/<int:key_id>/", keys.key, name="network_key"),
    *acts.urls(key_acts.ACTS),
    path("network/calls/", keys.calls, name="network_calls"),
    # looking in from outside, and over the whole
    path("window/", window.window_page, name="window"),
    path("dashboard/", dashboard.dashboard, name="dashboard"),
    path("dashboard/cars/", dashboard.dashboard_cars, name="dashboard_cars"),
    path("dashboard/findings/", dashboard.dashboard_findings, name="dashboard_findings"),
    # how cars end
    path("disposals/new/", disposals.new, name="disposal_new"),
    path("cars/<int:car_id>/dispose/", disposals.open_for, name="disposal_open"),
    path("disposals/<int:disposal_id>/", disposals.disposal, name="disposal"),
    *acts.urls(disposal_acts.ACTS),
    *acts.urls((*lot_acts.ACTS, lot_acts.TAKE_OUT)),
    path("lots/<int:lot_id>/", lots.lot, name="lot"),
    # running costs, cards, the sheets of others
    path("costs/statements/", costs.statements, name="statements"),
    *acts.urls(cost_acts.ACTS),
    path("costs/<int:cost_id>/", costs.cost, name="cost"),
    *acts.urls(card_acts.ACTS),
    path("cards/<int:card_id>/", cards.card, name="card"),
    path("cars/<int:car_id>/fuel/", fuel.car_fuel, name="car_fuel"),
    # bills
    path("bills/draw/", bills.draw, name="bill_draw"),
    *acts.urls(bill_acts.ACTS),
    path("bills/<int:bill_id>/", bills.bill, name="bill"),
    path("bills/<int:bill_id>/sheet.xlsx", bills.bill_sheet, name="bill_sheet"),
    # public notices
    path("publications/", publications.publications, name="publications"),
    *acts.urls(publication_acts.ACTS),
    path("publications/<int:publication_id>/", publications.publication, name="publication"),
    path(
        "publications/<int:publication_id>/rows/",
        publications.publication_rows,
        name="publication_rows",
    ),
    path("published/<str:code>/", publications.published, name="published"),
    path("published/<str:code>/sheet.xlsx", publications.published_sheet, name="published_sheet"),
    # oversight, and sealing over holidays
    path("oversight/", oversight.oversight, name="oversight"),
    path("oversight/lists/", monthly.monthly_lists, name="monthly_lists"),
    path("oversight/lists/<int:list_id>/", monthly.monthly_list, name="monthly_list"),
    path(
        "oversight/lists/<int:list_id>/excel/",
        monthly.monthly_list_excel,
        name="monthly_list_excel",
    ),
    path("oversight/<int:finding_id>/", oversight.finding, name="finding"),
    *acts.urls(oversight_acts.ACTS),
    path("sightings/new/", sightings.tell_sighting, name="tell_sighting"),
    path("sightings/<int:sighting_id>/", sightings.sighting, name="sighting"),
    path("sealing/", sealing.sealings, name="sealings"),
    path("sealing/plan/", sealing.sealing_plan, name="sealing_plan"),
    path("sealing/<int:sealing_id>/", sealing.sealing, name="sealing"),
    path("sealing/cars/<int:sealed_id>/", sealing.sealed_car, name="sealed_car"),
    *acts.urls((sealing_acts.CALL_OFF, *sealing_acts.ACTS)),
    # insurance, inspection, maintenance, offences; the account of each car
    path("upkeep/", upkeep.upkeep, name="upkeep"),
    *acts.urls(upkeep_acts.ACTS),
    path("plans/", upkeep.plans, name="plans"),
    *acts.urls(order_acts.ACTS),
    path("orders/<int:order_id>/", orders.order, name="order"),
    *acts.urls(incident_acts.ACTS),
    path("fines/<int:fine_id>/", incidents.fine, name="fine"),
    path("accidents/<int:accident_id>/", incidents.accident, name="accident"),
    path("accounts/", accounts.accounts, name="accounts"),
    path("accounts/export/", accounts.accounts_export, name="accounts_export"),
    # the registers
    *(page for prefix, register in REGISTERS for page in urls.paths(register, prefix)),
]
