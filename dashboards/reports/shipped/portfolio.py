"""Reports about the portfolio, who answers for it, and the people at customers."""

from django.utils.translation import gettext_lazy as _

from dashboards.reports.shipped.kinds import (
    PORTFOLIO,
    Shipped,
    across,
    by,
    count,
    measure,
    no,
    one_of,
    period,
    total,
    yes,
)

REPORTS = (
    Shipped(
        "tier-distribution",
        PORTFOLIO,
        _("Tiers: accounts and revenue"),
        _("How many accounts each tier has, and what share of the revenue they bring."),
        {
            "object": "accounts",
            "groups": by("tier"),
            "sums": [count(), total("revenue"), measure("part", "revenue"), measure("share", "covered")],
            "sort": "group",
            "chart": "bar",
        },
    ),
    Shipped(
        "tier-movements",
        PORTFOLIO,
        _("Movements between tiers"),
        _("From which tier to which accounts moved in the last 12 months."),
        {
            "object": "tier_changes",
            "filters": [period("since", "last_365_days"), one_of("movement", "first", "up", "down")],
            "groups": by("previous_tier"),
            "cross": across("new_tier"),
            "sums": [count()],
            "sort": "group",
            "chart": "stacked",
        },
    ),
    Shipped(
        "responsibility-gaps",
        PORTFOLIO,
        _("Accounts without deputy or sponsor"),
        _("A and B accounts that hang on one person of ours: no deputy, or for A accounts no executive sponsor."),
        {
            "object": "accounts",
            "columns": ["account", "tier", "manager", "responsibility", "revenue", "last_contact"],
            "filters": [one_of("responsibility", "both", "deputy", "sponsor"), one_of("status", "active")],
            "sort": "-revenue",
        },
    ),
    Shipped(
        "handovers",
        PORTFOLIO,
        _("Account handovers"),
        _("Accounts that changed hands in the last 12 months, by month and new manager."),
        {
            "object": "assignments",
            "filters": [period("from", "last_365_days"), yes("handover")],
            "groups": by("from/month", "assigned"),
            "sums": [count()],
            "sort": "-group",
            "chart": "bar",
        },
    ),
    Shipped(
        "without-decision-maker",
        PORTFOLIO,
        _("Accounts without a known decision maker"),
        _("Active accounts at which we know nobody who decides, the largest first."),
        {
            "object": "accounts",
            "columns": ["account", "tier", "manager", "people", "has_role", "revenue", "last_contact"],
            "filters": [no("has_decider"), one_of("status", "active")],
            "sort": "-revenue",
        },
    ),
    Shipped(
        "single-threaded",
        PORTFOLIO,
        _("Accounts that hang on one contact"),
        _("Active accounts of which we know at most one person: who leaves takes the relationship along."),
        {
            "object": "accounts",
            "columns": ["account", "tier", "manager", "people", "revenue", "last_contact"],
            "filters": [{"column": "people", "op": "between", "value": [None, 1]}, one_of("status", "active")],
            "sort": "-revenue",
        },
    ),
    Shipped(
        "birthdays",
        PORTFOLIO,
        _("Birthdays next month"),
        _("Contacts whose birthday, in the solar or the lunar calendar, falls in the next month."),
        {
            "object": "contacts",
            "columns": ["contact", "account", "position", "calendar", "birth_month", "birth_day", "keeper", "manager"],
            "filters": [yes("birthday_next_month"), yes("there")],
            "sort": "birth_day",
        },
    ),
)
