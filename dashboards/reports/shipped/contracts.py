"""Reports about contracts and what is owed."""

from django.utils.translation import gettext_lazy as _

from dashboards.reports.shipped.kinds import CONTRACTS, Shipped, across, by, count, measure, one_of, period, total, yes

REPORTS = (
    Shipped(
        "renewals-due",
        CONTRACTS,
        _("Renewals in the next 90 days"),
        _("Terms that end within 90 days and are not decided yet, the earliest first."),
        {
            "object": "renewals",
            "columns": ["term_end", "notice", "contract", "account", "tier", "manager", "value"],
            "filters": [period("term_end", "next_90_days"), one_of("outcome", "open")],
            "sort": "term_end",
        },
    ),
    Shipped(
        "renewal-rate",
        CONTRACTS,
        _("Renewal rate by manager"),
        _("Of the renewals decided in the last 12 months, the share that was renewed, by number and by value."),
        {
            "object": "renewals",
            "filters": [period("decided", "last_365_days")],
            "groups": by("manager"),
            "sums": [
                count(),
                measure("share", "renewed"),
                total("decided_value"),
                total("renewed_value"),
                measure("ratio", "value_rate"),
            ],
            "sort": "sum:1",
            "chart": "bar",
        },
    ),
    Shipped(
        "contracts-by-state",
        CONTRACTS,
        _("Contracts by state"),
        _("How many contracts are in which state, and what they are worth."),
        {
            "object": "contracts",
            "groups": by("state"),
            "sums": [count(), total("net"), total("received")],
            "sort": "group",
            "chart": "bar",
        },
    ),
    Shipped(
        "ageing",
        CONTRACTS,
        _("Ageing of open instalments"),
        _("What is still to be paid, by how long it is overdue, for each manager."),
        {
            "object": "instalments",
            "filters": [yes("is_open")],
            "groups": by("manager"),
            "cross": across("age"),
            "sums": [total("open")],
            "sort": "-sum:0",
            "chart": "stacked",
        },
    ),
    Shipped(
        "overdue-receivables",
        CONTRACTS,
        _("Overdue receivables by manager"),
        _("Instalments that should have been paid: how many, how much, and for how long at most."),
        {
            "object": "instalments",
            "filters": [yes("overdue")],
            "groups": by("manager"),
            "sums": [count(), total("overdue_amount"), measure("max", "days_overdue")],
            "sort": "-sum:1",
            "chart": "bar",
        },
    ),
    Shipped(
        "receipts-by-month",
        CONTRACTS,
        _("Receipts by month"),
        _("What came in less what went back, month by month over a year."),
        {
            "object": "receipts",
            "filters": [period("date", "last_12_months")],
            "groups": by("date/month"),
            "sums": [count(), total("received")],
            "sort": "group",
            "chart": "bar",
        },
    ),
)
