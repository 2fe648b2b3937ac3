"""Reports about what customers answer."""

from django.utils.translation import gettext_lazy as _

from dashboards.reports.shipped.kinds import SATISFACTION, Shipped, across, by, count, measure, one_of, period

REPORTS = (
    Shipped(
        "satisfaction-by-manager",
        SATISFACTION,
        _("NPS and CSAT by manager"),
        _("What customers answered in the last 12 months, by account manager: net promoter score, share satisfied."),
        {
            "object": "answers",
            "filters": [period("date", "last_365_days"), one_of("measure", "nps", "csat")],
            "groups": by("manager"),
            "sums": [count(), measure("avg", "nps"), measure("share", "satisfied")],
            "sort": "sum:1",
            "chart": "bar",
        },
    ),
    Shipped(
        "satisfaction-by-tier",
        SATISFACTION,
        _("NPS and CSAT by tier"),
        _("Whether the most important customers are also the most satisfied ones."),
        {
            "object": "answers",
            "filters": [period("date", "last_365_days"), one_of("measure", "nps", "csat")],
            "groups": by("tier"),
            "sums": [count(), measure("avg", "nps"), measure("share", "satisfied")],
            "sort": "group",
            "chart": "bar",
        },
    ),
    Shipped(
        "response-rate",
        SATISFACTION,
        _("Response rate by campaign"),
        _("How many of those who were asked answered."),
        {
            "object": "invitations",
            "filters": [period("asked", "last_365_days")],
            "groups": by("campaign"),
            "sums": [count(), measure("share", "answered"), measure("distinct", "account")],
            "sort": "-sum:0",
            "chart": "bar",
        },
    ),
    Shipped(
        "follow-ups",
        SATISFACTION,
        _("Follow-ups open and late"),
        _("Whether the loop is closed: follow-ups of the last 12 months by owner, late, open and closed."),
        {
            "object": "follow_ups",
            "filters": [period("opened", "last_365_days")],
            "groups": by("owner"),
            "cross": across("state"),
            "sums": [count()],
            "sort": "-sum:0",
            "chart": "stacked",
        },
    ),
)
