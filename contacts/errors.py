"""What the contact services refuse."""

from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, DomainError, Forbidden


class AccountMissing(DomainError):
    code = "account_missing"
    message = _("A contact belongs to an account: say where this person works.")


class AlreadyEmployed(Conflict):
    code = "already_employed"
    message = _("This person works at this account already.")


class ContactErased(Conflict):
    code = "contact_erased"
    message = _("The personal data of this contact was erased on request and cannot come back.")


class ContactShared(Forbidden):
    code = "contact_shared"
    message = _("This person also belongs to accounts that you do not see. Ask a director to do it.")


class ContactReadOnly(Forbidden):
    code = "contact_read_only"
    message = _("You may read this contact but not change it.")


class DateInFuture(DomainError):
    code = "date_in_future"
    message = _("This date lies in the future.")


class BeforeAccount(DomainError):
    code = "before_founding"
    message = _("The account was founded on %(founded)s; nobody can have worked there before.")


class DatesInverted(DomainError):
    code = "dates_inverted"
    message = _("The last day is before the first.")


class EmploymentEnded(Conflict):
    code = "employment_ended"
    message = _("This person has left this account already.")


class LinkElsewhere(DomainError):
    code = "link_elsewhere"
    message = _("A line joins two people of the same account.")


class MergeWithItself(DomainError):
    code = "merge_with_itself"
    message = _("A contact cannot be merged with itself. Choose another one.")


class NotALeader(Forbidden):
    code = "erasure_by_leaders"
    message = _("Only a supervisor or above erases the data of a person.")


class OutsideMap(DomainError):
    code = "outside_map"
    message = _("A place on the map lies between 0 and 10000, both ways.")


class OwnerInactive(DomainError):
    code = "relationship_owner_inactive"
    message = _("This user is deactivated and cannot keep a relationship.")


class ReportsToCycle(DomainError):
    code = "reports_to_cycle"
    message = _("This superior reports, directly or not, to the person: nobody is their own superior.")


class SameAccount(DomainError):
    code = "same_account"
    message = _("Choose another account than the one that the person leaves.")


class SuperiorHasLeft(DomainError):
    code = "superior_has_left"
    message = _("The superior has left this account.")
