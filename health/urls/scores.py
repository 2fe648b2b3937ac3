"""Scores and profiles."""

from __future__ import annotations

from django.urls import URLPattern, path

from health.views import account_panel, distribution, profiles

urlpatterns: list[URLPattern] = [
    path("accounts/<int:account_pk>/", account_panel.account_panel, name="account_panel"),
    path("accounts/<int:account_pk>/attention/", account_panel.account_attention, name="account_attention"),
    path("distribution/", distribution.distribution, name="distribution"),
    path("distribution/accounts/", distribution.distribution_list, name="distribution_list"),
    path("migration/", distribution.migration, name="migration"),
    path("migration/accounts/", distribution.migration_list, name="migration_list"),
    path("profiles/", profiles.profile_list, name="profile_list"),
    path("profiles/new/", profiles.profile_create, name="profile_create"),
    path("profiles/<int:pk>/", profiles.profile_detail, name="profile_detail"),
    path("profiles/<int:pk>/edit/", profiles.profile_update, name="profile_update"),
    path("profiles/<int:pk>/delete/", profiles.profile_delete, name="profile_delete"),
    path("profiles/<int:pk>/move/", profiles.profile_move, name="profile_move"),
]
