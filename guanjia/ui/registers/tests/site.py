"""A site with one register, for the tests of its pages and operations."""

from django.urls import include, path
from ninja import NinjaAPI

from guanjia.kernel.registers.tests.people import PEOPLE
from guanjia.ui.registers import api as register_api
from guanjia.ui.registers import urls

api = NinjaAPI(urls_namespace="tests-api")
api.add_router("/people", register_api.router(PEOPLE))

urlpatterns = [
    path("people/", include((urls.paths(PEOPLE, ""), "tests"), namespace="tests")),
    path("api/", api.urls),
]
