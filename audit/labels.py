"""The words for audit actions. Every action that some app records is listed here; a test compares.

This app lies below those whose actions it names: a label is only a word for a code, and an unknown code shows as it is.
"""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

ACTIONS: dict[str, str | Promise] = {
    "account.created": _("Account created"),
    "account.updated": _("Account changed"),
    "account.manager_assigned": _("Account manager assigned"),
    "account.map_reset": _("Relationship map arranged anew"),
    "account.tier_changed": _("Tier changed"),
    "contact.created": _("Contact created"),
    "contact.updated": _("Contact changed"),
    "contact.merged": _("Contacts merged"),
    "contact.removed": _("Contact removed by a merge"),
    "contact.erased": _("Personal data erased"),
    "contact.data_exported": _("Personal data exported"),
    "contact.list_exported": _("Contacts exported"),
    "employment.added": _("Employment added"),
    "employment.updated": _("Employment changed"),
    "employment.ended": _("Employment ended"),
    "employment.placed": _("Person moved on the map"),
    "employment.cleared": _("Employment cleared of personal data"),
    "employment.removed": _("Employment removed by a merge"),
    "contact_import.uploaded": _("File of contacts uploaded"),
    "contact_import.check_started": _("Check of contacts started"),
    "contact_import.check_finished": _("Check of contacts finished"),
    "contact_import.started": _("Import of contacts started"),
    "contact_import.finished": _("Import of contacts finished"),
    "contact_import.cancelled": _("Import of contacts cancelled"),
    "contact_import.reopened": _("Import of contacts reopened"),
    "contact_link.added": _("Line added to the map"),
    "contact_link.removed": _("Line removed from the map"),
    "member.added": _("Team member added"),
    "member.updated": _("Team member changed"),
    "member.removed": _("Team member removed"),
    "product_line.created": _("Product line created"),
    "product_line.updated": _("Product line changed"),
    "product.created": _("Product created"),
    "product.updated": _("Product changed"),
    "order.imported": _("Order imported"),
    "order.updated": _("Order changed"),
    "exchange_rate.set": _("Exchange rate set"),
    "exchange_rate.updated": _("Exchange rate changed"),
    "contract.drafted": _("Contract drafted"),
    "contract.updated": _("Contract changed"),
    "contract.submitted": _("Contract submitted for approval"),
    "contract.entered": _("Signed contract entered"),
    "contract.approved": _("Contract approved"),
    "contract.sent_back": _("Contract back in draft"),
    "contract.reopened": _("Approved contract opened again"),
    "contract.signed": _("Contract signed"),
    "contract.discarded": _("Contract discarded"),
    "contract.amended": _("Amendment drafted"),
    "contract.renewal_drafted": _("Renewal drafted"),
    "contract.notice_given": _("Notice of a contract given"),
    "contract.termination_asked": _("Termination of a contract asked for"),
    "contract.termination_dropped": _("Termination of a contract not carried out"),
    "contract.terminated": _("Contract terminated"),
    "receipt.posted": _("Receipt posted"),
    "receipt.refunded": _("Refund posted"),
    "receipt.voided": _("Receipt voided"),
    "instalment.event": _("Event of an instalment noted"),
    "instalment.invoiced": _("Invoice of an instalment noted"),
    "instalment.reminded": _("Payment reminder given"),
    "import.uploaded": _("Import file uploaded"),
    "import.started": _("Import started"),
    "import.finished": _("Import finished"),
    "import.cancelled": _("Import cancelled"),
    "import.reopened": _("Import reopened"),
    "import_profile.created": _("Import profile created"),
    "import_profile.updated": _("Import profile changed"),
    "import_profile.deleted": _("Import profile deleted"),
    "tier_policy.created": _("Tier policy created"),
    "tier_policy.updated": _("Tier policy changed"),
    "tier_run.made": _("Tier run made"),
    "tier_run.bulk_decided": _("Many tier proposals decided"),
    "tier_proposal.approved": _("Tier proposal approved"),
    "tier_proposal.adjusted": _("Tier proposal adjusted"),
    "tier_proposal.rejected": _("Tier proposal rejected"),
    "tier_override.set": _("Tier set by hand"),
    "tier_override.ended": _("Manual tier ended"),
    "greeting.proposed": _("Greeting proposed"),
    "greeting.sent": _("Greeting sent"),
    "greeting.skipped": _("Greeting skipped"),
    "calendar_feed.created": _("Calendar address made"),
    "calendar_feed.renewed": _("Calendar address renewed"),
    "calendar_feed.revoked": _("Calendar address revoked"),
    "interaction.logged": _("Interaction logged"),
    "interaction.updated": _("Interaction changed"),
    "interaction.deleted": _("Interaction deleted"),
    "interaction.file_added": _("File added to an interaction"),
    "interaction.file_removed": _("File removed from an interaction"),
    "step.added": _("Next step added"),
    "step.updated": _("Next step changed"),
    "step.completed": _("Next step done"),
    "step.dropped": _("Next step dropped"),
    "step.reopened": _("Next step opened again"),
    "token.created": _("API token made"),
    "token.revoked": _("API token revoked"),
    "user.created": _("User created"),
    "user.updated": _("User changed"),
    "user.deactivated": _("User deactivated"),
    "user.reactivated": _("User reactivated"),
    "user.password_changed": _("Password changed"),
    "user.password_link_requested": _("Link to choose a password requested"),
    "leave.added": _("Leave added"),
    "leave.updated": _("Leave changed"),
    "leave.removed": _("Leave removed"),
    "calendar_day.set": _("Calendar day entered"),
    "calendar_day.removed": _("Calendar day removed"),
    "calendar.filled": _("Calendar filled from the programme's list"),
    "calendar.imported": _("Calendar days imported"),
    "calendar.confirmed": _("Calendar confirmed"),
    "calendar.reopened": _("Calendar provisional again"),
    "contact_policy.created": _("Contact policy drafted"),
    "contact_policy.updated": _("Contact policy changed"),
    "contact_policy.deleted": _("Draft of a contact policy deleted"),
    "contact_policy.activated": _("Contact policy in force"),
    "rhythm.set": _("Rhythm of the account changed"),
    "capacity.set": _("Capacity changed"),
    "team.created": _("Team created"),
    "team.updated": _("Team changed"),
    "team.moved": _("Team moved"),
    "team.deleted": _("Team deleted"),
    "visit.planned": _("Visit planned"),
    "visit.updated": _("Visit changed"),
    "visit.moved": _("Visit moved"),
    "visit.completed": _("Visit completed"),
    "visit.cancelled": _("Visit cancelled"),
    "visit.missed": _("Visit missed"),
    "visit.inherited": _("Visit given to the new account manager"),
    "planning_run.asked": _("Planning asked for"),
    "approval.requested": _("Approval asked for"),
    "approval.agreed": _("Approval given in a step"),
    "approval.approved": _("Approved"),
    "approval.sent_back": _("Sent back"),
    "approval.withdrawn": _("Request for approval withdrawn"),
    "approval.commented": _("Comment on an approval"),
    "approval.reassigned": _("Approval handed on"),
    "approval_rule.created": _("Approval rule created"),
    "approval_rule.updated": _("Approval rule changed"),
    "approval_rule.deleted": _("Approval rule deleted"),
    "renewal.opened": _("Renewal opened"),
    "renewal.recorded": _("Renewal recorded"),
    "renewal.moved": _("Renewal moved to another term"),
    "renewal.renewed": _("Contract renewed"),
    "renewal.auto_renewed": _("Contract renewed by itself"),
    "renewal.lost": _("Contract lost"),
    "renewal.reopened": _("Renewal opened again"),
    "renewal.escalated": _("Renewal escalated to the supervisor"),
    "renewal.alerted": _("Renewal became an alert"),
    "renewal.successor_drafted": _("Successor of the contract drafted"),
    "renewal.notice_noted": _("Notice noted at the renewal"),
    "contract.term_renewed": _("Term of the contract renewed by itself"),
    "contract.renewal_stopped": _("Contract renews itself no more"),
    "contract_policy.created": _("Contract policy created"),
    "contract_policy.updated": _("Contract policy changed"),
}

VIA: dict[str, str | Promise] = {
    "web": _("Web page"),
    "api": _("REST API"),
    "job": _("Background job"),
    "command": _("Command line"),
}

# Names in `changes` that are no field of the row's model.
FIELDS: dict[str, str | Promise] = {
    "merged": _("merged contact"),
    "merged_employments": _("merged employments"),
    "merged_into": _("merged into"),
    "rows_moved": _("rows taken over"),
    "contacts": _("contacts"),
    "format": _("format"),
    "manager": _("account manager"),
    "tags": _("tags"),
    "tier": _("tier"),
    "user": _("user"),
    "rule": _("rule"),
    "step": _("step"),
    "steps": _("steps"),
    "approver": _("approver"),
    "stand_in_for": _("in place of"),
    "file": _("file"),
    "version": _("version"),
    "method": _("method"),
    "months": _("months"),
    "currency": _("currency"),
    "parameters": _("parameters"),
    "cut_a": _("A ends at"),
    "cut_b": _("B ends at"),
    "measure": _("Compared with the bounds"),
    "bound_a": _("A from"),
    "bound_b": _("B from"),
    "band_a": _("A from a score of"),
    "band_b": _("B from a score of"),
    "down_runs": _("Runs in a row before a downgrade"),
    "up_runs": _("Runs in a row before an upgrade"),
    "margin": pgettext_lazy("of hysteresis", "Margin"),
    "combine": _("With both runs and margin"),
    "accounts": _("accounts"),
    "moves": _("tier changes"),
    "superseded": _("proposals replaced"),
    "days": _("days"),
    "rules": _("rules"),
    "lines": _("lines"),
    "orders_created": _("Orders created"),
    "places": _("People moved by hand"),
    "renewal_rules": _("renewal rules"),
    "dunning_rules": _("dunning rules"),
    "successor": _("successor"),
    "rows_bad": _("Bad rows"),
    "rows_created": _("People added"),
    "rows_known": _("Known, left as they are"),
    "rows_unchanged": _("Nothing new"),
    "rows_updated": _("Known people changed"),
    "orders_updated": _("Orders changed"),
    "orders_unchanged": _("Orders unchanged"),
    "orders_rejected": _("Orders rejected"),
}

# Values that are codes, of what is no field of a model.
CODES: dict[str, dict[str, str | Promise]] = {
    "measure": {"total": _("Revenue of all months together"), "every_month": _("Revenue of every single month")},
    "combine": {"any": _("Either is enough"), "all": _("Both are needed")},
}

# The criteria of a scorecard, each with a weight and points.
CRITERIA: dict[str, str | Promise] = {
    "revenue": _("Revenue"),
    "growth": _("Growth"),
    "margin": _("Margin"),
    "potential": _("Potential"),
    "wallet_share": _("Wallet share"),
    "payment_behaviour": _("Payment behaviour"),
    "tenure": _("Tenure"),
    "strategic_fit": _("Strategic fit"),
}


def field_label(name: str) -> str:
    """What is no field of a model in words, or its name where there are none."""
    kind, _under, criterion = name.partition("_")
    if criterion in CRITERIA and kind in ("weight", "points"):
        text = _("%(criterion)s: weight") if kind == "weight" else _("%(criterion)s: points")
        return str(text % {"criterion": CRITERIA[criterion]})
    return str(FIELDS.get(name) or name.replace("_", " "))


def value_label(name: str, value: Any) -> Any:
    """A code in words; every other value as it is."""
    return CODES.get(name, {}).get(value, value) if isinstance(value, str) else value


def action_label(action: str) -> str:
    """The action in words, or its code where there are none."""
    return str(ACTIONS.get(action, action))


def via_label(via: str) -> str:
    """The door in words; what comes after the first word (a token's name) stays as it is."""
    door, colon, rest = via.partition(":")
    return f"{VIA.get(door, door)}{colon}{rest}" if via else ""
