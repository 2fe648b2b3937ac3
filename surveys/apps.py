"""Surveys: questionnaires, campaigns, answers, results, closing the loop."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from audit import wording


class SurveysConfig(AppConfig):
    name = "surveys"
    verbose_name = _("Surveys")

    def ready(self) -> None:
        from surveys.filters import audience  # noqa: F401, PLC0415  it makes itself known; it needs the models
        from surveys.history import say_rules  # noqa: PLC0415  likewise

        wording.register("survey_campaign.rules_changed", say_rules)
