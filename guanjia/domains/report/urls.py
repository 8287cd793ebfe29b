"""Paths of the report."""

from django.urls import path

from guanjia.domains.report import pages

app_name = "report"
urlpatterns = [
    path("", pages.report, name="report"),
    path("figures/<str:key>/", pages.figure, name="figure"),
]
