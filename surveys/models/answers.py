"""Response (what one person answered), its answers question by question, and the sums that results are made of."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.choices import Region, Tier
from accounts.models import Account
from contacts.models import Contact
from core.languages import LANGUAGE_CHOICES
from core.models import Timestamped
from orders.models import ProductLine
from surveys.choices import Cut, ResponseSource, ResponseStatus
from surveys.models.campaigns import Campaign, Invitation
from surveys.querysets import AnswerQuerySet, CompanyQuerySet, ResponseQuerySet, ResultHolderQuerySet
from users.models import Team, User

HOLDER = "holder"
"""The cut by the account manager of the day on which the sums were made or moved: read, never shown."""
NO_VALUE = -1
"""Stands for "no number" in the sums: a unique key takes no null. Values that are counted are never negative."""


class VerbatimTag(models.Model):
    """A label of what customers wrote."""

    name = models.CharField(_("name"), max_length=40, unique=True)

    objects = CompanyQuerySet.as_manager()

    class Meta:
        verbose_name = _("tag of answers")
        verbose_name_plural = _("tags of answers")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Response(Timestamped):
    """What one person answered. `answers` is `{question key: value}` as `surveys/answering.py` cleans it; a complete
    response has the same in `Answer` rows, for counting.

    In an anonymous campaign `invitation`, `account` and `contact` are empty and `completed_at` is the midnight (UTC) of
    `date`: whoever reads the table cannot tell who wrote it. `key_hash` is the SHA-256 of a key that only the holder of
    the link's token can make: so the link finds its own answer again. `tier`, `team`, `manager`, `region` are those of
    the day of the answer. `counted`: its answers are in the sums (`ResultCell`); it can no longer be edited then.
    `score_due`: the score of the account does not have it yet.
    """

    campaign = models.ForeignKey(
        Campaign, on_delete=models.PROTECT, related_name="responses", verbose_name=_("survey campaign"),
        db_index=False,
    )  # fmt: skip
    invitation = models.OneToOneField(
        Invitation, on_delete=models.SET_NULL, null=True, blank=True, related_name="response",
        verbose_name=_("invitation"),
    )  # fmt: skip
    account = models.ForeignKey(
        Account, on_delete=models.CASCADE, null=True, related_name="survey_responses", verbose_name=_("account"),
        db_index=False,
    )  # fmt: skip
    contact = models.ForeignKey(
        Contact, on_delete=models.SET_NULL, null=True, blank=True, related_name="survey_responses",
        verbose_name=_("contact"),
    )  # fmt: skip
    key_hash = models.CharField(max_length=64, null=True, unique=True, editable=False)  # noqa: DJ001  unique: several without
    source = models.CharField(_("source"), max_length=6, choices=ResponseSource, default=ResponseSource.LINK)
    external_id = models.CharField(_("number elsewhere"), max_length=80, blank=True)
    status = models.CharField(
        pgettext_lazy("of an answer", "status"), max_length=8, choices=ResponseStatus,
        default=ResponseStatus.PARTIAL, editable=False,
    )  # fmt: skip
    language = models.CharField(_("language"), max_length=10, choices=LANGUAGE_CHOICES)
    answers = models.JSONField(_("answers"), default=dict)
    completed_at = models.DateTimeField(_("completed"), null=True, editable=False)
    date = models.DateField(_("date"), null=True, editable=False)
    tier = models.CharField(_("tier"), max_length=1, choices=Tier, blank=True, editable=False)
    region = models.CharField(_("region"), max_length=16, choices=Region, blank=True, editable=False)
    manager = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, editable=False, related_name="+",
        verbose_name=_("account manager"),
    )  # fmt: skip
    team = models.ForeignKey(
        Team, on_delete=models.PROTECT, null=True, editable=False, related_name="+", verbose_name=_("team")
    )
    product_line = models.ForeignKey(
        ProductLine, on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+",
        verbose_name=_("product line"),
    )  # fmt: skip
    entered_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, editable=False, related_name="+", verbose_name=_("entered by")
    )
    counted = models.BooleanField(default=False, editable=False)
    score_due = models.BooleanField(default=False, db_default=False, editable=False)

    objects = ResponseQuerySet.as_manager()

    class Meta:
        verbose_name = _("survey response")
        verbose_name_plural = _("survey responses")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["campaign", "date", "id"], name="surveys_responses_by_date"),
            models.Index(fields=["account", "-date", "-id"], name="surveys_responses_by_account"),
            models.Index(
                fields=["campaign", "id"], condition=Q(status="complete", counted=False),
                name="surveys_responses_uncounted",
            ),
            models.Index(fields=["id"], condition=Q(score_due=True), name="surveys_responses_unscored"),
        ]  # fmt: skip
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "external_id"], condition=~Q(external_id=""), name="surveys_response_external"
            ),
            models.CheckConstraint(
                condition=~Q(status="complete") | Q(completed_at__isnull=False, date__isnull=False),
                name="surveys_completed_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign} · {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("surveys:response_detail", args=[self.pk])


class Answer(models.Model):
    """One countable answer of a complete response. `part` is the row of a matrix or the choice of a multiple choice or
    ranking, else "". `value`: the number given (NPS, CSAT, CES, matrix, number), the rank, or 1 for a choice taken;
    `choice` the key of a single choice; `text` the words, also those written beside "other", or the date (ISO)."""

    # No index of its own: the one that lets a question be answered once begins with the response.
    response = models.ForeignKey(
        Response, on_delete=models.CASCADE, related_name="answer_rows", verbose_name=_("survey response"),
        db_index=False,
    )  # fmt: skip
    question = models.CharField(_("question"), max_length=40)
    part = models.CharField(_("part"), max_length=40, blank=True)
    value = models.DecimalField(_("value"), max_digits=18, decimal_places=4, null=True)
    choice = models.CharField(_("choice"), max_length=40, blank=True)
    text = models.TextField(_("text"), blank=True)
    tags = models.ManyToManyField(VerbatimTag, blank=True, related_name="answers", verbose_name=_("tags"))

    objects = AnswerQuerySet.as_manager()

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["response", "question", "part"], name="surveys_answer_once")]

    def __str__(self) -> str:
        return f"{self.question} {self.value if self.value is not None else self.choice or self.text[:40]}"

    @property
    def account_id(self) -> int | None:
        """For the audit: the account that the entry is about."""
        return self.response.account_id


class Cell(models.Model):
    """How many counted answers of a month gave this value, in one cut. `cut_key` is the tier, the region, or the key of
    the team, manager or product line ("" for none, and in the cut `all`). `value` as in Answer; a single choice is
    counted under `choice`. Texts, numbers and dates are counted as answered (`value` NO_VALUE). `question` "" counts
    the responses."""

    campaign = models.ForeignKey(
        Campaign, on_delete=models.CASCADE, related_name="+", verbose_name=_("survey campaign"), db_index=False
    )
    question = models.CharField(max_length=40, blank=True)
    part = models.CharField(max_length=40, blank=True)
    cut = models.CharField(max_length=12, choices=Cut)
    cut_key = models.CharField(max_length=20, blank=True)
    month = models.DateField()
    value = models.SmallIntegerField(default=NO_VALUE)
    choice = models.CharField(max_length=40, blank=True)
    count = models.PositiveIntegerField(default=0)

    objects = CompanyQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.question} {self.cut} {self.cut_key} {self.month}: {self.count}"


class ResultCell(Cell):
    """The sums that results of the whole company are read from; in the cut `holder`, those of one account manager."""

    class Meta:
        verbose_name = _("sum of answers")
        verbose_name_plural = _("sums of answers")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "cut", "question", "part", "cut_key", "month", "value", "choice"],
                name="surveys_cell_once",
            )
        ]


class TeamCell(Cell):
    """The sums, in every cut, of the accounts that stand with a team (`ResultHolder`): who leads teams reads theirs.
    Accounts without a manager, or whose manager has no team, are in none of them."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+", verbose_name=_("team"), db_index=False)

    class Meta:
        verbose_name = _("sum of answers of a team")
        verbose_name_plural = _("sums of answers of a team")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "cut", "question", "team", "cut_key", "part", "month", "value", "choice"],
                name="surveys_team_cell_once",
            )
        ]


class ResultHolder(models.Model):
    """Under which account manager the counted answers of an account stand in the sums of the cut `holder`, and under
    which team in those of teams, by which those who see a part of the company read their results. Where the manager or
    the manager's team has changed since, readers correct the sums by the account's answers, and the nightly job moves
    them (`surveys.services.holders`)."""

    account = models.OneToOneField(
        Account, on_delete=models.CASCADE, primary_key=True, related_name="result_holder", verbose_name=_("account")
    )
    manager = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("account manager")
    )
    # A team that is deleted takes its sums with it; the accounts stand with none then.
    team = models.ForeignKey(Team, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("team"))

    objects = ResultHolderQuerySet.as_manager()

    class Meta:
        verbose_name = _("holder of sums of answers")
        verbose_name_plural = _("holders of sums of answers")

    def __str__(self) -> str:
        return f"{self.account_id}: {self.manager_id}"
