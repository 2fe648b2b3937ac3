"""Surveys at scale: results pages, the sums beside a recount, asking many contacts, the answer page under load.

`--prepare` fills an empty, migrated database of its own (accounts and people as in the demo; answers by SQL) before it
measures. What it asks is rolled back; the answers of the load test stay, in a campaign of their own.
"""

from __future__ import annotations

import argparse
import http.client
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any
from urllib.parse import urlencode

from benchmarks.harness import Report, counted, load, measure

# isort: split
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from benchmarks.survey_company import NAME, QUESTIONS, make_campaign, make_follow_ups, make_invitations, prepare
from surveys.models import Answer, Campaign, Invitation, Response, ResultCell, ResultHolder, SurveyMail, TeamCell
from surveys.services.folding import fold
from surveys.services.holders import move_sums
from surveys.services.waves import ask
from users.models import User

HEADS = ["page", "p50 ms", "p95 ms", "own processor p50", "waiting for the database p50", "statements"]
TABLES = (Response, Answer, ResultCell, TeamCell, ResultHolder, Invitation, SurveyMail)
HOST = "127.0.0.1"
PROCESSES = 2
GIVEN = {
    "q-recommend": "9", "q-satisfied": "4", "q-quality": "5", "q-delivery": "4", "q-support": "3", "q-easy": "6",
    "q-reply": "5", "q-position": "first", "q-volume": "more", "q-comment": "交货准时，沟通顺畅。", "go": "next",
}  # fmt: skip
# By hand: how often each value of the two kinds of questions was given, in all and by tier.
RECOUNT = """
SELECT COUNT(*) FROM (
    SELECT a.question, c.cut, CASE c.cut WHEN 'tier' THEN r.tier ELSE '' END AS cut_key,
           date_trunc('month', r.date::timestamp)::date AS month, COALESCE(a.value::int, -1) AS value, a.choice,
           COUNT(*)::int AS count
    FROM surveys_answer a JOIN surveys_response r ON r.id = a.response_id
    CROSS JOIN (VALUES ('all'), ('tier')) AS c(cut)
    WHERE r.campaign_id = %(campaign)s AND r.counted GROUP BY 1, 2, 3, 4, 5, 6
) theirs FULL JOIN (
    SELECT question, cut, cut_key, month, value::int AS value, choice, count FROM surveys_resultcell
    WHERE campaign_id = %(campaign)s AND cut IN ('all', 'tier') AND question <> ''
) ours USING (question, cut, cut_key, month, value, choice)
WHERE ours.count IS DISTINCT FROM theirs.count
"""

TEAM_RECOUNT = """
SELECT COUNT(*) FROM (
    SELECT h.team_id, a.question, c.cut, CASE c.cut WHEN 'tier' THEN r.tier ELSE '' END AS cut_key,
           date_trunc('month', r.date::timestamp)::date AS month, COALESCE(a.value::int, -1) AS value, a.choice,
           COUNT(*)::int AS count
    FROM surveys_answer a JOIN surveys_response r ON r.id = a.response_id
    JOIN accounts_account o ON o.id = r.account_id JOIN users_user h ON h.id = o.manager_id
    CROSS JOIN (VALUES ('all'), ('tier')) AS c(cut)
    WHERE r.campaign_id = %(campaign)s AND r.counted AND h.team_id IS NOT NULL GROUP BY 1, 2, 3, 4, 5, 6, 7
) theirs FULL JOIN (
    SELECT team_id, question, cut, cut_key, month, value::int AS value, choice, count FROM surveys_teamcell
    WHERE campaign_id = %(campaign)s AND cut IN ('all', 'tier') AND question <> '' AND count > 0
) ours USING (team_id, question, cut, cut_key, month, value, choice)
WHERE ours.count IS DISTINCT FROM theirs.count
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--prepare", action="store_true", help="fill the empty database first")
    parser.add_argument("--responses", type=int, default=1_000_000)
    parser.add_argument("--accounts", type=int, default=30_000)
    parser.add_argument("--repeat", type=int, default=30)
    parser.add_argument("--follow-ups", type=int, default=200_000)
    parser.add_argument("--port", type=int, default=8937)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--only", default="", help="fold, results, loops, ask or answers")
    parser.add_argument("--dry-run", action="store_true", help="leave RESULTS.md alone")
    options = parser.parse_args()
    settings.ALLOWED_HOSTS = ["testserver"]
    if options.prepare:
        start = time.perf_counter()
        prepare(options.accounts, options.responses)
        print(f"filled in {time.perf_counter() - start:.0f} s, load {load()}")
    vacuum()
    report = Report("Surveys")
    campaign = Campaign.objects.get(name=NAME)
    sizes = f"{campaign.responses.count():,} responses, {Answer.objects.count():,} answers"
    report.text(f"{sizes}, {len(QUESTIONS)} questions.")
    parts: dict[str, Callable[[Report, Campaign, argparse.Namespace], None]] = {
        "fold": folding, "results": results, "loops": loops, "ask": asking, "answers": answering,
    }  # fmt: skip
    for name, part in parts.items():
        if options.only in ("", name):
            part(report, campaign, options)
    if not options.dry_run and not options.only:
        report.save()


def vacuum() -> None:
    with connection.cursor() as cursor:
        for model in TABLES:
            cursor.execute(f"VACUUM ANALYZE {model._meta.db_table}")


def folding(report: Report, campaign: Campaign, _options: argparse.Namespace) -> None:
    """Add what is settled to the sums; again; move what stands elsewhere now; and compare the sums with a recount."""
    rows = []
    for name in ("first run", "again"):
        with counted() as statements:
            start = time.perf_counter()
            added = fold(timezone.now())
            seconds = time.perf_counter() - start
        rows.append([name, f"{added:,}", f"{seconds:.1f}", f"{len(statements.texts):,}"])
    report.table(["sums", "responses added", "seconds", "statements"], rows)
    start = time.perf_counter()
    moved = move_sums()
    report.text(
        f"Accounts moved to the sums of other managers or teams: {moved:,}, {time.perf_counter() - start:.1f} s."
    )
    vacuum()
    for model, recount in ((ResultCell, RECOUNT), (TeamCell, TEAM_RECOUNT)):
        with connection.cursor() as cursor:
            cursor.execute(recount, {"campaign": campaign.pk})
            different = cursor.fetchone()[0]
        cells = model.objects.filter(campaign=campaign).count()
        what = f"{cells:,} {model._meta.verbose_name_plural}"
        report.text(f"{what}; {different:,} of those in all and by tier differ from a recount in SQL by hand.")


def results(report: Report, campaign: Campaign, options: argparse.Namespace) -> None:
    """The results page as director, supervisor and manager."""
    for username in ("dora", "lee", "alice"):
        user = User.objects.get(username=username)
        client = Client()
        client.force_login(user)
        seen = Response.objects.visible_to(user).filter(campaign=campaign).count()
        report.text(f"As {username}, who sees {seen:,} responses:")
        url, words = (reverse(f"surveys:{name}", args=[campaign.pk]) for name in ("results", "verbatims"))
        pages: dict[str, tuple[str, dict[str, str]]] = {
            "results": (url, {}),
            "results, by account manager": (url, {"by": "manager"}),
            "results, compared with a year earlier": (url, {"compare": "year"}),
            "results of one tier": (url, {"slice": "tier:A"}),
            "results over the API": (reverse("api:survey-campaign-results", args=[campaign.pk]), {}),
            "answers behind a number": (
                reverse("surveys:response_list"),
                {"campaign": str(campaign.pk), "question": "recommend", "low": "0", "high": "6"},
            ),
            "comments with words that all have": (words, {"q": "交货准时"}),
            "comments with words that one has": (words, {"q": "123456"}),
            "comments with words that none has": (words, {"q": "没有人写"}),
        }
        found = [[name, *measure(page(client, *where), options.repeat).cells] for name, where in pages.items()]
        report.table(HEADS, found)


def loops(report: Report, campaign: Campaign, options: argparse.Namespace) -> None:
    """The rates of closing the loop over many follow-ups of the last 90 days, which are rolled back."""
    with transaction.atomic():
        number = make_follow_ups(campaign, options.follow_ups)
        report.text(f"{number:,} follow-ups:")
        found = []
        for username in ("dora", "lee", "alice"):
            client = Client()
            client.force_login(User.objects.get(username=username))
            for by in ("owner", "team", "tier"):
                asked = page(client, reverse("surveys:loop_rates"), {"by": by})
                found.append([f"rates by {by} as {username}", *measure(asked, options.repeat).cells])
            line = page(client, reverse("surveys:loop_panel", args=[campaign.pk]), {})
            found.append([f"line of a campaign as {username}", *measure(line, options.repeat).cells])
        report.table(HEADS, found)
        transaction.set_rollback(True)


def page(client: Client, url: str, query: dict[str, str]) -> Callable[[int], None]:
    """A page as something to repeat."""

    def get(_number: int) -> None:
        response = client.get(url, query)
        assert response.status_code == 200, (url, query, response.status_code)  # noqa: S101  a benchmark

    return get


def asking(report: Report, _campaign: Campaign, _options: argparse.Namespace) -> None:
    """A campaign that asks everybody whom it may: invitations and mails in the outbox; rolled back."""
    with transaction.atomic():
        everybody = make_campaign(f"{NAME}, everybody", "running")
        with counted() as statements:
            start, today = time.perf_counter(), timezone.localdate()
            asked = ask(everybody.pk, today=today, now=timezone.now())
            seconds = time.perf_counter() - start
        mails = SurveyMail.objects.filter(invitation__campaign=everybody).count()
        assert mails == asked  # noqa: S101
        transaction.set_rollback(True)
    row = [f"{asked:,}", f"{seconds:.1f}", f"{seconds * 50_000 / max(asked, 1):.1f}", f"{len(statements.texts):,}"]
    report.table(["invitations queued", "seconds", "seconds for 50,000", "statements"], [row])


def answering(report: Report, _campaign: Campaign, options: argparse.Namespace) -> None:
    """The answer page: opened and answered as fast as it goes; then every answer is looked for."""
    campaign, tokens = make_invitations(round(options.seconds * 400))
    with gunicorn(options.port):
        hit(options, tokens[:40], 5)  # every thread opens its connection and reads its templates
        before = campaign.responses.complete().count()
        opened, answered, failed = hit(options, tokens[40:], options.seconds)
    stored = campaign.responses.complete().count()
    rows = []
    for name, times in (("open", opened), ("answer", answered)):
        times.sort()
        p95 = times[int(len(times) * 0.95)] * 1000
        rows.append(
            [name, f"{len(times) / options.seconds:.0f}", f"{statistics.median(times) * 1000:.0f}", f"{p95:.0f}"]
        )
    report.table([f"answer page, {options.clients} clients", "a second", "p50 ms", "p95 ms"], rows)
    confirmed = before + len(answered)
    report.text(
        f"{confirmed:,} answers were confirmed, {stored:,} are stored: {confirmed - stored:,} lost; "
        f"{failed} requests failed."
    )


@contextmanager
def gunicorn(port: int) -> Iterator[None]:
    """The web server as shipped, behind a proxy, so that each request may come from a network of its own."""
    command = [sys.executable, "-m", "gunicorn", "--config", "python:kam.gunicorn_conf", "kam.wsgi"]
    environment = {**os.environ, "PORT": str(port), "HOST": HOST, "BEHIND_PROXY": "1"}
    server = subprocess.Popen(command, env=environment)  # noqa: S603  our own command
    try:
        for _attempt in range(100):
            time.sleep(0.3)
            if is_up(port):
                break
        yield
    finally:
        server.terminate()
        server.wait(timeout=30)


def is_up(port: int) -> bool:
    try:
        connection = http.client.HTTPConnection(HOST, port, timeout=5)
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.client.OK
    except OSError:
        return False


def hit(options: argparse.Namespace, tokens: list[str], seconds: float) -> tuple[list[float], list[float], int]:
    """Seconds of every opening and of every answer that was confirmed, and how many requests failed."""
    context = get_context("spawn")
    share = options.clients // PROCESSES
    jobs = [(options.port, tokens[number::PROCESSES], share, seconds) for number in range(PROCESSES)]
    with context.Pool(PROCESSES) as pool:
        parts = pool.starmap(run_clients, jobs)
    opened = [t for times, _answered, _failed in parts for t in times]
    answered = [t for _opened, times, _failed in parts for t in times]
    return opened, answered, sum(failed for _opened, _answered, failed in parts)


def run_clients(port: int, tokens: list[str], count: int, seconds: float) -> tuple[list[float], list[float], int]:
    """`count` clients in threads of this process, each opening and answering one link after the other."""
    opened: list[float] = []
    answered: list[float] = []
    failed: list[int] = []
    waiting = iter(tokens)
    lock = threading.Lock()
    until = time.perf_counter() + seconds

    def client() -> None:
        connection = http.client.HTTPConnection(HOST, port, timeout=60)
        while time.perf_counter() < until:
            with lock:
                token = next(waiting, None)
            if token is None:
                return
            network = f"10.{hash(token) % 250}.{hash(token[5:]) % 250}.{hash(token[9:]) % 250}"
            for method, times, wanted in (("GET", opened, 200), ("POST", answered, 302)):
                status, taken = request(connection, method, token, network)
                (times if status == wanted else failed).append(taken if status == wanted else status)  # type: ignore[arg-type]

    threads = [threading.Thread(target=client) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return opened, answered, len(failed)


def request(connection: Any, method: str, token: str, network: str) -> tuple[int, float]:
    """The status, and how long it took."""
    headers = {"X-Forwarded-For": network, "X-Forwarded-Proto": "https", "Accept-Encoding": "identity"}
    body = None
    if method == "POST":
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        body = urlencode(GIVEN)
    start = time.perf_counter()
    connection.request(method, f"/s/{token}", body, headers)
    answer = connection.getresponse()
    answer.read()
    return answer.status, time.perf_counter() - start


if __name__ == "__main__":
    main()
