"""URLs of the people and team pages."""

from django.urls import path

from users.views import lookup, people, preferences, teams

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
    path("lookup/", lookup.user_lookup, name="user_lookup"),
    path("teams/lookup/", lookup.team_lookup, name="team_lookup"),
    path("profile/", preferences.profile, name="profile"),
    path("language/", preferences.set_language, name="set_language"),
]
