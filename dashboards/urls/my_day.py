"""My day (the home page itself) and the briefs."""

from __future__ import annotations

from django.urls import URLPattern, path

from dashboards.views import briefs, my_day

urlpatterns: list[URLPattern] = [
    path("", my_day.my_day, name="my_day"),
    path("agenda/", my_day.agenda_list, name="agenda_list"),
    path("portfolio/", my_day.portfolio_panel, name="portfolio_panel"),
    path("changes/", my_day.changes_panel, name="changes_panel"),
    path("changes/all/", my_day.change_list, name="change_list"),
    path("briefs.pdf", briefs.day_briefs_pdf, name="day_briefs_pdf"),
    path("visits/<int:pk>/brief/", briefs.visit_brief, name="visit_brief"),
    path("visits/<int:pk>/brief.pdf", briefs.visit_brief_pdf, name="visit_brief_pdf"),
    path("accounts/<int:pk>/brief/", briefs.account_brief, name="account_brief"),
    path("accounts/<int:pk>/brief.pdf", briefs.account_brief_pdf, name="account_brief_pdf"),
]
