"""Wiring of the workday calendar."""

from django.apps import AppConfig


class CalendarConfig(AppConfig):
    """Workdays, rest days, holidays and shifted days (工作日历)."""

    name = "guanjia.kernel.calendar"
    label = "workdays"
    verbose_name = "工作日历"
    default_auto_field = "django.db.models.BigAutoField"
