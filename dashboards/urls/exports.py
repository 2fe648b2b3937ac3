"""Exports of lists."""

from __future__ import annotations

from django.urls import URLPattern, path

from dashboards.views import exports

urlpatterns: list[URLPattern] = [
    path("exports/", exports.export_list, name="export_list"),
    path("exports/new/", exports.export_create, name="export_create"),
    path("exports/<int:pk>/", exports.export_detail, name="export_detail"),
    path("exports/<int:pk>/file/", exports.export_download, name="export_download"),
    path("exports/<int:pk>/cancel/", exports.export_cancel, name="export_cancel"),
]
