"""Reports about alerts and health."""

from django.utils.translation import gettext_lazy as _

from dashboards.reports.shipped.kinds import RISK, Shipped, across, by, count, measure, period, total

REPORTS = (
    Shipped(
        "alerts-by-reason",
        RISK,
        _("Alerts by reason and severity"),
        _("Why customers were in danger in the last 90 days, and how badly."),
        {
            "object": "alerts",
            "filters": [period("opened", "last_90_days")],
            "groups": by("reason"),
            "cross": across("severity"),
            "sums": [count()],
            "sort": "-sum:0",
            "chart": "stacked",
        },
    ),
    Shipped(
        "alert-outcomes",
        RISK,
        _("Alerts by reason and outcome"),
        _("How the alerts that were resolved in the last 12 months ended."),
        {
            "object": "alerts",
            "filters": [period("resolved", "last_365_days")],
            "groups": by("reason"),
            "cross": across("outcome"),
            "sums": [count()],
            "sort": "-sum:0",
            "chart": "stacked",
        },
    ),
    Shipped(
        "saved-and-lost",
        RISK,
        _("Alerts saved and lost by manager"),
        _("Of the alerts of the last 12 months that ended as saved or lost, the share that was saved."),
        {
            "object": "alerts",
            "filters": [
                period("resolved", "last_365_days"),
                {"column": "outcome", "op": "in", "value": ["saved", "lost"]},
            ],
            "groups": by("manager"),
            "sums": [count(), measure("share", "saved"), total("value_at_risk")],
            "sort": "-sum:0",
            "chart": "bar",
        },
    ),
    Shipped(
        "health-by-manager",
        RISK,
        _("Health bands by manager"),
        _("How many accounts of each manager are healthy, to be watched and at risk."),
        {
            "object": "accounts",
            "groups": by("manager"),
            "cross": across("health_band"),
            "sums": [count()],
            "sort": "-sum:0",
            "chart": "stacked",
        },
    ),
    Shipped(
        "value-at-risk",
        RISK,
        _("Value at risk by manager"),
        _("What would be lost if the customers in danger left, by account manager."),
        {
            "object": "accounts",
            "groups": by("team", "manager"),
            "sums": [count(), total("value_at_risk"), total("revenue"), measure("avg", "health_score")],
            "sort": "-sum:1",
            "chart": "bar",
        },
    ),
)
