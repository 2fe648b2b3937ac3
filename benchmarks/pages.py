"""Pages and reading API calls in this process, as a manager and as a director: time, of it database, statements."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from benchmarks.harness import Report, measure

# isort: split
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.models import Account
from core.paging import LAST, Cursor
from search import services as search_services
from users.models import User

TERMS = ["澄屿", "有限", "精密机械", "lanhe", "ch", "hcjx", "KA00421", "Precision Mach", "91310115", "股份有限公司"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--title", default="Pages", help="the section of RESULTS.md")
    parser.add_argument("--only", choices=["manager", "director"], help="one of the two users")
    parser.add_argument("--repeat", type=int, default=60)
    parser.add_argument("--work", default="", help="only what has this in its name; nothing is saved then")
    options = parser.parse_args()
    settings.ALLOWED_HOSTS = ["testserver"]
    settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"]["token"] = "1000000/min"  # noqa: S105
    report = Report(options.title)
    for username, label in (("alice", "manager"), ("dora", "director")):
        if options.only in (None, label):
            user = User.objects.get(username=username)
            seen = Account.objects.visible_to(user).count()
            report.text(f"As a {label} who sees {seen:,} of {Account.objects.count():,} accounts:")
            rows = []
            chosen = {name: work for name, work in works(user).items() if options.work in name}
            for name, work in chosen.items():
                rows.append([name, *measure(work, options.repeat).cells])
            report.table(
                ["work", "p50 ms", "p95 ms", "own processor p50", "waiting for the database p50", "statements"], rows
            )
    if not options.work:
        report.save()


def works(user: User) -> dict[str, Callable[[int], None]]:
    """Every kind of page, as something to repeat; the number says which time it is."""
    client = Client()
    client.force_login(user)
    visible = Account.objects.visible_to(user)
    ids = list(visible.order_by("-summary__revenue_12m_amount").values_list("pk", flat=True)[:200])

    def get(url: str, params: dict[str, str]) -> None:
        response = client.get(url, params)
        assert response.status_code == 200, (url, params, response.status_code)  # noqa: S101  a benchmark

    def page(name: str, **params: str) -> Callable[[int], None]:
        return lambda _number: get(reverse(name), params)

    def of_accounts(name: str) -> Callable[[int], None]:
        return lambda number: get(reverse(name, args=[ids[number % len(ids)]]), {})

    accounts, api, suggest = "accounts:account_list", "api:account-list", "search:suggest"
    return {
        "account list, page 1": page(accounts),
        "account list, filtered (tier B, region east) and sorted by last order": page(
            accounts, tier="B", region="east", sort="-last_order"
        ),
        "account list, sorted by name": page(accounts, sort="name"),
        "account list, a page in the middle": page(accounts, cursor=_middle(user)),
        "account list, the last page": page(accounts, cursor=LAST.encode()),
        "account list, quick search 精密": page(accounts, q="精密"),
        "account list, quick search 有限 (every name has it)": page(accounts, q="有限"),
        "search box, ten different texts": lambda n: get(reverse(suggest), {"q": TERMS[n % len(TERMS)]}),
        "search itself, without page": lambda n: search_services.find(user, TERMS[n % len(TERMS)]) and None,
        "search box, 有限": page(suggest, q="有限"),
        "account page": of_accounts("accounts:account_detail"),
        "account page, orders tab": of_accounts("orders:account_panel"),
        "account page, tier tab": of_accounts("tiers:account_panel"),
        "order list": page("orders:order_list"),
        "API, list of 50 accounts": page(api),
        "API, list filtered and sorted": page(api, tier="B", region="east", ordering="-last_order"),
    }


def _middle(user: User) -> str:
    """A cursor in the middle of the list as it is sorted at first."""
    visible = Account.objects.visible_to(user).order_by("-summary__revenue_12m_amount", "-pk")
    rows = visible.values_list("summary__revenue_12m_amount", "pk")
    amount, pk = rows[visible.count() // 2]
    return Cursor(forward=True, key=amount, pk=pk).encode()


if __name__ == "__main__":
    main()
