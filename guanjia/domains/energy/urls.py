"""Paths of the department."""

from django.urls import URLPattern, path

from guanjia.domains.energy.acts import alarms as alarm_acts
from guanjia.domains.energy.acts import assessments as assessment_acts
from guanjia.domains.energy.acts import auditing as audit_acts
from guanjia.domains.energy.acts import doubts as doubt_acts
from guanjia.domains.energy.acts import filings as filing_acts
from guanjia.domains.energy.acts import institutions as institution_acts
from guanjia.domains.energy.acts import keys as key_acts
from guanjia.domains.energy.acts import meters as meter_acts
from guanjia.domains.energy.acts import publications as notice_acts
from guanjia.domains.energy.acts import quotas as quota_acts
from guanjia.domains.energy.acts import returns as return_acts
from guanjia.domains.energy.acts import sampling as sample_acts
from guanjia.domains.energy.acts import schemes as scheme_acts
from guanjia.domains.energy.acts import sites as site_acts
from guanjia.domains.energy.acts import targets as target_acts
from guanjia.domains.energy.acts import years as year_acts
from guanjia.domains.energy.pages import (
    analyses,
    assessments,
    auditing,
    filings,
    institutions,
    keys,
    meters,
    publications,
    quotas,
    returns,
    sampling,
    schemes,
    sites,
    targets,
    years,
)
from guanjia.domains.energy.registers.catalogue import REGISTERS
from guanjia.ui.acts import pages as acts
from guanjia.ui.registers import urls as registers

app_name = "energy"

urlpatterns: list[URLPattern] = [
    path("", years.overview, name="overview"),
    path("export/", years.overview_export, name="overview_export"),
    *acts.urls(year_acts.ACTS),
    path("institutions/<int:institution_id>/", institutions.institution, name="institution"),
    *acts.urls((*institution_acts.ACTS, *return_acts.ACTS, meter_acts.NEW, target_acts.FILE_IT)),
    path("institutions/<int:institution_id>/<str:month>/", returns.month, name="month"),
    path(
        "institutions/<int:institution_id>/<str:month>/fill/", returns.month_fill, name="month_fill"
    ),
    path("returns/<int:return_id>/", returns.month_return, name="month_return"),
    path("doubts/<int:doubt_id>/", returns.doubt, name="doubt"),
    *acts.urls(doubt_acts.ACTS),
    path("filings/progress/", filings.progress, name="progress"),
    path("filings/<int:filing_id>/", filings.filing, name="filing"),
    *acts.urls(filing_acts.ACTS),
    path("schemes/<int:scheme_id>/", schemes.scheme, name="scheme"),
    *acts.urls(scheme_acts.ACTS),
    path("assessments/<int:assessment_id>/", assessments.assessment, name="assessment"),
    *acts.urls(assessment_acts.ACTS),
    path(
        "assessments/<int:assessment_id>/<int:indicator_id>/",
        assessments.indicator,
        name="indicator",
    ),
    path("scores/<int:score_id>/", assessments.score, name="score"),
    path("appeals/<int:appeal_id>/", assessments.appeal, name="appeal"),
    # 表计
    path("meters/aside/", meters.meters_aside, name="meters_aside"),
    path("meters/<int:meter_id>/", meters.meter, name="meter"),
    *acts.urls(meter_acts.OF_METER),
    path("meter-notes/<int:note_id>/", meters.meter_note, name="meter_note"),
    path("alarms/<int:alarm_id>/", meters.alarm, name="alarm"),
    *acts.urls(alarm_acts.ACTS),
    # audits
    path("audits/due/", auditing.audits_due, name="audits_due"),
    *acts.urls(audit_acts.ACTS),
    path("audits/<int:audit_id>/", auditing.audit, name="audit"),
    # key users
    path("analyses/", analyses.key_users, name="key_users"),
    path("analyses/<int:analysis_id>/", analyses.analysis, name="analysis"),
    path(
        "analyses/draft/<int:institution_id>/<int:year>/",
        analyses.analysis_draft,
        name="analysis_draft",
    ),
    path(
        "analyses/draft/<int:institution_id>/<int:year>/word/",
        analyses.analysis_draft_word,
        name="analysis_draft_word",
    ),
    # what is published
    path("notices/", publications.notices, name="notices"),
    path("notices/<int:publication_id>/", publications.notice, name="notice"),
    *acts.urls(notice_acts.ACTS),
    path("public/", publications.public_list, name="public"),
    path("published/<str:code>/", publications.published, name="published"),
    path("published/<str:code>/sheet.xlsx", publications.published_sheet, name="published_sheet"),
    path("published/<str:code>/sheet.csv", publications.published_csv, name="published_csv"),
    path("targets/", targets.targets, name="targets"),
    path("targets/export/", targets.targets_export, name="targets_export"),
    *acts.urls((target_acts.BASELINE,)),
    path("targets/<int:target_id>/", targets.target, name="target"),
    path("quotas/", quotas.quotas, name="quotas"),
    *acts.urls(quota_acts.ACTS),
    path("quotas/<int:quota_id>/", quotas.quota_case, name="quota_case"),
    path("samples/", sampling.samples, name="samples"),
    *acts.urls(sample_acts.ACTS),
    path("samples/<int:sample_id>/", sampling.sample, name="sample"),
    path("samples/checks/<int:sample_check_id>/", sampling.sample_check, name="sample_check"),
    *acts.urls(site_acts.ACTS),
    path("sites/<int:site_id>/", sites.site, name="site"),
    path("sites/<int:site_id>/<str:month>/tell/", sites.site_tell, name="site_tell"),
    path("sites/months/<int:site_return_id>/", sites.site_return, name="site_return"),
    path("keys/", keys.keys, name="keys"),
    path("keys/give/", keys.key_give, name="key_give"),
    path("keys/<int:energy_key_id>/", keys.key, name="key"),
    *acts.urls(key_acts.ACTS),
    *(page for prefix, register in REGISTERS for page in registers.paths(register, prefix)),
]
