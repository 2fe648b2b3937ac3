"""Manager scorecards (评估与考核)."""

from __future__ import annotations

from django.urls import URLPattern, path

from dashboards.views import scorecards

urlpatterns: list[URLPattern] = [
    path("scorecards/", scorecards.scorecard_list, name="scorecard_list"),
    path("scorecards/new/", scorecards.scorecard_create, name="scorecard_create"),
    path("scorecards/<int:pk>/", scorecards.scorecard_detail, name="scorecard_detail"),
    path("scorecards/<int:pk>/targets/", scorecards.scorecard_update, name="scorecard_update"),
    path("scorecards/<int:pk>/compute/", scorecards.scorecard_compute, name="scorecard_compute"),
    path("scorecards/<int:pk>/comment/", scorecards.scorecard_comment, name="scorecard_comment"),
    path("scorecards/<int:pk>/sign/", scorecards.scorecard_sign, name="scorecard_sign"),
    path("scorecards/<int:pk>/reopen/", scorecards.scorecard_reopen, name="scorecard_reopen"),
]
