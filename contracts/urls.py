"""Every address of contracts."""

from django.urls import path

app_name = "contracts"
urlpatterns: list = []
