"""The what-if of a contact policy, as the form posts it: rules by tier alone, and rules by tier, stage and region."""

from __future__ import annotations

import argparse

from benchmarks.harness import Report, measure

# isort: split
from django.utils import timezone

from accounts.choices import Region, Stage, Tier
from accounts.models import Account
from interactions import services
from interactions.models import ContactPolicy, PolicyRule
from users.models import User

HEADS = [
    "rules",
    "p50 ms",
    "p95 ms",
    "own processor p50",
    "waiting for the database p50",
    "statements",
    "people",
    "over",
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=20)
    options = parser.parse_args()
    report = Report("What-if of a contact policy")
    report.text(f"{Account.objects.count():,} accounts, {User.objects.count():,} users.")
    rows = []
    for name, rules in cases().items():
        result = services.what_if(ContactPolicy(), rules, today=timezone.localdate())
        found = measure(lambda _n, rules=rules: work(rules), repeat=options.repeat, warm=2)
        rows.append([name, *found.cells, str(len(result.people)), str(result.over)])
    report.table(HEADS, rows)
    report.save()


def cases() -> dict[str, list[PolicyRule]]:
    """Few rules and very many."""
    plain = [PolicyRule(tier=tier, cadence_days=days) for tier, days in (("A", 14), ("B", 30), ("C", 90))]
    sponsor = PolicyRule(duty="sponsor", tier="A", cadence_days=90)
    fine = [
        PolicyRule(tier=tier, stage=stage, region=region, cadence_days=14 + 5 * number)
        for number, (tier, stage, region) in enumerate(
            (tier, stage, region) for tier in Tier.values for stage in Stage.values[:4] for region in Region.values[:8]
        )
    ]
    return {
        "3, by tier": plain,
        "4, with the sponsor's": [*plain, sponsor],
        "100, by tier, stage and region": fine + plain,
    }


def work(rules: list[PolicyRule]) -> None:
    services.what_if(ContactPolicy(), rules, today=timezone.localdate())


if __name__ == "__main__":
    main()
