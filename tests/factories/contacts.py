"""People at accounts."""

from contacts.models import Contact, ContactLink, Employment


def make_contact(account, name="王建国", *, position="采购总监", until=None, **fields):
    """A contact with one employment at `account`; fields of either go where they belong."""
    own = {field.name for field in Contact._meta.concrete_fields}
    contact = Contact.objects.create(name=name, **{key: fields.pop(key) for key in list(fields) if key in own})
    Employment.objects.create(contact=contact, account=account, position=position, until_date=until, **fields)
    return contact


def make_link(employment, kind="influence"):
    """A line of the map from this person to somebody else at the same account."""
    other = make_contact(employment.account, "李影响", position="顾问").employments.get()
    return ContactLink.objects.create(account=employment.account, source=employment, target=other, kind=kind)
