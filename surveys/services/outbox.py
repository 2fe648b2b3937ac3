"""The outbox of surveys: the rows are the queue, at most one attempt of each mail is ever unsure.

A mail is taken in three steps, each committed: *claimed* (its time of claim counts against the rate of the policy, and
keeps other senders off it for a while), *sending* just before the mail server is called, *sent* right after it took the
mail. A sender that dies before the second step leaves mails that are claimed again; one that dies after it leaves a
mail of which nobody knows whether it went out: it becomes *uncertain*, is shown, and sent again by a person only.
A mail server that does not answer puts mails back with a growing delay for as long as the invitation can be answered.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from accounts.choices import Status
from contacts.choices import Consent
from contacts.models import Employment
from core.post import Outcome, Post, Verdict
from surveys.choices import OPEN_INVITATIONS, CampaignStatus, InvitationStatus, MailStatus
from surveys.mails import compose
from surveys.models import SurveyMail
from surveys.services.invitations import drop_mails, mark_bounced, move_on
from surveys.services.policy import locked_policy

Clock = Callable[[], dt.datetime]
MINUTE = dt.timedelta(minutes=1)
CLAIM_LASTS = dt.timedelta(minutes=5)
"""After which a mail that was claimed and not sent is anybody's again."""
UNSURE_AFTER = dt.timedelta(minutes=15)
WORK_FOR = dt.timedelta(seconds=50)
"""How long one call sends; it gives back what it has not sent by then."""
DELAYS = (2, 5, 10, 20, 40, 60)
"""Minutes before the next try, by the number of tries; the last for all further ones."""
MOST_AT_ONCE = 500


@dataclass
class Sent:
    """What a call of the sender did."""

    sent: int = 0
    bounced: int = 0
    put_back: int = 0
    uncertain: int = 0
    dropped: int = 0


def send_due(clock: Clock) -> Sent:
    """Send what is due, up to the rate of the policy over all campaigns and senders, for at most WORK_FOR."""
    began, done = clock(), Sent()
    done.uncertain = settle_stale(began)
    mine, done.dropped = claim(began)
    with Post() as post:
        for number, pk in enumerate(mine):
            if clock() - began > WORK_FOR:
                _release(mine[number:], began)
                break
            if not _send_one(pk, began, clock, post, done):
                done.put_back += _put_back(mine[number:], post.error, clock())
                break
    return done


def claim(now: dt.datetime) -> tuple[list[int], int]:
    """Take mails that are due, as many as the policy lets go out in a minute: what was taken in the minute before
    counts, by whichever sender. Those that are no longer wanted are dropped: the contact meanwhile opted out, left or
    answered, the account ended, the time is over. Returns the primary keys, and how many were dropped."""
    with transaction.atomic():
        policy = locked_policy()
        taken = SurveyMail.objects.order_by().filter(claimed_at__gt=now - MINUTE).count()
        budget = min(policy.mails_per_minute - taken, MOST_AT_ONCE)
        if budget <= 0:
            return [], 0
        free = Q(claimed_at__isnull=True) | Q(claimed_at__lte=now - CLAIM_LASTS)
        rows = SurveyMail.objects.filter(free, status=MailStatus.WAITING, due_at__lte=now)
        rows = rows.filter(invitation__campaign__status=CampaignStatus.RUNNING).order_by("due_at", "pk")
        mine = list(rows.values_list("pk", flat=True)[:budget])
        taken_now = SurveyMail.objects.filter(pk__in=mine)
        taken_now.update(claimed_at=now)
        dropped = drop_mails(Q(pk__in=list(taken_now.exclude(wanted(now)).values_list("pk", flat=True))))
    return mine, dropped


def settle_stale(now: dt.datetime) -> int:
    """Mails whose sender died while the mail server was called: nobody knows. Returns how many."""
    stale = SurveyMail.objects.filter(status=MailStatus.SENDING, claimed_at__lt=now - UNSURE_AFTER)
    return stale.update(status=MailStatus.UNCERTAIN)


def wanted(now: dt.datetime) -> Q:
    """Which mails may still go out: the link takes an answer, and the contact may be asked. For mails."""
    today = timezone.localdate(now)
    jobs = Employment.objects.order_by().filter(Q(until_date__isnull=True) | Q(until_date__gte=today))
    jobs = jobs.filter(contact=OuterRef("invitation__contact"), account=OuterRef("invitation__account"))
    contact = "invitation__contact"
    return (
        Q(invitation__status__in=OPEN_INVITATIONS, invitation__expires_on__gte=today)
        & ~Q(invitation__campaign__status=CampaignStatus.ENDED)
        & ~Q(invitation__account__status=Status.TERMINATED)
        & ~Q(invitation__email="")
        & Q(**{f"{contact}__no_surveys": False, f"{contact}__no_email": False, f"{contact}__erased": False})
        & ~Q(**{f"{contact}__consent": Consent.WITHDRAWN})
        & Q(Exists(jobs))
    )


def _send_one(pk: int, claimed_at: dt.datetime, clock: Clock, post: Post, done: Sent) -> bool:
    """Send one claimed mail; False where the mail server cannot be reached, and the rest had better wait."""
    if not post.ready():
        return False
    now = clock()
    mine = SurveyMail.objects.order_by().filter(pk=pk, status=MailStatus.WAITING, claimed_at=claimed_at)
    mine = mine.filter(wanted(now), invitation__campaign__status=CampaignStatus.RUNNING)
    taken = SurveyMail.objects.filter(pk__in=mine.values("pk"), status=MailStatus.WAITING).update(
        status=MailStatus.SENDING, claimed_at=now, attempts=F("attempts") + 1
    )
    if not taken:
        return True
    mail = SurveyMail.objects.select_related("invitation__campaign", "invitation__contact").get(pk=pk)
    verdict = post.send(compose(mail.invitation, mail.kind))
    _settle(mail, verdict, clock(), done)
    return verdict.outcome != Outcome.UNREACHABLE


def _settle(mail: SurveyMail, verdict: Verdict, now: dt.datetime, done: Sent) -> None:
    """Write what the mail server said of a mail that is being sent."""
    sending = SurveyMail.objects.filter(pk=mail.pk, status=MailStatus.SENDING)
    if verdict.outcome == Outcome.SENT:
        with transaction.atomic():
            sending.update(status=MailStatus.SENT, sent_at=now, error="")
            move_on([mail.invitation_id], InvitationStatus.SENT)
        done.sent += 1
    elif verdict.outcome == Outcome.REFUSED:
        with transaction.atomic():
            sending.update(status=MailStatus.BOUNCED, error=verdict.error[:300])
            if mail.invitation.status in OPEN_INVITATIONS:
                mark_bounced(mail.invitation, error=verdict.error, actor=None, now=now)
        done.bounced += 1
    elif verdict.outcome == Outcome.UNSURE:
        sending.update(status=MailStatus.UNCERTAIN, error=verdict.error[:300])
        done.uncertain += 1
    else:
        due = now + _delay(mail.attempts)
        sending.update(status=MailStatus.WAITING, claimed_at=None, due_at=due, error=verdict.error[:300])
        done.put_back += 1


def _put_back(pks: list[int], error: str, now: dt.datetime) -> int:
    """Give back what was claimed, for a try later on: the more often it was tried, the later."""
    count = 0
    for tries, minutes in enumerate(DELAYS):
        rows = SurveyMail.objects.filter(pk__in=pks, status=MailStatus.WAITING)
        last = tries == len(DELAYS) - 1
        rows = rows.filter(**{"attempts__gte" if last else "attempts": tries})
        later = now + dt.timedelta(minutes=minutes)
        batch = list(rows.filter(claimed_at__isnull=False).values_list("pk", flat=True))
        fields = {"claimed_at": None, "due_at": later, "attempts": F("attempts") + 1, "error": error[:300]}
        count += SurveyMail.objects.filter(pk__in=batch).update(**fields)
    return count


def _release(pks: list[int], claimed_at: dt.datetime) -> None:
    """Give back what there was no time for."""
    SurveyMail.objects.filter(pk__in=pks, status=MailStatus.WAITING, claimed_at=claimed_at).update(claimed_at=None)


def _delay(attempts: int) -> dt.timedelta:
    return dt.timedelta(minutes=DELAYS[min(max(attempts - 1, 0), len(DELAYS) - 1)])
