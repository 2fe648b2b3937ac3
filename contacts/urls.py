"""URLs of the contact pages."""

from django.urls import URLPattern

app_name = "contacts"

urlpatterns: list[URLPattern] = []
