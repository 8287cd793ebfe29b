"""Paths of the department."""

from django.urls import URLPattern, path

from guanjia.domains.fleet.pages import (
    board,
    board_acts,
    cars,
    drive,
    requests,
    trips,
    urgent,
)
from guanjia.domains.fleet.registers.cars import CARS, DRIVERS
from guanjia.domains.fleet.registers.trips import TRIPS
from guanjia.ui.registers import urls

app_name = "fleet"
urlpatterns: list[URLPattern] = [
    # asking for a car
    path("request/", requests.request, name="request"),
    path("request/check/", requests.check, name="request_check"),
    path("request/riders/", requests.riders, name="riders"),
    path("trips/<int:trip_id>/change/", requests.change, name="change"),
    path("trips/<int:trip_id>/paper/", requests.paper, name="paper"),
    # a trip
    path("trips/<int:trip_id>/", trips.trip, name="trip"),
    path("trips/<int:trip_id>/cancel/", trips.cancel, name="cancel"),
    path("trips/<int:trip_id>/recall/", trips.recall, name="recall"),
    path("trips/<int:trip_id>/replan/", trips.replan, name="replan"),
    path("trips/<int:trip_id>/rate/", trips.rate, name="rate"),
    path("trips/<int:trip_id>/correct/", trips.correct, name="correct"),
    path("trips/<int:trip_id>/explain/<int:remark_id>/", trips.explain, name="explain"),
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
    path("cars/<int:car_id>/", cars.car, name="car"),
    path("cars/<int:car_id>/state/", cars.car_state, name="car_state"),
    path("cars/<int:car_id>/amend/", cars.car_amend, name="car_amend"),
    path("cars/<int:car_id>/explain/<int:remark_id>/", cars.car_explain, name="car_explain"),
    path("drivers/<int:driver_id>/", cars.driver, name="driver"),
    path("drivers/<int:driver_id>/state/", cars.driver_state, name="driver_state"),
    path("drivers/<int:driver_id>/licence/", cars.driver_licence, name="driver_licence"),
    # the registers
    *urls.paths(TRIPS, "trips/"),
    *urls.paths(CARS, "cars/"),
    *urls.paths(DRIVERS, "drivers/"),
]
