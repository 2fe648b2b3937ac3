"""URLs of this app."""

from django.urls import URLPattern

app_name = "tiers"
urlpatterns: list[URLPattern] = []
