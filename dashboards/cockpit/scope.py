"""What the cockpit is about: whose accounts, in which period; and the lists that its numbers open."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.utils.http import urlencode

from accounts.filters import NO_TIER, AccountFilter
from accounts.models import Account
from approvals.filters import RequestFilter
from approvals.models import ApprovalRequest
from contracts.forms.money import AgeingFilter, InstalmentListFilter
from contracts.forms.renewals import NOT_YET, RateFilter, RenewalFilter, RenewalListFilter, WaitingFilter
from contracts.models import Contract, Instalment, Renewal
from contracts.pipeline import horizon
from contracts.retention import Period
from health.filters import AlertFilter, AlertInboxFilter, RiskListFilter
from health.filters_scores import MoveFilter, ScoreFilter
from health.models import AccountHealth, Alert
from interactions.filters.visits import VisitFilter, VisitListFilter
from interactions.models import Visit
from orders.models import ProductLine
from surveys.filters.clients import ClientResponseFilter, InvitationFilter
from surveys.filters.follow_ups import FollowUpFilter, FollowUpListFilter
from surveys.filters.responses import ResponseFilter
from surveys.models import FollowUp, Invitation, Response
from users.models import Team, User

OWN = {"tier": "tier", "team": "team", "manager": "manager", "region": "region"}
"""Cockpit's filter -> the list's, where it is about the account."""
ABOUT = {"tier": "account_tier", "team": "account_team", "manager": "account_manager", "region": "account_region"}
TIERED = ABOUT | {"tier": "tier"}


@dataclass(frozen=True)
class Scope:
    """The accounts of a team (with the teams below it) or a manager, of a tier and region, that buy a product line, as
    far as the viewer sees them. Nothing of these: all that they see. Days are the reader's."""

    viewer: User
    now: dt.datetime
    today: dt.date
    period: Period
    team: Team | None = None
    manager: User | None = None
    tier: str = ""
    region: str = ""
    line: ProductLine | None = None
    narrowed: dict[tuple[Any, str], QuerySet[Any]] = field(default_factory=dict, init=False, repr=False, compare=False)
    """What lists have been asked for already: tiles that count the same rows share their query."""

    @property
    def until(self) -> dt.date:
        """The last day of the period that has begun."""
        return min(self.period.last, self.today)

    def of_manager(self, pk: int) -> Scope:
        """Of these accounts those of one manager."""
        return replace(self, team=None, manager=User(pk=pk))

    @property
    def account_tier(self) -> str:
        """As accounts have it: nothing for none."""
        return "" if self.tier == NO_TIER else self.tier

    @property
    def team_has_people(self) -> bool:
        """Whether anybody is in the team or in one below it."""
        return self.team is not None and User.objects.filter(team__path__startswith=self.team.path).exists()

    def query(self, names: Mapping[str, str]) -> dict[str, str]:
        """The same accounts, as a list's filters say it."""
        chosen = {
            "team": str(self.team.pk) if self.team else "",
            "manager": str(self.manager.pk) if self.manager else "",
            "tier": self.tier,
            "region": self.region,
        }
        found = {names[name]: value for name, value in chosen.items() if value and name in names}
        return found | ({"product_line": str(self.line.pk)} if self.line and names else {})

    def rows(self, names: Mapping[str, str]) -> dict[str, Any]:
        """A list's filter -> the row that is meant by it, where it means one."""
        known: dict[Any, Any] = {names.get("team"): self.team, names.get("manager"): self.manager}
        known |= {"product_line": self.line} if names else {}
        return {name: row for name, row in known.items() if name and row is not None}


class Known(forms.Field):
    """A choice among rows that was looked up before: what is chosen is this one."""

    def __init__(self, row: Any) -> None:
        super().__init__(required=False)
        self.row = row

    def to_python(self, value: Any) -> Any:
        return self.row if value else None


@dataclass(frozen=True)
class RowList:
    """A list on a page, and the same rows in the API: `page` and `endpoint` name their routes, `names` and `api_names`
    the filters that say which accounts. `always` and `api_always` are asked for with every number, because the list
    leaves something out otherwise."""

    page: str
    rows: Callable[[Scope], QuerySet[Any]]
    filters: type[Any]
    names: Mapping[str, str]
    endpoint: str = ""
    api_filters: type[Any] | None = None
    always: Mapping[str, str] | None = None

    def url(self, scope: Scope, query: Mapping[str, Any]) -> str:
        """The page with just the rows of a number."""
        return f"{reverse(self.page)}?{self._text(scope, query)}".rstrip("?")

    def api_query(self, scope: Scope, query: Mapping[str, Any]) -> str:
        """The same for the endpoint."""
        return self._text(scope, query, api=True)

    def _text(self, scope: Scope, query: Mapping[str, Any], *, api: bool = False) -> str:
        always = {} if api else dict(self.always or {})
        return urlencode({**scope.query(self.names), **always, **query}, doseq=True)

    def found(self, scope: Scope, **query: Any) -> Any:
        """The list's own FilterSet, asked for the rows of the scope: what counts here is what the list shows."""
        request = SimpleNamespace(user=scope.viewer)
        found = self.filters(
            MultiValueDict(parse_qs(self._text(scope, query))), queryset=self.rows(scope), request=request
        )
        for name, row in scope.rows(self.names).items():
            found.form.fields[name] = Known(row)
        found.form.is_valid()
        return found

    def of(self, scope: Scope, **query: Any) -> QuerySet[Any]:
        """The rows of the scope, without an order."""
        key = self.filters, self._text(scope, query)
        if key not in scope.narrowed:
            found = self.found(scope, **query)
            rows = found.in_tab if isinstance(found, AlertInboxFilter) else found.qs
            scope.narrowed[key] = rows.order_by()
        return scope.narrowed[key].all()


def _accounts(scope: Scope) -> QuerySet[Any]:
    return Account.objects.visible_to(scope.viewer).filter(summary__isnull=False)


ACCOUNTS = RowList("accounts:account_list", _accounts, AccountFilter, OWN, "api:account-list", AccountFilter)
MOVES = RowList("health:migration_list", _accounts, MoveFilter, OWN)
RISKS = RowList(
    "health:risk_list", lambda scope: AccountHealth.objects.visible_to(scope.viewer), RiskListFilter, OWN,
    "api:health-score-list", ScoreFilter,
)  # fmt: skip
ALERTS = RowList(
    "health:alert_list", lambda scope: Alert.objects.visible_to(scope.viewer), AlertInboxFilter, TIERED,
    "api:health-alert-list", AlertFilter, {"scope": "all", "state": "active"},
)  # fmt: skip
VISITS = RowList(
    "interactions:visit_list", lambda scope: Visit.objects.visible_to(scope.viewer), VisitListFilter, ABOUT,
    "api:visit-list", VisitFilter,
)  # fmt: skip
RENEWALS = RowList(
    "contracts:renewal_list", lambda scope: Renewal.objects.visible_to(scope.viewer), RenewalListFilter, OWN,
    "api:renewal-list", RenewalFilter,
)  # fmt: skip
WAITING = RowList(
    "contracts:renewal_list",
    lambda scope: Contract.objects.visible_to(scope.viewer).waiting_for_renewal(scope.today, horizon(scope.today)),
    WaitingFilter, OWN, always={"opened": NOT_YET},
)  # fmt: skip
RETAINED = RowList(
    "contracts:renewal_rate_accounts", lambda scope: Contract.objects.visible_to(scope.viewer), RateFilter, OWN
)
INSTALMENTS = RowList(
    "contracts:ageing", lambda scope: Instalment.objects.visible_to(scope.viewer).open(), AgeingFilter, OWN,
    "api:instalment-list", InstalmentListFilter,
)  # fmt: skip
RESPONSES = RowList(
    "surveys:response_list", lambda scope: Response.objects.visible_to(scope.viewer).complete(), ResponseFilter, ABOUT,
    "api:survey-response-list", ClientResponseFilter,
)  # fmt: skip
INVITATIONS = RowList(
    "surveys:invitation_list", lambda scope: Invitation.objects.visible_to(scope.viewer), InvitationFilter, ABOUT,
    "api:survey-invitation-list", InvitationFilter,
)  # fmt: skip
FOLLOW_UPS = RowList(
    "surveys:follow_up_list", lambda scope: FollowUp.objects.visible_to(scope.viewer), FollowUpListFilter, TIERED,
    "api:survey-follow-up-list", FollowUpFilter,
)  # fmt: skip
APPROVALS = RowList(
    "approvals:request_list",
    lambda scope: ApprovalRequest.objects.visible_to(scope.viewer).to_decide(scope.viewer, scope.today),
    RequestFilter, {}, "api:approval-list", RequestFilter,
)  # fmt: skip
