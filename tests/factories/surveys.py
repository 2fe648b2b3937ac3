"""Questionnaires, campaigns, invitations, answers and follow-ups in any state, as rows: how they get there is what the
tests of the services are about."""

import copy
import datetime as dt

import factory
from django.core.files.base import ContentFile
from factory.django import DjangoModelFactory

from surveys.answering import clean, parts
from surveys.choices import CampaignStatus, InvitationStatus, ResponseStatus, VersionStatus
from surveys.definition import read
from surveys.models import (
    Answer,
    Campaign,
    EarlierImport,
    FollowUp,
    FollowUpResponse,
    Invitation,
    LoopRule,
    Questionnaire,
    QuestionnaireVersion,
    Response,
    SurveyMail,
    VerbatimTag,
)
from surveys.models.campaigns import new_seed
from surveys.tokens import answer_key, token_for, token_hash
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory
from tests.factories.contacts import make_contact
from tests.factories.users import UserFactory

NOW = dt.datetime.combine(TODAY, dt.time(2), tzinfo=dt.UTC)
"""Ten in the morning of TODAY in Shanghai."""


def texts(hans, english=None, hant=None):
    """A text in every language."""
    return {"zh-hans": hans, "zh-hant": hant or hans, "en": english or hans}


def question(key, kind, **fields):
    """A question as JSON, its text the key unless given."""
    return {"key": key, "kind": kind, "text": texts(f"问题 {key}", f"Question {key}"), **fields}


def choices(*keys, other=()):
    """Choices as JSON; those in `other` take words beside them."""
    flags = {True: {"other": True}, False: {}}
    return [{"key": key, "text": texts(f"选项 {key}", f"Choice {key}"), **flags[key in other]} for key in keys]


def page(key, *questions, **fields):
    """A page as JSON."""
    return {"key": key, "title": texts(f"第 {key} 页", f"Page {key}"), "questions": list(questions), **fields}


def definition(*pages):
    """A questionnaire as JSON."""
    head = {
        "title": texts("满意度调查", "Satisfaction survey"),
        "intro": texts("请您抽一分钟。", "One minute, please."),
    }
    return {**head, "thanks": texts("谢谢您。", "Thank you."), "pages": list(pages)}


DEFINITION = definition(
    page(
        "one",
        question("recommend", "nps", required=True, low_label=texts("不会", "No"), high_label=texts("会", "Yes")),
        question(
            "reasons", "multiple", choices=choices("quality", "delivery", "price", "other", other=("other",)),
            randomise=True, maximum=3, show_if={"question": "recommend", "op": "le", "value": 6},
        ),
        question("satisfied", "csat", help=texts("按近三个月", "The last three months")),
    ),
    page(
        "two",
        question("easy", "ces"),
        question("aspects", "matrix", rows=choices("product", "delivery", "people")),
        question("contact", "single", choices=choices("visit", "phone", "other", other=("other",))),
        question("order", "ranking", choices=choices("price", "speed", "quality")),
    ),
    page(
        "three",
        question("years", "number", minimum=0, maximum=100),
        question("since", "date", minimum="2000-01-01", maximum="2030-12-31"),
        question("comment", "text", max_length=1000),
    ),
)  # fmt: skip
"""One question of every kind: `recommend` is required, `reasons` shows after 6 or less only."""

ANSWERS = {
    "recommend": 9,
    "satisfied": 4,
    "easy": 6,
    "aspects": {"product": 5, "delivery": 3, "people": 4},
    "contact": {"choice": "visit"},
    "order": {"choices": ["quality", "price", "speed"]},
    "years": "3",
    "since": "2023-05-01",
    "comment": "交货准时，沟通顺畅。",
}
"""What a promoter answers to DEFINITION."""


class QuestionnaireFactory(DjangoModelFactory):
    class Meta:
        model = Questionnaire

    name = factory.Sequence(lambda n: f"问卷 {n}")
    name_en = factory.Sequence(lambda n: f"Questionnaire {n}")


class VersionFactory(DjangoModelFactory):
    """A published version with DEFINITION; `VersionFactory(status="draft")` is at work."""

    class Meta:
        model = QuestionnaireVersion

    questionnaire = factory.SubFactory(QuestionnaireFactory)
    number = 1
    status = VersionStatus.PUBLISHED
    definition = factory.LazyFunction(lambda: copy.deepcopy(DEFINITION))
    published_at = factory.LazyAttribute(lambda version: NOW if version.status == "published" else None)


class CampaignFactory(DjangoModelFactory):
    """A running campaign that began a month before TODAY, by e-mail, once, everybody; with the frozen definition."""

    class Meta:
        model = Campaign

    name = factory.Sequence(lambda n: f"调查活动 {n}")
    questionnaire_version = factory.SubFactory(VersionFactory)
    status = CampaignStatus.RUNNING
    owner = factory.SubFactory(UserFactory)
    start_date = TODAY - dt.timedelta(days=30)
    audience = factory.LazyFunction(dict)
    started_at = factory.LazyAttribute(
        lambda campaign: None if campaign.status == "draft" else NOW - dt.timedelta(days=30)
    )
    ended_at = factory.LazyAttribute(lambda campaign: NOW if campaign.status == "ended" else None)
    definition = factory.LazyAttribute(
        lambda campaign: {} if campaign.status == "draft" else campaign.questionnaire_version.definition
    )


class InvitationFactory(DjangoModelFactory):
    """Sent a week before TODAY, open for three weeks more; `token_of(invitation)` is what the link carries."""

    class Meta:
        model = Invitation

    campaign = factory.SubFactory(CampaignFactory)
    account = factory.SubFactory(AccountFactory)
    contact = factory.LazyAttribute(lambda row: make_contact(row.account, email="wang@example.com"))
    email = factory.LazyAttribute(lambda row: getattr(row.contact, "email", ""))
    language = "zh-hans"
    status = InvitationStatus.SENT
    seed = factory.LazyFunction(new_seed)
    token_hash = factory.LazyAttribute(lambda row: token_hash(token_for(row.seed)))
    asked_on = TODAY - dt.timedelta(days=7)
    expires_on = TODAY + dt.timedelta(days=21)
    tier = factory.LazyAttribute(lambda row: row.account.tier)
    manager = factory.LazyAttribute(lambda row: row.account.manager)


def token_of(invitation):
    """The token in the invitation's link."""
    return token_for(invitation.seed)


def make_mail(invitation, **fields):
    """A mail in the outbox, waiting and due at NOW."""
    return SurveyMail.objects.create(invitation=invitation, **{"kind": "invitation", "due_at": NOW, **fields})


class ResponseFactory(DjangoModelFactory):
    """A complete answer of today with its `Answer` rows, `answers` those of a promoter unless given.

    `ResponseFactory(account=…, invitation=None)` is one without a link; of an anonymous campaign it has neither
    account nor contact nor invitation, but the facts of the account.
    """

    class Meta:
        model = Response

    campaign = factory.SubFactory(CampaignFactory)
    account = factory.SubFactory(AccountFactory)
    contact = None
    invitation = None
    status = ResponseStatus.COMPLETE
    language = "zh-hans"
    answers = factory.LazyFunction(lambda: dict(ANSWERS))
    completed_at = factory.LazyAttribute(lambda row: NOW if row.status == "complete" else None)
    date = factory.LazyAttribute(
        lambda row: (row.completed_at + dt.timedelta(hours=8)).date() if row.completed_at else None
    )
    tier = factory.LazyAttribute(lambda row: row.account.tier if row.account else "")
    region = factory.LazyAttribute(lambda row: row.account.region if row.account else "")
    manager = factory.LazyAttribute(lambda row: row.account.manager if row.account else None)
    team = factory.LazyAttribute(lambda row: row.manager.team if row.manager else None)

    @classmethod
    def _create(cls, model_class, *args, **fields):
        campaign, invitation = fields["campaign"], fields.get("invitation")
        if campaign.anonymous:
            if invitation:
                fields["key_hash"] = answer_key(token_for(invitation.seed))
            fields |= {"account": None, "contact": None, "invitation": None}
            if fields["date"]:
                fields["completed_at"] = dt.datetime.combine(fields["date"], dt.time(), tzinfo=dt.UTC)
        response = super()._create(model_class, *args, **fields)
        if response.status == ResponseStatus.COMPLETE:
            write_answers(response)
        return response


def write_answers(response):
    """The `Answer` rows of a response, from its `answers`."""
    asked = read(response.campaign.definition or response.campaign.questionnaire_version.definition)
    cleaned = clean(asked, response.answers)
    assert not cleaned.faults, cleaned.faults
    Answer.objects.bulk_create(Answer(response=response, **part._asdict()) for part in parts(asked, cleaned.values))


def answer(invitation, **fields):
    """The complete answer given through this invitation; `answers` are added to those of a promoter."""
    answers = {**ANSWERS, **fields.pop("answers", {})}
    invitation.status, invitation.answered_on = InvitationStatus.ANSWERED, TODAY
    invitation.save()
    fields = {"account": invitation.account, "contact": invitation.contact, "invitation": invitation, **fields}
    return ResponseFactory(campaign=invitation.campaign, answers=answers, language=invitation.language, **fields)


def comment_of(response):
    """The answer in words of a response."""
    return response.answer_rows.exclude(text="").get(question="comment")


def make_earlier(version, actor, name="results.csv"):
    """A file of earlier results that was looked at, with one bad row that is given back."""
    job = EarlierImport(version=version, name=f"Earlier {name}", file_name=name, created_by=actor, total=2, bad=1)
    job.problems = [[2, "date", "date_wrong", "x"]]
    job.file.save(name, ContentFile(b"account,date,recommend\n"), save=False)
    job.rejects.save(f"rejects-{name}", ContentFile(b"row\n"), save=False)
    job.save()
    return job


class LoopRuleFactory(DjangoModelFactory):
    """Detractors are won back."""

    class Meta:
        model = LoopRule

    campaign = factory.SubFactory(CampaignFactory)
    question = "recommend"
    low = 0
    high = 6
    kind = "recovery"


class FollowUpFactory(DjangoModelFactory):
    """Open since NOW, due the next day, of the account's manager, about a detractor (`response__none=True`: none)."""

    class Meta:
        model = FollowUp
        skip_postgeneration_save = True

    campaign = factory.SubFactory(CampaignFactory)
    account = factory.SubFactory(AccountFactory)
    owner = factory.LazyAttribute(lambda row: row.account.manager)
    opened_at = NOW
    due_at = NOW + dt.timedelta(days=1)
    contacted_at = factory.LazyAttribute(lambda row: NOW if row.status in ("contacted", "closed") else None)
    closed_at = factory.LazyAttribute(lambda row: NOW if row.status == "closed" else None)
    outcome = factory.LazyAttribute(lambda row: "solved" if row.status == "closed" else "")
    status = "open"

    @factory.post_generation
    def response(follow_up, create, extracted, **kwargs):  # noqa: N805  factory_boy calls it on the made row
        if extracted is None and kwargs.pop("none", False):
            return
        response = extracted or ResponseFactory(
            campaign=follow_up.campaign, account=follow_up.account, answers={**ANSWERS, "recommend": 3}
        )
        value = response.answers["recommend"]
        FollowUpResponse.objects.create(follow_up=follow_up, response=response, question="recommend", value=value)


class VerbatimTagFactory(DjangoModelFactory):
    class Meta:
        model = VerbatimTag
        django_get_or_create = ["name"]

    name = factory.Sequence(lambda n: f"标签 {n}")
