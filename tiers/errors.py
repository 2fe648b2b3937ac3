"""What the tier services refuse."""

from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, DomainError, Forbidden


class ProposalAlreadyDecided(Conflict):
    code = "proposal_already_decided"
    message = _("This proposal has been decided already.")


class MayNotDecide(Forbidden):
    code = "may_not_decide_tiers"
    message = _("Only supervisors and directors decide on tiers, for the accounts of their teams.")


class MayNotOwnPolicies(Forbidden):
    code = "may_not_own_policies"
    message = _("Only directors and administrators change tier policies.")


class ReasonMissing(DomainError):
    code = "reason_missing"
    message = _("Give a reason.")


class TierUnknown(DomainError):
    code = "tier_unknown"
    message = _("“%(tier)s” is not a tier.")


class OverrideExpired(DomainError):
    code = "override_expired"
    message = _("The last day of an override cannot lie in the past.")


class OverrideEnded(Conflict):
    code = "override_ended"
    message = _("This override has ended already.")


class PolicyWithoutVersion(DomainError):
    code = "policy_without_version"
    message = _("This policy has no version yet.")


class NothingToRank(DomainError):
    code = "nothing_to_rank"
    message = _("No account has revenue in the months before %(as_of)s: there is nothing to sort by.")
