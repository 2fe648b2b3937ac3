"""People at accounts."""

from contacts.models import Contact, Employment


def make_contact(account, name="王建国", *, position="采购总监", until=None, **fields):
    """A contact with one employment at `account`; fields of either go where they belong."""
    own = {field.name for field in Contact._meta.concrete_fields}
    contact = Contact.objects.create(name=name, **{key: fields.pop(key) for key in list(fields) if key in own})
    Employment.objects.create(contact=contact, account=account, position=position, until_date=until, **fields)
    return contact
