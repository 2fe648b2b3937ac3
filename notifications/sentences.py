"""The words for kinds of notifications. Every kind that some app sends is listed here; a test compares.

This app lies below those whose kinds it names: a sentence is only words for a code. Parameters whose name ends in
`date` are dates and are written as the reader's language writes them; `reason` is the code of an alert's reason.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils import formats
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from notifications.alert_words import reason_words

SENTENCES: dict[str, str | Promise] = {
    "mentioned": _("%(actor)s mentioned you: %(account)s, %(title)s"),
    "step_assigned": _("%(actor)s gave you a next step for %(account)s: %(text)s (due %(date)s)"),
    "promise_assigned": _("%(actor)s gave you a promise to keep for %(account)s: %(text)s (due %(date)s)"),
    "step_done": _("%(actor)s finished your next step for %(account)s: %(text)s"),
    "step_dropped": _("%(actor)s dropped your next step for %(account)s: %(text)s"),
    "visit_assigned": _("%(actor)s planned a visit of yours: %(account)s on %(date)s"),
    "visit_moved": _("%(actor)s moved your visit at %(account)s to %(date)s"),
    "visit_cancelled": _("%(actor)s cancelled your visit at %(account)s on %(date)s"),
    "policy_activated": _("%(actor)s put a new contact policy into force"),
    "approval_asked": _("%(actor)s asks for your approval: %(title)s"),
    "approval_asked_for": _("%(actor)s asks for an approval of %(user)s, for whom you stand in: %(title)s"),
    "approval_approved": _("Approved, last by %(actor)s: %(title)s"),
    "approval_approved_now": _("Approved: %(title)s"),
    "approval_sent_back": _("%(actor)s sent back: %(title)s – %(comment)s"),
    "approval_withdrawn": _("%(actor)s took the request back, nothing is left to decide: %(title)s"),
    "approval_commented": _("%(actor)s commented on the approval: %(title)s"),
    "renewal_opened": _("The renewal of %(contract)s with %(account)s is open: notice by %(notice_date)s"),
    "renewal_escalated": _(
        "Nobody has acted on the renewal of %(contract)s with %(account)s: notice by %(notice_date)s"
    ),
    "renewal_alerted": _("Alert: %(contract)s with %(account)s is about to end undecided, notice by %(notice_date)s"),
    "renewed_itself": _("%(contract)s with %(account)s renewed itself until %(end_date)s"),
    "recovery_opened": _("%(account)s is not content (%(campaign)s): close the loop by %(due_date)s"),
    "recovery_joined": _("Another answer of %(account)s is not content (%(campaign)s): close the loop by %(due_date)s"),
    "reference_opened": _("%(account)s would recommend us (%(campaign)s): ask for a reference by %(due_date)s"),
    "reference_joined": _("Another person at %(account)s would recommend us (%(campaign)s): ask by %(due_date)s"),
    "follow_up_escalated": _("Nobody has closed the loop with %(account)s (%(campaign)s): it was due on %(due_date)s"),
    "follow_up_inherited": _("You take over a follow-up with %(account)s (%(campaign)s), due on %(due_date)s"),
    "alert_opened": _("Alert: %(account)s, %(reason)s. Act by %(due_date)s"),
    "alerts_opened": _("%(count)s new alerts, the most dangerous: %(account)s, %(reason)s"),
    "alert_woken": _("The alert on %(account)s is open again: %(reason)s. Act by %(due_date)s"),
    "alert_assigned": _("%(actor)s gave you the alert on %(account)s: %(reason)s. Act by %(due_date)s"),
    "alert_inherited": _("You take over the alert on %(account)s: %(reason)s. Act by %(due_date)s"),
    "alert_escalated": _("Nobody has acted on the alert on %(account)s (%(reason)s): it was due on %(due_date)s"),
    "alert_escalated_further": _(
        "Still nobody has acted on the alert on %(account)s (%(reason)s): it was due on %(due_date)s"
    ),
    "alert_commented": _("%(actor)s commented on the alert on %(account)s: %(reason)s"),
    "export_ready": _("Your export is ready: %(list)s, %(rows)s rows"),
    "export_failed": _("Your export could not be made: %(list)s. %(error)s"),
    "report_ready": _("Your report is ready: %(report)s, %(rows)s rows"),
    "report_failed": _("Your report could not be made: %(report)s. %(error)s"),
    "report_mail_failed": _("The report %(report)s did not reach %(receiver)s: %(error)s"),
    "scorecard_set": _("%(actor)s set targets: %(whose)s, %(period)s"),
    "scorecard_commented": _("%(actor)s commented on the scorecard: %(whose)s, %(period)s"),
    "scorecard_signed": _("%(actor)s signed the scorecard: %(whose)s, %(period)s"),
    "scorecard_reopened": _("%(actor)s reopened the scorecard: %(whose)s, %(period)s"),
    "playbook_started": _("%(playbook)s at %(account)s begins for you with: %(task)s, due on %(due_date)s"),
    "playbook_task_given": _("A task at %(account)s is yours now (%(playbook)s): %(task)s, due on %(due_date)s"),
    "mail_refused": _("An e-mail to you came back. Is your address %(address)s right? The mail server says: %(error)s"),
    "robot_refused": _("Your robot %(address)s does not take messages: %(error)s"),
    "playbook_inherited": _("You take over %(playbook)s at %(account)s, first: %(task)s, due on %(due_date)s"),
}

# icons: alert-circle report-analytics
# icons: file-export mood-sad mood-happy map-route alert-triangle
# icons: refresh-dot urgent
# icons: alarm refresh mail-off robot-off
# icons: at checkbox target-arrow circle-check circle-x calendar-plus
# icons: calendar-event calendar-x ruler-2 rubber-stamp arrow-back-up message bell
ICONS = {
    "recovery_opened": "mood-sad",
    "recovery_joined": "mood-sad",
    "reference_opened": "mood-happy",
    "reference_joined": "mood-happy",
    "follow_up_escalated": "urgent",
    "follow_up_inherited": "refresh-dot",
    "alert_opened": "alert-triangle",
    "alerts_opened": "alert-triangle",
    "alert_woken": "alarm",
    "alert_assigned": "alert-triangle",
    "alert_inherited": "refresh-dot",
    "alert_escalated": "urgent",
    "alert_escalated_further": "urgent",
    "alert_commented": "message",
    "export_ready": "file-export",
    "export_failed": "alert-circle",
    "report_ready": "report-analytics",
    "report_failed": "alert-circle",
    "report_mail_failed": "mail-off",
    "scorecard_set": "target-arrow",
    "scorecard_commented": "message",
    "scorecard_signed": "circle-check",
    "scorecard_reopened": "arrow-back-up",
    "playbook_started": "map-route",
    "playbook_task_given": "checkbox",
    "playbook_inherited": "refresh-dot",
    "renewal_opened": "refresh-dot",
    "renewal_escalated": "urgent",
    "renewal_alerted": "alarm",
    "renewed_itself": "refresh",
    "mentioned": "at",
    "step_assigned": "checkbox",
    "promise_assigned": "target-arrow",
    "step_done": "circle-check",
    "step_dropped": "circle-x",
    "visit_assigned": "calendar-plus",
    "visit_moved": "calendar-event",
    "visit_cancelled": "calendar-x",
    "policy_activated": "ruler-2",
    "approval_asked": "rubber-stamp",
    "approval_asked_for": "rubber-stamp",
    "approval_approved": "circle-check",
    "approval_approved_now": "circle-check",
    "approval_sent_back": "arrow-back-up",
    "approval_withdrawn": "circle-x",
    "approval_commented": "message",
    "mail_refused": "mail-off",
    "robot_refused": "robot-off",
}


def sentence(kind: str, params: Mapping[str, Any]) -> str:
    """What happened, in the reader's language; the code itself where there are no words for it."""
    words = {name: _date(value) if name.endswith("date") else value for name, value in params.items()}
    if "reason" in words:
        words["reason"] = reason_words(words["reason"])
    try:
        return str(SENTENCES[kind]) % words
    except KeyError:
        return " · ".join([kind, *(str(value) for value in words.values())])


def icon_of(kind: str) -> str:
    return ICONS.get(kind, "bell")


def _date(value: Any) -> Any:
    try:
        return formats.date_format(dt.date.fromisoformat(str(value)[:10]), "DATE_FORMAT")
    except ValueError:
        return value
