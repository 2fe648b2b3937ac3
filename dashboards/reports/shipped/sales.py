"""Reports about revenue."""

from django.utils.translation import gettext_lazy as _

from dashboards.reports.shipped.kinds import SALES, Shipped, across, by, count, measure, one_of, period, total, yes

AGAINST = [total("revenue"), total("revenue_before"), total("revenue_difference"), measure("ratio", "revenue_change")]
ACCOUNT_COLUMNS = ["account", "tier", "manager", "revenue", "revenue_before", "revenue_difference", "last_order"]

REPORTS = (
    Shipped(
        "revenue-by-account",
        SALES,
        _("Revenue against last year by account"),
        _("Net revenue of the last 12 full months and of the 12 before, account by account."),
        {
            "object": "accounts",
            "groups": by("account"),
            "sums": AGAINST,
            "sort": "-sum:0",
            "limit": 100,
        },
    ),
    Shipped(
        "revenue-by-manager",
        SALES,
        _("Revenue against last year by manager"),
        _("Net revenue of the last 12 full months and of the 12 before, of the accounts that each manager has today."),
        {
            "object": "accounts",
            "groups": by("team", "manager"),
            "sums": [count(), *AGAINST],
            "sort": "-sum:1",
            "chart": "bar",
        },
    ),
    Shipped(
        "revenue-by-product-line",
        SALES,
        _("Revenue against last year by product line"),
        _("Which product lines grow and which decline: the last 12 full months against the 12 before."),
        {
            "object": "revenue",
            "filters": [period("month", "last_24_months")],
            "groups": by("product_line"),
            "sums": [
                total("net_now"),
                total("net_before"),
                measure("ratio", "net_change"),
                measure("distinct", "account"),
            ],
            "sort": "-sum:0",
            "chart": "bar",
        },
    ),
    Shipped(
        "revenue-by-month",
        SALES,
        _("Revenue by month and product line"),
        _("Net revenue of the last 24 full months; a year earlier is twelve lines up."),
        {
            "object": "revenue",
            "filters": [period("month", "last_24_months")],
            "groups": by("month/month"),
            "cross": across("product_line"),
            "sums": [total("net")],
            "sort": "group",
            "chart": "stacked",
        },
    ),
    Shipped(
        "top-growing",
        SALES,
        _("Top 50 growing accounts"),
        _("Where net revenue rose most against the 12 months before, in money."),
        {"object": "accounts", "columns": ACCOUNT_COLUMNS, "sort": "-revenue_difference", "limit": 50},
    ),
    Shipped(
        "top-declining",
        SALES,
        _("Top 50 declining accounts"),
        _("Where net revenue fell most against the 12 months before, in money."),
        {"object": "accounts", "columns": ACCOUNT_COLUMNS, "sort": "revenue_difference", "limit": 50},
    ),
    Shipped(
        "concentration",
        SALES,
        _("Concentration: the top 50 accounts"),
        _("How much of all revenue the largest accounts bring, one by one and added up."),
        {
            "object": "accounts",
            "groups": by("account"),
            "sums": [total("revenue"), measure("part", "revenue"), measure("running", "revenue")],
            "sort": "-sum:0",
            "limit": 50,
        },
    ),
    Shipped(
        "new-accounts",
        SALES,
        _("New accounts and first orders"),
        _("Accounts that ordered for the first time in the last 12 full months, by month and manager."),
        {
            "object": "accounts",
            "filters": [period("first_order", "last_12_months")],
            "groups": by("first_order/month", "manager"),
            "sums": [count(), total("revenue")],
            "sort": "group",
            "chart": "bar",
        },
    ),
    Shipped(
        "conversion",
        SALES,
        _("Conversion of prospects"),
        _("Of the accounts entered in the last 12 months, how many are no prospects any more, by source."),
        {
            "object": "accounts",
            "filters": [period("created", "last_365_days")],
            "groups": by("source"),
            "sums": [count(), measure("share", "converted"), total("revenue")],
            "sort": "-sum:0",
            "chart": "bar",
        },
    ),
    Shipped(
        "returns",
        SALES,
        _("Returns by product line"),
        _("What was returned in the last 12 full months, and its share of what was sold."),
        {
            "object": "revenue",
            "filters": [period("month", "last_12_months")],
            "groups": by("product_line"),
            "sums": [total("sales"), total("returns"), measure("ratio", "return_rate")],
            "sort": "-sum:1",
            "chart": "bar",
        },
    ),
    Shipped(
        "orders-by-manager",
        SALES,
        _("Orders by manager and quarter"),
        _("How many orders came in during this year and how much they are worth, by account manager."),
        {
            "object": "orders",
            "filters": [period("date", "this_year"), one_of("kind", "sale")],
            "groups": by("manager"),
            "cross": across("date/quarter"),
            "sums": [count(), total("amount")],
            "sort": "-sum:1",
            "chart": "stacked",
        },
    ),
    Shipped(
        "accounts-with-returns",
        SALES,
        _("Accounts with the most returns"),
        _("The 50 accounts that returned most in the last 12 full months."),
        {
            "object": "revenue",
            "filters": [period("month", "last_12_months"), yes("has_returns")],
            "groups": by("account"),
            "sums": [total("returns"), total("sales")],
            "sort": "-sum:0",
            "limit": 50,
        },
    ),
)
