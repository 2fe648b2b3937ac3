"""The reports that come with the product, in the order of their page."""

from dashboards.reports.shipped import contact, contracts, portfolio, risk, sales, satisfaction
from dashboards.reports.shipped.kinds import THEMES, Shipped

SHIPPED: dict[str, Shipped] = {
    report.code: report
    for module in (contact, sales, portfolio, contracts, satisfaction, risk)
    for report in module.REPORTS
}

__all__ = ["SHIPPED", "THEMES", "Shipped"]
