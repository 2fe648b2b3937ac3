"""URLs of the people and team pages."""

from django.urls import path

from users.views import calendars, leave, lookup, people, preferences, teams

app_name = "users"

urlpatterns = [
    path("", people.user_list, name="user_list"),
    path("new/", people.user_create, name="user_create"),
    path("<int:pk>/", people.user_detail, name="user_detail"),
    path("<int:pk>/edit/", people.user_update, name="user_update"),
    path("<int:pk>/deactivate/", people.user_deactivate, name="user_deactivate"),
    path("<int:pk>/reactivate/", people.user_reactivate, name="user_reactivate"),
    path("<int:pk>/password-link/", people.user_password_link, name="user_password_link"),
    path("teams/", teams.team_list, name="team_list"),
    path("teams/new/", teams.team_create, name="team_create"),
    path("teams/<int:pk>/", teams.team_detail, name="team_detail"),
    path("teams/<int:pk>/edit/", teams.team_update, name="team_update"),
    path("teams/<int:pk>/delete/", teams.team_delete, name="team_delete"),
    path("leave/", leave.leave_list, name="leave_list"),
    path("leave/new/", leave.leave_create, name="leave_create"),
    path("leave/<int:pk>/edit/", leave.leave_update, name="leave_update"),
    path("leave/<int:pk>/delete/", leave.leave_delete, name="leave_delete"),
    path("calendars/", calendars.calendar_list, name="calendar_list"),
    path("calendars/<str:country>/<int:year>/", calendars.calendar_year, name="calendar_year"),
    path("calendars/<str:country>/<int:year>/day/", calendars.calendar_day_set, name="calendar_day_set"),
    path("calendars/<str:country>/<int:year>/import/", calendars.calendar_import, name="calendar_import"),
    path("calendars/<str:country>/<int:year>/fill/", calendars.calendar_fill, name="calendar_fill"),
    path("calendars/<str:country>/<int:year>/confirm/", calendars.calendar_confirm, name="calendar_confirm"),
    path("calendars/days/<int:pk>/remove/", calendars.calendar_day_remove, name="calendar_day_remove"),
    path("lookup/", lookup.user_lookup, name="user_lookup"),
    path("teams/lookup/", lookup.team_lookup, name="team_lookup"),
    path("profile/", preferences.profile, name="profile"),
    path("language/", preferences.set_language, name="set_language"),
]
