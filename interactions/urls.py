"""URLs of the pages of interactions, visits, the contact policy and coverage."""

from django.urls import URLPattern

app_name = "interactions"

urlpatterns: list[URLPattern] = []
