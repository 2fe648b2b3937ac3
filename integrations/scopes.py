"""What an API token may be allowed to do: `<resource>:read` and `<resource>:write`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from users.models import User

RESOURCES: dict[str, str | Promise] = {
    "accounts": _("Accounts"),
    "assignments": _("Account managers and their history"),
    "members": _("Account teams"),
    "contacts": _("Contacts and their employments"),
    "interactions": _("Interactions and next steps"),
    "visits": _("Visits"),
    "policies": _("Contact and contract policies"),
    "coverage": _("Coverage"),
    "calendars": _("Working calendars"),
    "leave": _("Leave"),
    "teams": _("Teams"),
    "users": _("Users"),
    "products": _("Products and product lines"),
    "orders": _("Orders"),
    "rates": _("Exchange rates"),
    "contracts": _("Contracts, their versions and what is paid"),
    "surveys": _("Survey campaigns, invitations, answers and results"),
    "health": _("Health scores, alerts, playbooks and backtests"),
    "tiers": _("Tier policies, runs, proposals and history"),
    "exports": _("Exports of lists"),
    "approvals": _("Approvals and their rules"),
    "notifications": _("Notifications and how they are delivered"),
    "dashboards": _("Numbers of the cockpit and of the company"),
    "reports": _("Reports"),
    "scorecards": _("Manager scorecards"),
    "changes": _("The feed of changes"),
}
# Resources that the API only reads, and those that only who owns the company's policies may write.
READ_ONLY = frozenset({"changes", "coverage", "dashboards", "reports", "teams", "users"})
POLICY = frozenset({"calendars", "policies", "products", "rates"})

READ_SCOPES = [f"{name}:read" for name in RESOURCES]
WRITE_SCOPES = [f"{name}:write" for name in RESOURCES if name not in READ_ONLY]
SCOPES = READ_SCOPES + WRITE_SCOPES


def scopes_for(user: User) -> list[str]:
    """The scopes that a token of `user` may have: no more than what the user may do."""
    if user.owns_policies:
        return SCOPES
    return [scope for scope in SCOPES if not (scope.endswith(":write") and scope.split(":")[0] in POLICY)]
