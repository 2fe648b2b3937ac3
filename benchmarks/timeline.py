"""The timeline of an account with 10,000 interactions among many others: time and statements of its pages."""

from __future__ import annotations

import argparse
import datetime as dt
import random
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from benchmarks.harness import Report, measure

# isort: split
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account
from accounts.services import create_account
from contacts.models import Contact, Employment
from core.paging import Cursor
from interactions.choices import Kind, Mood, Outcome, StepKind
from interactions.models import Interaction, NextStep, Topic
from search.services import index_new_rows
from users.models import User

CODE = "BENCH-TIMELINE"
_TEXT = (
    "交期报价质量样品验收付款合同物流库存培训新品试用返修包装认证图纸产能涨价竞争份额预算审批招标备件升级接口巡检整改"
    "评审对账发票账期折扣推广展会考察访厂高层战略联合开发交付进度风险满意"
)
WORDS = [_TEXT[start : start + 2] for start in range(0, len(_TEXT), 2)]
RARE = "龙鳞"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000, help="interactions of the account")
    parser.add_argument("--others", type=int, default=100_000, help="interactions of all the other accounts")
    parser.add_argument("--repeat", type=int, default=60)
    options = parser.parse_args()
    settings.ALLOWED_HOSTS = ["testserver"]
    settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"]["token"] = "1000000/min"  # noqa: S105
    alice = User.objects.get(username="alice")
    account = prepare(alice, options.rows, options.others)
    report = Report("Timeline")
    count = Interaction.objects.filter(account=account).count()
    report.text(f"An account with {count:,} interactions; {Interaction.objects.count():,} in all.")
    heads = ["work", "p50 ms", "p95 ms", "own processor p50", "waiting for the database p50", "statements"]
    for username in ("alice", "dora"):
        report.text(f"As {username}:")
        found = works(User.objects.get(username=username), account)
        report.table(heads, [[name, *measure(work, options.repeat).cells] for name, work in found.items()])
    report.save()


def works(user: User, account: Account) -> dict[str, Callable[[int], None]]:
    """Every kind of look at the timeline, as something to repeat."""
    client = Client()
    client.force_login(user)
    url = reverse("interactions:account_panel", args=[account.pk])
    contact = Contact.objects.filter(employments__account=account).order_by("pk")[0]
    middle = Interaction.objects.filter(account=account).order_by("-occurred_at")[account.interactions.count() // 2]
    cursor = Cursor(forward=True, key=middle.occurred_at, pk=middle.pk).encode()

    def get(address: str, **params: str) -> Callable[[int], None]:
        def work(_number: int) -> None:
            response = client.get(address, params)
            assert response.status_code == 200, (address, params, response.status_code)  # noqa: S101  a benchmark

        return work

    def more(_number: int) -> None:
        headers = {"HX-Request": "true", "HX-Target": "earlier"}
        assert client.get(url, {"cursor": cursor}, headers=headers).status_code == 200  # noqa: S101  a benchmark

    return {
        "timeline, newest": get(url),
        "timeline, in the middle": get(url, cursor=cursor),
        "timeline, 20 more by htmx": more,
        "timeline, only visits": get(url, kind="visit"),
        "timeline, one person": get(url, contact=str(contact.pk)),
        "timeline, one topic": get(url, topic="报价"),
        "timeline, a month": get(url, date_after="2025-03-01", date_before="2025-03-31"),
        "timeline, search 报价 (nearly every second has it)": get(url, q="报价"),
        "timeline, search 龙鳞 (one has it)": get(url, q=RARE),
        "timeline, search 不存在 (none has it)": get(url, q="不存在"),
        "timeline, search 交期 报价 质量": get(url, q="交期 报价 质量"),
        "one interaction": lambda _n: get(reverse("interactions:interaction_detail", args=[middle.pk]))(0),
        "contact's timeline": get(reverse("interactions:contact_panel", args=[contact.pk])),
        "contact's timeline, search 报价": get(reverse("interactions:contact_panel", args=[contact.pk]), q="报价"),
        "list of all interactions": get(reverse("interactions:interaction_list")),
        "list of all interactions, search 报价": get(reverse("interactions:interaction_list"), q="报价"),
        "API, 50 interactions of the account": get(reverse("api:interaction-list"), account=str(account.pk)),
    }


def prepare(alice: User, rows: int, others: int) -> Account:
    """The account and the crowd around it, as far as they are not there yet."""
    account = Account.objects.filter(code=CODE).first()
    if account is None:
        row = Account(code=CODE, name="时间线基准有限公司", customer_since=dt.date(2010, 1, 1))
        account = create_account(row, actor=None, today=dt.date(2010, 1, 1), manager=alice)
        people = [Contact(name=f"王{word}") for word in WORDS]
        Contact.objects.bulk_create(people)
        Employment.objects.bulk_create([Employment(contact=person, account=account) for person in people])
    people = [(account.pk, pk) for pk in account.employments.values_list("contact", flat=True)]
    fill(people, alice, rows - account.interactions.count(), RARE)
    elsewhere = Employment.objects.exclude(account=account).values_list("account", "contact")
    fill(list(elsewhere), alice, others - Interaction.objects.exclude(account=account).count(), "")
    index_new_rows("interaction")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return account


def fill(people: list[tuple[int, int]], author: User, number: int, rare: str) -> None:
    """`number` interactions with one of `people` each; the word `rare` is in the first of them."""
    users = list(User.objects.active().values_list("pk", flat=True))
    topics = [Topic.objects.get_or_create(name=word)[0].pk for word in WORDS]
    dice = random.Random(number)
    drafts = _drafts(people, author, max(number, 0), dice)
    while chunk := list(islice(drafts, 2000)):
        rows = Interaction.objects.bulk_create([row for row, _contact in chunk])
        if rare:
            Interaction.objects.filter(pk=rows[0].pk).update(minutes=f"关于{rare}项目")
            rare = ""
        join(Interaction.contacts.through, "contact_id", rows, [contact for _row, contact in chunk])
        join(Interaction.colleagues.through, "user_id", rows, dice.choices(users, k=len(rows)))
        join(Interaction.topics.through, "topic_id", rows, dice.choices(topics, k=len(rows)))
        NextStep.objects.bulk_create([_step(row, author, dice) for row in rows if dice.random() < 0.3])


def join(through: Any, name: str, rows: list[Interaction], others: list[int]) -> None:
    """One row of a many-to-many table for each interaction."""
    pairs = zip(rows, others, strict=True)
    through.objects.bulk_create([through(interaction_id=row.pk, **{name: other}) for row, other in pairs])


def _drafts(
    people: list[tuple[int, int]], author: User, number: int, dice: random.Random
) -> Iterator[tuple[Interaction, int]]:
    now = timezone.now()
    for _ in range(number):
        account, contact = dice.choice(people)
        moment = now - dt.timedelta(minutes=dice.randrange(60 * 24 * 365 * 3))
        words = [dice.choice(WORDS) for _ in range(dice.randrange(4, 60))]
        yield (
            Interaction(
                account_id=account,
                kind=dice.choice(Kind.values),
                occurred_at=moment,
                date=timezone.localtime(moment).date(),
                title=" ".join(words[:3]),
                minutes="\n".join(f"- 双方讨论了{word}" for word in words),
                outcome=dice.choice(Outcome.values),
                mood=dice.choice(Mood.values),
                author=author,
            ),
            contact,
        )


def _step(row: Interaction, owner: User, dice: random.Random) -> NextStep:
    due = row.date + dt.timedelta(days=dice.randrange(30))
    kind = dice.choice(StepKind.values)
    return NextStep(account_id=row.account_id, interaction=row, kind=kind, text="发送资料", owner=owner, due_date=due)


if __name__ == "__main__":
    main()
