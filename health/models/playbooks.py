"""Playbook with its steps, and a playbook at work at an account with its tasks."""

from __future__ import annotations

from typing import Any

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Account
from core.models import Timestamped
from health.choices import PlaybookRunStatus, StepRole, StepStatus
from health.querysets import (
    CompanyQuerySet,
    PlaybookCaseQuerySet,
    PlaybookQuerySet,
    PlaybookRunQuerySet,
    PlaybookTaskQuerySet,
)
from health.texts import in_language
from users.models import User


class Playbook(Timestamped):
    """What to do about a kind of alert or in a relationship stage.

    Texts are `{language: text}` in the product's languages; what is missing is shown in another one. `reasons` are
    codes of `Reason` for which it is recommended, `stages` of relationship stages: of alerts at accounts in them (an
    empty list: in all). `starts_at_stage` starts it by itself when an account enters one of `stages`. `code` names the
    shipped ones.
    """

    code = models.SlugField(_("code"), max_length=40, unique=True, null=True, blank=True, editable=False)
    names = models.JSONField(_("name"), default=dict)
    descriptions = models.JSONField(_("description"), default=dict, blank=True)
    reasons = models.JSONField(_("reasons"), default=list, blank=True)
    stages = models.JSONField(_("relationship stages"), default=list, blank=True)
    starts_at_stage = models.BooleanField(_("starts when an account enters the stage"), default=False)
    is_active = models.BooleanField(_("active"), default=True)

    objects = PlaybookQuerySet.as_manager()

    class Meta:
        verbose_name = _("playbook")
        verbose_name_plural = _("playbooks")
        ordering = ["pk"]

    def __str__(self) -> str:
        return in_language(self.names)

    def get_absolute_url(self) -> str:
        return reverse("health:playbook_detail", args=[self.pk])

    @property
    def description(self) -> str:
        return in_language(self.descriptions)


class PlaybookStep(models.Model):
    """One step: who does it, within how many working days after the start, what belongs to it.

    `checklist` is a list of `{language: text}`; `template` is a text to send or to say, by language.
    """

    playbook = models.ForeignKey(Playbook, on_delete=models.CASCADE, related_name="steps", verbose_name=_("playbook"))
    position = models.PositiveSmallIntegerField(_("order"))
    titles = models.JSONField(_("title"), default=dict)
    role = models.CharField(_("owner role"), max_length=20, choices=StepRole, default=StepRole.MANAGER)
    due_days = models.PositiveSmallIntegerField(_("working days"), default=1, validators=[MaxValueValidator(250)])
    checklist = models.JSONField(_("checklist"), default=list, blank=True)
    template = models.JSONField(_("text template"), default=dict, blank=True)

    objects = CompanyQuerySet.as_manager()

    class Meta:
        verbose_name = _("step of a playbook")
        verbose_name_plural = _("steps of playbooks")
        ordering = ["playbook", "position"]
        constraints = [models.UniqueConstraint(fields=["playbook", "position"], name="health_step_position_once")]

    def __str__(self) -> str:
        return in_language(self.titles)


class PlaybookRun(Timestamped):
    """A playbook at work at an account; its steps are copied into tasks, so that a later edit changes nothing here.

    `score_at_start` is the account's health score at the start (null without one).
    """

    playbook = models.ForeignKey(Playbook, on_delete=models.PROTECT, related_name="runs", verbose_name=_("playbook"))
    account = models.ForeignKey(
        Account, on_delete=models.CASCADE, related_name="playbook_runs", verbose_name=_("account"), db_index=False
    )
    alert = models.ForeignKey(
        "health.Alert", on_delete=models.SET_NULL, null=True, blank=True, related_name="playbook_runs",
        verbose_name=_("alert"),
    )  # fmt: skip
    status = models.CharField(
        pgettext_lazy("of a playbook at an account", "status"), max_length=8, choices=PlaybookRunStatus,
        default=PlaybookRunStatus.RUNNING, editable=False,
    )  # fmt: skip
    started_on = models.DateField(_("started"))
    started_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("started by")
    )
    score_at_start = models.PositiveSmallIntegerField(_("health score at the start"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True, editable=False)

    objects = PlaybookRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("playbook at an account")
        verbose_name_plural = _("playbooks at accounts")
        ordering = ["-started_on", "-pk"]
        indexes = [
            models.Index(fields=["account", "-id"], name="health_runs_account"),
            models.Index(fields=["started_on", "id"], name="health_runs_started"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["playbook", "account"], condition=Q(status="running"), name="health_playbook_once_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.account} · {self.playbook}"

    def get_absolute_url(self) -> str:
        return reverse("health:playbook_run_detail", args=[self.pk])


class PlaybookCase(models.Model):
    """What came of a playbook at an account within so many days, as the night's job found it once they were over.

    `recovered` is null where the account had no score before or after. `recovered_similar` and `other_similar` are the
    keys of the similar accounts without the playbook that did recover and that did not: counted, never named.
    """

    run = models.ForeignKey(
        PlaybookRun, on_delete=models.CASCADE, related_name="cases", verbose_name=_("playbook at an account"),
        db_index=False,
    )  # fmt: skip
    days = models.PositiveSmallIntegerField(_("days"))
    recovered = models.BooleanField(_("recovered"), null=True)
    recovered_similar = models.JSONField(default=list)
    other_similar = models.JSONField(default=list)

    objects = PlaybookCaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("outcome of a playbook at an account")
        verbose_name_plural = _("outcomes of playbooks at accounts")
        constraints = [models.UniqueConstraint(fields=["run", "days"], name="health_case_once")]

    def __str__(self) -> str:
        return f"{self.run_id}: {self.days}"


class PlaybookTask(Timestamped):
    """A step at an account. `checklist` is `[{"text": {language: text}, "done": bool}]`."""

    run = models.ForeignKey(
        PlaybookRun, on_delete=models.CASCADE, related_name="tasks", verbose_name=_("playbook at an account")
    )
    position = models.PositiveSmallIntegerField(_("order"))
    titles = models.JSONField(_("title"), default=dict)
    role = models.CharField(_("owner role"), max_length=20, choices=StepRole)
    owner = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="playbook_tasks", verbose_name=_("owner"),
        db_index=False,
    )  # fmt: skip
    due_date = models.DateField(_("due"))
    checklist = models.JSONField(_("checklist"), default=list, blank=True)
    template = models.JSONField(_("text template"), default=dict, blank=True)
    status = models.CharField(
        pgettext_lazy("of a step", "status"), max_length=8, choices=StepStatus, default=StepStatus.OPEN
    )
    note = models.TextField(_("note"), blank=True, max_length=5000)
    done_at = models.DateTimeField(_("done at"), null=True)
    done_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("done by"))

    objects = PlaybookTaskQuerySet.as_manager()

    class Meta:
        verbose_name = _("task of a playbook")
        verbose_name_plural = _("tasks of playbooks")
        ordering = ["run", "position"]
        constraints = [models.UniqueConstraint(fields=["run", "position"], name="health_task_position_once")]
        indexes = [
            models.Index(fields=["owner", "due_date", "id"], condition=Q(status="open"), name="health_tasks_own"),
            models.Index(fields=["due_date", "id"], condition=Q(status="open"), name="health_tasks_due"),
        ]

    def __str__(self) -> str:
        return in_language(self.titles)

    def get_absolute_url(self) -> str:
        return f"{reverse('health:playbook_run_detail', args=[self.run_id])}#task-{self.pk}"

    @property
    def template_text(self) -> str:
        return in_language(self.template)

    @property
    def checklist_rows(self) -> list[dict[str, Any]]:
        """The checklist in the reader's language."""
        return [{"text": in_language(row["text"]), "done": row["done"]} for row in self.checklist]
