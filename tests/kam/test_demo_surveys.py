"""The demo's surveys: rows as the product itself would have made them."""

import datetime as dt
from collections import Counter

import pytest

from kam.demo.load import make_demo
from surveys.answering import clean, parts
from surveys.choices import FollowUpKind, FollowUpStatus
from surveys.definition import read
from surveys.models import (
    Answer,
    AskedContact,
    Campaign,
    FollowUp,
    Invitation,
    QuestionnaireVersion,
    Response,
    ResultCell,
    SurveyMail,
)
from surveys.services.jobs import run_surveys
from surveys.tokens import is_genuine, token_for

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]
TODAY = dt.date(2026, 11, 15)
NOW = dt.datetime(2026, 11, 15, 4, tzinfo=dt.UTC)


class Checks:
    """Each looks at the one company that was made: to make it is what takes time."""

    def check_questionnaires_and_campaigns(self):
        versions = QuestionnaireVersion.objects.filter(status="published")
        assert versions.count() == 5
        assert Counter(Campaign.objects.values_list("status", flat=True)) == {"running": 4, "ended": 1, "draft": 1}
        assert Campaign.objects.filter(anonymous=True).count() == 1
        for campaign in Campaign.objects.exclude(status="draft"):
            assert campaign.definition == campaign.questionnaire_version.definition
            assert campaign.responses.exists(), campaign.name

    def check_answers_are_what_the_product_takes(self):
        for response in Response.objects.complete().select_related("campaign"):
            asked = read(response.campaign.definition)
            cleaned = clean(asked, response.answers)
            assert not cleaned.faults
            assert cleaned.values == response.answers
            rows = Answer.objects.filter(response=response).values_list("question", "part", "value", "choice", "text")
            assert sorted(rows, key=str) == sorted(map(tuple, parts(asked, response.answers)), key=str)
            assert response.completed_at <= NOW
            assert (response.account is None) == response.campaign.anonymous
        languages = Counter(Response.objects.values_list("language", flat=True))
        assert languages["zh-hans"] > 20
        assert languages["en"]

    def check_nobody_is_asked_twice_within_the_days(self):
        last = {}
        for contact, day in Invitation.objects.order_by("asked_on").values_list("contact", "asked_on"):
            assert contact not in last or (day - last[contact]).days >= 90
            last[contact] = day
        assert dict(AskedContact.objects.values_list("contact", "asked_on")) == last
        assert all(is_genuine(token_for(seed)) for seed in Invitation.objects.values_list("seed", flat=True)[:20])

    def check_loops_in_every_state(self):
        counts = Counter(FollowUp.objects.values_list("kind", "status"))
        for kind in FollowUpKind:
            assert counts[kind, FollowUpStatus.CLOSED] > 5
        assert counts["recovery", "open"] + counts["recovery", "contacted"]
        for row in FollowUp.objects.filter(kind="recovery", status="closed"):
            assert row.cause, row
            assert row.action, row
            assert row.customer_told, row
            assert row.opened_at <= row.contacted_at <= row.closed_at <= NOW
        assert not FollowUp.objects.filter(reasons__isnull=True).exists()

    def check_mails_in_every_state(self):
        states = set(SurveyMail.objects.values_list("status", flat=True))
        assert {"sent", "delivered", "bounced", "uncertain"} <= states
        assert SurveyMail.objects.filter(kind="reminder").exists()

    def check_sums_are_those_of_the_answers(self):
        for campaign in Campaign.objects.filter(anonymous=False):
            cells = ResultCell.objects.filter(campaign=campaign, cut="all", question="")
            assert sum(cells.values_list("count", flat=True)) == campaign.responses.filter(counted=True).count()

    def check_the_job_of_the_same_day_finds_little_to_do(self):
        report = run_surveys(today=TODAY, now=NOW)
        assert (report.ended, report.withdrawn, report.counted, report.escalated) == (0, 0, 0, 0)


def test_surveys(subtests):
    make_demo(120, seed=1, today=TODAY, now=NOW, progress=lambda text: None)
    for name in [name for name in vars(Checks) if name.startswith("check_")]:
        with subtests.test(name):
            getattr(Checks(), name)()
