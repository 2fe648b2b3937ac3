"""URLs of the dashboards. My day itself is the home page."""

from django.urls import path
from django.views.generic import RedirectView

from dashboards.views import briefs, my_day

app_name = "dashboards"

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="home", query_string=True), name="my_day"),
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
