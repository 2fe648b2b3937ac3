"""The cockpit and the parts that it loads."""

from __future__ import annotations

from django.urls import URLPattern, path

from dashboards.views import cockpit

urlpatterns: list[URLPattern] = [
    path("cockpit/", cockpit.cockpit, name="cockpit"),
    path("cockpit/now/", cockpit.cockpit_now, name="cockpit_now"),
    path("cockpit/more/", cockpit.cockpit_more, name="cockpit_more"),
    path("cockpit/charts/", cockpit.cockpit_charts, name="cockpit_charts"),
]
