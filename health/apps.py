"""Health: signals, score, churn model, alerts, playbooks and how good the warnings are."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class HealthConfig(AppConfig):
    name = "health"
    verbose_name = _("Health")

    def ready(self) -> None:
        autodiscover_modules("health_signals")
