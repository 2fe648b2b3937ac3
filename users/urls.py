"""URLs of this app."""

from django.urls import URLPattern

app_name = "users"
urlpatterns: list[URLPattern] = []
