"""The pages of the dashboards, by noun."""

from dashboards.urls import cockpit, director, exports, my_day, reports, scorecards

app_name = "dashboards"
urlpatterns = [
    *my_day.urlpatterns,
    *cockpit.urlpatterns,
    *exports.urlpatterns,
    *reports.urlpatterns,
    *director.urlpatterns,
    *scorecards.urlpatterns,
]
