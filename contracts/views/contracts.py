"""Contracts: the list, one contract, its lines, two versions side by side, the tab of an account."""

from __future__ import annotations

import difflib
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from accounts import pages as account_pages
from approvals.choices import Subject
from approvals.desk import Round
from approvals.pages import history_of_rows
from contracts import pages, services
from contracts.choices import State, VersionStatus
from contracts.difference import Change, Difference
from contracts.filters import CONTRACT_DEFAULT_SORT, CONTRACT_SORTS, ContractFilter
from contracts.models import Contract, ContractVersion, Instalment
from core.forms import scope_form
from core.http import UserRequest, is_fragment, panel
from core.paging import Sort, bounded_count, keyset_page

LINES_SHOWN, ENTRIES_SHOWN, VERSIONS_SHOWN = 50, 30, 100
CHANGES_SHOWN, SAME_SHOWN, TEXT_LINES = 500, 30, 500
ENDED = (State.EXPIRED, State.RENEWED, State.TERMINATED, State.DISCARDED)


@require_GET
def contract_list(request: UserRequest) -> HttpResponse:
    """The contracts of the accounts that the user sees, the newest first unless asked otherwise."""
    context = _list_context(request, Contract.objects.visible_to(request.user))
    return render(request, panel(request, "contracts/contract_list.html", "rows"), context)


@require_GET
def contract_sums(request: UserRequest) -> HttpResponse:
    """The sums of a list that is too long to add up while one waits for it."""
    found = ContractFilter(request.GET, queryset=Contract.objects.visible_to(request.user))
    scope_form(found.form, request.user)
    return render(request, "contracts/contract_sums.html", {"sums": _sums(found.qs)})


@require_GET
def contract_detail(request: UserRequest, pk: int) -> HttpResponse:
    """One contract: what it says, what is to be done, what happened."""
    contract = pages.get_contract(request.user, pk)
    versions = list(
        ContractVersion.objects.visible_to(request.user)
        .filter(contract=contract)
        .select_related("author")[:VERSIONS_SHOWN]
    )
    at_work = next((version for version in versions if version.status in pages.AT_WORK), None)
    rounds = _rounds(contract, versions)
    lines = list(_lines(contract.version)[: LINES_SHOWN + 1])
    context = {
        "contract": contract,
        "versions": versions,
        "before": _before(versions),
        "at_work": at_work,
        "amendment": at_work if at_work and at_work.number > 1 else None,
        "lines": lines[:LINES_SHOWN],
        "more_lines": len(lines) > LINES_SHOWN,
        "signatories": pages.signatories_of(contract.version),
        "rounds": rounds,
        "pending": next((row.request for row in rounds if row.request.is_pending), None),
        "may_decide": contract.may_edit and services.may_decide(contract, request.user),
        "entries": pages.of_contract(contract).with_names(request.user)[:ENTRIES_SHOWN],
        "today": timezone.localdate(),
    }
    return render(request, "contracts/contract_detail.html", context)


@require_GET
def contract_lines(request: UserRequest, pk: int) -> HttpResponse:
    """All lines of a version, page by page."""
    contract = pages.get_contract(request.user, pk)
    version = _asked_version(contract, request.GET.get("version", "")) or contract.version
    lines = _lines(version).order_by()
    page = keyset_page(lines, Sort("position"), request.GET.get("cursor"))
    context = {"contract": contract, "version": version, "page": page, "count": bounded_count(lines)}
    return render(request, panel(request, "contracts/contract_lines.html", "rows"), context)


@require_GET
def contract_compare(request: UserRequest, pk: int) -> HttpResponse:
    """Two versions side by side: the newest beside the one before unless the address names others."""
    contract = pages.get_contract(request.user, pk)
    versions = list(contract.versions.exclude(status=VersionStatus.DISCARDED)[:VERSIONS_SHOWN])
    old, new = _asked_pair(contract, versions, request)
    found = services.compare_versions(old, new) if old and new else Difference()
    context = {
        "contract": contract,
        "versions": versions,
        "old": old,
        "new": new,
        "found": found,
        "lines": _rows(found.lines),
        "instalments": _rows(found.instalments),
        "signatories": _rows(found.signatories),
        "terms": _text_changes(old.terms, new.terms) if old and new else [],
        "limit": CHANGES_SHOWN,
    }
    return render(request, "contracts/contract_compare.html", context)


@require_GET
def account_panel(request: UserRequest, account_pk: int) -> HttpResponse:
    """The contracts tab of an account: what is owed, what ends next, the list."""
    account = account_pages.get_account(request.user, account_pk)
    contracts = Contract.objects.visible_to(request.user).filter(account=account)
    context = {**_list_context(request, contracts), "account": account, "active_tab": "contracts"}
    if request.headers.get("HX-Target") == "rows":
        return render(request, "contracts/account_panel.html#rows", context)
    today = timezone.localdate()
    running = contracts.in_state([State.IN_FORCE, State.EXPIRING], today)
    context |= {
        "balances": _balances(request, account.pk),
        "ends_next": running.filter(end_date__gte=today).order_by("end_date", "pk").first(),
        "today": today,
    }
    return render(request, panel(request, "contracts/account_panel.html"), context)


def _lines(version: Any) -> Any:
    """The lines of a version that was found by its own scope."""
    return version.lines.select_related("product_line")


def _list_context(request: UserRequest, contracts: QuerySet[Contract]) -> dict[str, Any]:
    """Filter, sort and page; the sums where they are few enough to be added up at once."""
    found = ContractFilter(request.GET, queryset=contracts)
    scope_form(found.form, request.user)
    sort_key, sort = Sort.chosen(request.GET.get("sort", ""), CONTRACT_SORTS, CONTRACT_DEFAULT_SORT)
    count = bounded_count(found.qs)
    rows = found.qs.with_state(timezone.localdate()).select_related("account", "owner")
    return {
        "filter": found,
        "page": keyset_page(rows, sort, request.GET.get("cursor")),
        "count": count,
        "sort_key": sort_key,
        "tabs": _tabs(request),
        "is_fragment": is_fragment(request),
        "sums": _sums(found.qs) if count[1] else None,
        "today": timezone.localdate(),
    }


def _tabs(request: UserRequest) -> list[dict[str, Any]]:
    """The views of the list: each a choice of states, the other filters stay."""
    views: tuple[tuple[str, tuple[State, ...]], ...] = (
        (pgettext("contracts", "All"), ()),
        (pgettext("contracts", "In force"), (State.IN_FORCE, State.EXPIRING)),
        (pgettext("contracts", "Expiring"), (State.EXPIRING,)),
        (pgettext("contracts", "In approval"), (State.IN_APPROVAL, State.APPROVED)),
        (pgettext("contracts", "Drafts"), (State.DRAFT,)),
        (pgettext("contracts", "Ended"), ENDED),
    )
    chosen = set(request.GET.getlist("state"))
    tabs = []
    for label, states in views:
        query = request.GET.copy()
        query.pop("cursor", None)
        query.setlist("state", [str(state) for state in states])
        tabs.append({"label": label, "url": f"?{query.urlencode()}", "active": chosen == {str(s) for s in states}})
    return tabs


def _sums(contracts: QuerySet[Contract]) -> list[dict[str, Any]]:
    """Contracts, net totals and receipts by currency: amounts of different ones are never added."""
    rows = contracts.order_by().values("currency")
    sums = rows.annotate(
        contracts=Count("pk"), net=Sum("net_amount"), gross=Sum("gross_amount"), received=Sum("received_amount")
    )
    return [dict(row) for row in sums.order_by("currency")]


def _balances(request: UserRequest, account_id: int) -> list[dict[str, Any]]:
    """What is planned, settled, open and overdue of the account's signed contracts, by currency."""
    rows = Instalment.objects.visible_to(request.user).filter(contract__account=account_id, is_current=True)
    late = Q(due_date__lt=timezone.localdate(), settled_amount__lt=F("amount"))
    sums = rows.order_by().values("contract__currency").annotate(
        planned=Sum("amount"), settled=Sum("settled_amount"),
        overdue=Sum(F("amount") - F("settled_amount"), filter=late, default=Decimal(0)),
    )  # fmt: skip
    found = list(sums.order_by("contract__currency"))
    for row in found:
        row["currency"], row["open"] = row.pop("contract__currency"), row["planned"] - row["settled"]
    return found


def _rounds(contract: Contract, versions: list[ContractVersion]) -> list[Round]:
    """All approvals of the contract: of its versions and of its termination."""
    ids = [version.pk for version in versions]
    subjects: dict[str, list[int]] = {
        Subject.CONTRACT: ids,
        Subject.AMENDMENT: ids,
        Subject.TERMINATION: [contract.pk],
    }
    return history_of_rows(subjects)


def _before(versions: list[ContractVersion]) -> dict[int, int]:
    """Of each version that has one: the number of the version that it is compared with."""
    kept = [version.number for version in versions if version.status != VersionStatus.DISCARDED]
    return {version.pk: max((number for number in kept if number < version.number), default=0) for version in versions}


def _asked_version(contract: Contract, text: str) -> ContractVersion | None:
    """The version that the address names by its number. Raises Http404 where there is none of it."""
    if not text:
        return None
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0
    version = contract.versions.filter(number=number).first()
    if version is None:
        raise Http404
    version.contract = contract
    return version


def _asked_pair(
    contract: Contract, versions: list[ContractVersion], request: UserRequest
) -> tuple[ContractVersion | None, ContractVersion | None]:
    """(old, new); (None, None) where there is only one."""
    by_number = {str(version.number): version for version in versions}
    for version in versions:
        version.contract = contract
    new = by_number.get(request.GET.get("new", "")) or (versions[0] if versions else None)
    before = [version for version in versions if new and version.number < new.number]
    old = by_number.get(request.GET.get("old", "")) or (before[0] if before else None)
    return (old, new) if old and new and old != new else (None, None)


def _rows(rows: list[Any]) -> dict[str, Any]:
    """The rows that the page shows: what differs, and the same ones only where they are few."""
    changed = [row for row in rows if row.kind != Change.SAME]
    same = len(rows) - len(changed)
    shown = rows if same <= SAME_SHOWN else changed
    kinds = {kind.value: sum(row.kind == kind for row in rows) for kind in Change}
    return {"rows": shown[:CHANGES_SHOWN], "cut": len(shown) > CHANGES_SHOWN, "hidden": len(rows) - len(shown), **kinds}


def _text_changes(old: str, new: str) -> list[tuple[str, str]]:
    """(what became of it, the line) of the lines of a text that changed."""
    kinds = {"+ ": Change.ADDED, "- ": Change.REMOVED}
    lines = difflib.ndiff(old.splitlines()[:TEXT_LINES], new.splitlines()[:TEXT_LINES])
    return [(kinds[line[:2]].value, line[2:]) for line in lines if line[:2] in kinds]
