"""URLs of the notifications."""

from django.urls import path

from notifications.views import inbox

app_name = "notifications"

urlpatterns = [
    path("", inbox.notification_list, name="notification_list"),
    path("unread/", inbox.unread_count, name="unread_count"),
    path("read/", inbox.notification_read_all, name="notification_read_all"),
    path("<int:pk>/", inbox.notification_open, name="notification_open"),
]
