"""What contracts refuse, in words."""

from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, DomainError, Forbidden
from interactions.errors import ReasonNeeded, TooManyParts


class EndBeforeStart(DomainError):
    code = "end_before_start"
    message = _("The end is before the start.")


class NoticeTooLong(DomainError):
    code = "notice_too_long"
    message = _("The notice period of %(days)s days is longer than the term of %(term)s days.")


class NotTheContracts(Forbidden):
    code = "not_responsible"
    message = _("Only the owner of the contract, the account manager or a supervisor may do this.")


class VersionSigned(Conflict):
    code = "version_signed"
    message = _("A signed version never changes. Make an amendment instead.")


class WrongStatus(Conflict):
    code = "wrong_status"
    message = _("This version is “%(status)s”: this cannot be done with it now.")


class WrongPhase(Conflict):
    code = "wrong_phase"
    message = _("This contract is “%(phase)s”: this cannot be done with it now.")


class VersionAtWork(Conflict):
    code = "version_at_work"
    message = _("Version %(number)s is “%(status)s”. Sign or discard it first.")


class VersionInApproval(VersionAtWork):
    """The same, with its code, of a version that can neither be signed nor discarded yet."""

    message = _("Version %(number)s is in approval: wait for the decision, or withdraw it first.")


class TerminationAsked(Conflict):
    code = "termination_asked"
    message = _("The termination of this contract is being decided.")


class ReasonMissing(ReasonNeeded):
    """The same as for a next step, and with its code."""


class RowInvalid(DomainError):
    code = "row_invalid"
    message = _("%(row)s: %(error)s")


class TooManyDecimals(DomainError):
    code = "too_many_decimals"
    message = _("%(row)s: amounts in %(currency)s have at most %(digits)s decimals.")


class NotWhole(TooManyDecimals):
    """The same, with its code, of a currency without decimals."""

    message = _("%(row)s: amounts in %(currency)s have no decimals.")


class AmountTooLarge(DomainError):
    code = "amount_too_large"
    message = _("%(row)s: the amount is too large.")


class TooManyRows(TooManyParts):
    """The same as for an interaction, and with its code."""


class PositionTwice(DomainError):
    code = "position_twice"
    message = _("%(row)s: there are two instalments with this number.")


class PlanMismatch(DomainError):
    code = "plan_mismatch"
    message = _("The instalments sum to %(planned)s, the contract's total is %(total)s.")


class SignedInFuture(DomainError):
    code = "signed_in_future"
    message = _("The day of signing cannot lie in the future.")


class EffectiveOutside(DomainError):
    code = "effective_outside"
    message = _("An amendment takes effect within the contract's term, from %(start)s to %(end)s.")


class OwnerInactive(DomainError):
    code = "contract_owner_inactive"
    message = _("%(name)s is deactivated and cannot own a contract.")


class SignatoryElsewhere(DomainError):
    code = "signatory_elsewhere"
    message = _("%(names)s does not work at this account.")


class FixedBySigning(Conflict):
    code = "fixed_by_signing"
    message = _("This cannot be changed any more once the first version is signed: %(fields)s.")


class NoticeGiven(Conflict):
    code = "notice_given"
    message = _("Notice was given on %(date)s already.")


class NoticeOutside(DomainError):
    code = "notice_outside"
    message = _("Notice is given between the day of signing and today.")


class TerminationOutside(DomainError):
    code = "termination_outside"
    message = _("A contract is terminated between the day of signing, %(first)s, and its end, %(last)s.")


class RenewedAlready(Conflict):
    code = "renewed_already"
    message = _("This contract is renewed by %(number)s already.")


class DateOutside(DomainError):
    code = "date_outside"
    message = _("Dates of contracts lie between %(first)s and %(last)s.")


class NoVersionAtWork(Conflict):
    code = "no_version_at_work"
    message = _("No version of this contract is being worked on. Make an amendment first.")


class NothingToDiscard(NoVersionAtWork):
    """The same, with its code, where something was to be discarded."""

    message = _("There is no draft to discard: what was signed stays. A signed contract can be terminated.")


class RenewalDecided(Conflict):
    code = "renewal_decided"
    message = _("This renewal is decided already: %(outcome)s.")


class RenewalOpen(Conflict):
    code = "renewal_open"
    message = _("Only a renewal that was lost can be opened again.")


class NoticeNeeded(Conflict):
    code = "notice_needed"
    message = _("This contract renews itself. Give notice first.")


class MayNotOwnContractPolicy(Forbidden):
    code = "not_policy_owner"
    message = _("Only directors and administrators change the contract policy.")


class RuleTwice(DomainError):
    code = "rule_twice"
    message = _("Rule %(second)s is for the same cases as rule %(first)s: keep one of the two.")


class ReceiptsNeedSignature(Conflict):
    code = "receipts_need_signature"
    message = _("Money can be posted only after the contract is signed.")


class CurrencyDiffers(DomainError):
    code = "currency_differs"
    message = _("This contract is in %(currency)s: money in another currency cannot be posted to it.")


class ReceiptInFuture(DomainError):
    code = "receipt_in_future"
    message = _("The day of a receipt cannot lie in the future.")


class MoreThanOpen(DomainError):
    code = "more_than_open"
    message = _("%(amount)s is more than all that is open: %(open)s. Allow a credit to post it all the same.")


class MoreThanReceived(DomainError):
    code = "more_than_received"
    message = _("%(amount)s is more than was received: %(received)s.")


class NoSuchInstalment(DomainError):
    code = "no_such_instalment"
    message = _("%(row)s: the plan has no instalment %(position)s.")


class ShareTwice(DomainError):
    code = "share_twice"
    message = _("%(row)s: there is another share for instalment %(position)s.")


class ShareInvalid(DomainError):
    code = "share_invalid"
    message = _("%(row)s: the amount must be above zero.")


class SharesTooLarge(DomainError):
    code = "shares_too_large"
    message = _("The shares sum to %(total)s, the receipt to %(amount)s.")


class SharesOfRefund(DomainError):
    code = "shares_of_refund"
    message = _("A refund has no shares: it takes back credit first, then from the instalment due last.")


class ReceiptVoided(Conflict):
    code = "receipt_voided"
    message = _("This receipt is voided already.")


class RefundGiven(Conflict):
    code = "refund_given"
    message = _("More was refunded than would then be received. Void the refund first.")


class InstalmentNotCurrent(Conflict):
    code = "instalment_not_current"
    message = _("This instalment is not part of the signed plan.")


class NotByEvent(DomainError):
    code = "not_by_event"
    message = _("This instalment is due on a date, not by an event.")


class EventInFuture(DomainError):
    code = "event_in_future"
    message = _("An event that is still to come cannot be noted yet.")


class InvoiceNumberMissing(DomainError):
    code = "invoice_number_missing"
    message = _("An invoice date needs an invoice number.")


class TemplateUnreadable(DomainError):
    code = "template_unreadable"
    message = _("This is not a readable Word document (DOCX).")


class UnknownField(DomainError):
    code = "template_field_unknown"
    message = _("The template has a field that is not known: %(name)s")


class FieldUnclosed(DomainError):
    code = "field_unclosed"
    message = _("The template has braces that do not belong together: %(text)s")


class FieldOutsideTable(DomainError):
    code = "field_outside_table"
    message = _("The field %(name)s stands outside a table: its row is repeated, so it needs one.")


class FieldMixed(DomainError):
    code = "field_mixed"
    message = _("The fields %(first)s and %(second)s stand in one table row: it can be repeated for only one of them.")


class MayNotOwnTemplates(Forbidden):
    code = "not_template_owner"
    message = _("Only directors and administrators change document templates.")


class TemplateNotInUse(Conflict):
    code = "template_not_in_use"
    message = _("This template is not in use, or is for contracts of another kind.")


class DocumentChanged(Conflict):
    code = "document_changed"
    message = _("“%(name)s” is not what was stored: its content has changed or is missing.")


class DocumentTooLong(DomainError):
    code = "document_too_long"
    message = _("This version has %(number)s lines; a document holds at most %(most)s.")
