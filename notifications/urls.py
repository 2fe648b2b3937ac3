"""URLs of the notifications."""

from django.urls import path

from notifications.views import administration, inbox, preferences, robots

app_name = "notifications"

urlpatterns = [
    path("", inbox.notification_list, name="notification_list"),
    path("unread/", inbox.unread_count, name="unread_count"),
    path("latest/", inbox.notification_latest, name="notification_latest"),
    path("read/", inbox.notification_read_all, name="notification_read_all"),
    path("<int:pk>/", inbox.notification_open, name="notification_open"),
    path("preferences/", preferences.preferences, name="preferences"),
    path("preferences/reset/", preferences.preferences_reset, name="preferences_reset"),
    path("robots/new/", robots.robot_create, name="robot_create"),
    path("robots/<int:pk>/", robots.robot_update, name="robot_update"),
    path("robots/<int:pk>/delete/", robots.robot_delete, name="robot_delete"),
    path("robots/<int:pk>/try/", robots.robot_try, name="robot_try"),
    path("robots/", robots.robot_list, name="robot_list"),
    path("robots/team/", robots.team_robot_create, name="team_robot_create"),
    path("defaults/", administration.rule_update, name="rule_update"),
    path("defaults/<str:role>/", administration.rule_update, name="rule_update"),
    path("defaults/<str:role>/reset/", administration.rule_reset, name="rule_reset"),
    path("deliveries/", administration.delivery_list, name="delivery_list"),
    path("deliveries/send/", administration.delivery_send_many, name="delivery_send_many"),
    path("deliveries/<int:pk>/send/", administration.delivery_send_again, name="delivery_send_again"),
]
