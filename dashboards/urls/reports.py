"""Reports: the list, the builder, what comes with the product, files in the background, schedules."""

from __future__ import annotations

from django.urls import URLPattern, path

from dashboards.views import report_builder, report_runs, report_schedules, reports

urlpatterns: list[URLPattern] = [
    path("reports/", reports.report_list, name="report_list"),
    path("reports/new/", report_builder.report_create, name="report_create"),
    path("reports/shipped/<slug:code>/", reports.report_shipped, name="report_shipped"),
    path("reports/shipped/<slug:code>/rows/", reports.report_shipped_rows, name="report_shipped_rows"),
    path("reports/lookup/", report_builder.report_lookup, name="report_lookup"),
    path("reports/<int:pk>/", reports.report_detail, name="report_detail"),
    path("reports/<int:pk>/rows/", reports.report_rows, name="report_rows"),
    path("reports/<int:pk>/edit/", report_builder.report_update, name="report_update"),
    path("reports/<int:pk>/delete/", reports.report_delete, name="report_delete"),
    path("reports/files/", report_runs.report_run_list, name="report_run_list"),
    path("reports/files/new/", report_runs.report_run_create, name="report_run_create"),
    path("reports/files/<int:pk>/", report_runs.report_run_detail, name="report_run_detail"),
    path("reports/files/<int:pk>/file/", report_runs.report_run_file, name="report_run_file"),
    path("reports/<int:pk>/schedules/new/", report_schedules.report_schedule_create, name="report_schedule_create"),
    path("reports/schedules/<int:pk>/", report_schedules.report_schedule_update, name="report_schedule_update"),
    path("reports/schedules/<int:pk>/delete/", report_schedules.report_schedule_delete, name="report_schedule_delete"),
]
