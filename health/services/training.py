"""Learns a churn model from the orders, judges it on months that it has not seen, and keeps it or not."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from audit.services import record
from core.errors import DomainError
from health.choices import ModelKind
from health.churn import model as churn
from health.churn.choosing import try_out
from health.churn.storing import from_document, rule_document, rule_in, to_document
from health.churn.training import Learnt, Plan
from health.churn.training import train as learn
from health.errors import TrainingForbidden
from health.models import ChurnModel
from health.services.purchases import LOOK_BACK_DAYS, daily_order_counts, gather_sample, ordering_accounts
from users.models import User

# A rule is given up as soon as there is enough to learn from; a model is learnt anew when a whole horizon has passed
# that it has not seen, so that the two can be compared.
RULE_DAYS = 30
# Verdicts of rows that are only in the queue so far.
ASKED, TRAINING = "asked", "training"
WAITING = (ASKED, TRAINING)
STALE = dt.timedelta(minutes=30)


@transaction.atomic
def ask_training(today: dt.date, now: dt.datetime, *, actor: User) -> ChurnModel:
    """Put a training into the queue; one that waits already is given back. Raises TrainingForbidden."""
    if not actor.owns_policies:
        raise TrainingForbidden
    waiting = ChurnModel.objects.filter(verdict__in=WAITING).first()
    if waiting is not None:
        return waiting
    row = ChurnModel.objects.create(kind=ModelKind.RULE, trained_at=now, as_of=today, verdict=ASKED)
    record("churn_model.asked", row, actor=actor)
    return row


def due_trainings(now: dt.datetime) -> list[int]:
    """Trainings that wait, or whose worker has died."""
    return list(_claimable(now).values_list("pk", flat=True))


def run_training(pk: int, now: dt.datetime) -> bool:
    """Claim a training and do it; False where there is nothing to claim. After a kill it starts anew."""
    if not _claimable(now).filter(pk=pk).update(verdict=TRAINING, trained_at=now):
        return False
    row = ChurnModel.objects.get(pk=pk)
    train(row.as_of, now, row_id=pk)
    return True


def _claimable(now: dt.datetime) -> QuerySet[ChurnModel]:
    return ChurnModel.objects.filter(Q(verdict=ASKED) | Q(verdict=TRAINING, trained_at__lt=now - STALE))


def train(
    as_of: dt.date,
    now: dt.datetime,
    actor: User | None = None,
    plan: Plan | None = None,
    row_id: int | None = None,
) -> ChurnModel:
    """Learn from the orders before `as_of`; the row (that of the queue, where there is one) says what came of it.

    A model is used if it beats the plain rule and the model before on held-out months; else what was in use stays, and
    where that was a rule, the rule of today's shares takes its place.
    """
    how = plan or Plan()
    ids = ordering_accounts(as_of, as_of - dt.timedelta(days=LOOK_BACK_DAYS))
    purchases = gather_sample(ids, how.most_accounts, as_of, LOOK_BACK_DAYS).purchases
    learnt = learn(purchases, as_of.toordinal(), how, daily_order_counts(as_of))
    before = _in_use()
    if learnt.model is None:
        row, replaces = _rule_row(learnt, learnt.reason, {}, as_of, now, how), before is None
    else:
        trial = try_out(purchases, as_of.toordinal(), how, before)
        replaces = trial.kept or before is None
        if not trial.kept and before is None:
            row = _rule_row(learnt, trial.verdict, dict(trial.measures), as_of, now, how)
        else:
            row = _model_row(learnt.model, trial.verdict, dict(trial.measures), as_of, now)
    row.pk = row_id
    return _keep(row, actor, replaces=replaces)


def train_if_due(today: dt.date, now: dt.datetime) -> ChurnModel | None:
    """Train where it is time to, at once where what is in use is not of this version; the same day again changes
    nothing."""
    newest = ChurnModel.objects.exclude(verdict__in=WAITING).order_by("-as_of", "-pk").first()
    in_use = ChurnModel.objects.filter(in_use=True).first()
    trained = in_use is not None and in_use.kind == ModelKind.TRAINED
    if newest is not None and not _is_stale(in_use):
        wait = in_use.horizon_days if trained and in_use and newest.pk == in_use.pk else RULE_DAYS
        if today < newest.as_of + dt.timedelta(days=wait):
            return None
    return train(today, now)


def _is_stale(row: ChurnModel | None) -> bool:
    """Whether what is in use was changed, or belongs to another version."""
    if row is None:
        return False
    try:
        (from_document if row.kind == ModelKind.TRAINED else rule_in)(row.document, settings.SECRET_KEY)
    except DomainError:
        return True
    return False


def _in_use() -> churn.ChurnModel | None:
    """The learnt model in use; one that does not match its signature or this version counts as none."""
    row = ChurnModel.objects.filter(in_use=True, kind=ModelKind.TRAINED).first()
    if row is None:
        return None
    try:
        return from_document(row.document, settings.SECRET_KEY)
    except DomainError:
        return None


def _model_row(
    model: churn.ChurnModel, verdict: str, measures: dict[str, Any], as_of: dt.date, now: dt.datetime
) -> ChurnModel:
    snapshots = model.training.snapshots
    return ChurnModel(
        kind=ModelKind.TRAINED,
        trained_at=now,
        as_of=as_of,
        first_snapshot=dt.date.fromordinal(snapshots[0]),
        last_snapshot=dt.date.fromordinal(snapshots[-1]),
        rows=model.training.rows,
        horizon_days=model.horizon,
        document=to_document(model, settings.SECRET_KEY),
        measures=measures,
        verdict=verdict,
    )


def _rule_row(
    learnt: Learnt, verdict: str, measures: dict[str, Any], as_of: dt.date, now: dt.datetime, plan: Plan
) -> ChurnModel:
    return ChurnModel(
        kind=ModelKind.RULE,
        trained_at=now,
        as_of=as_of,
        rows=learnt.rule.learnt_from,
        horizon_days=plan.horizon,
        document=rule_document(learnt.rule, settings.SECRET_KEY),
        measures=measures,
        verdict=verdict,
    )


@transaction.atomic
def _keep(row: ChurnModel, actor: User | None, *, replaces: bool) -> ChurnModel:
    """Save the row; where it replaces what was in use, in one step."""
    if replaces:
        list(ChurnModel.objects.select_for_update().filter(in_use=True).values_list("pk", flat=True))
        ChurnModel.objects.filter(in_use=True).update(in_use=False)
    row.in_use = replaces
    row.save()
    changes = {"kind": ("", row.kind), "verdict": ("", row.verdict), "in_use": (None, row.in_use)}
    record("churn_model.trained", row, actor=actor, changes=changes)
    return row
