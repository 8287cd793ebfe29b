"""All paths of the house."""

from django.conf import settings
from django.urls import include, path

from guanjia.config.api import api, docs
from guanjia.portal.pages import doors

if settings.DEMO:
    from guanjia.demo import accounts, departments

    doors.show_samples(lambda: (departments.accounts(), accounts.PASSWORD))

urlpatterns = [
    path("", include("guanjia.portal.urls")),
    path("fleet/", include("guanjia.domains.fleet.urls")),
    path("space/", include("guanjia.domains.space.urls")),
    path("meeting/", include("guanjia.domains.meeting.urls")),
    path("energy/", include("guanjia.domains.energy.urls")),
    path("report/", include("guanjia.domains.report.urls")),
    path("api/", docs, name="api_root"),
    path("api/docs", docs, name="api_docs"),
    path("api/", api.urls),
]

handler400 = "guanjia.ui.faults.bad_request"
handler403 = "guanjia.ui.faults.forbidden"
handler404 = "guanjia.ui.faults.not_found"
handler500 = "guanjia.ui.faults.server_error"
