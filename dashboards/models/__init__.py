"""What the dashboards keep: reports, exports, sums that are counted every night, and what people agree on."""

from dashboards.models.company import AccountPurchases, CompanyCount, LineCell, MonthCell, TrendCell
from dashboards.models.exports import ExportJob
from dashboards.models.reports import Report, ReportMail, ReportRun, ReportSchedule
from dashboards.models.targets import Scorecard, ScorecardComment, ScorecardTarget

__all__ = [
    "AccountPurchases",
    "CompanyCount",
    "ExportJob",
    "LineCell",
    "MonthCell",
    "Report",
    "ReportMail",
    "ReportRun",
    "ReportSchedule",
    "Scorecard",
    "ScorecardComment",
    "ScorecardTarget",
    "TrendCell",
]
