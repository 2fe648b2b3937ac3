"""Every write to contacts: one function per verb."""

from contacts.services.employments import (
    add_employment,
    end_employment,
    hand_over_relationships,
    move_contact,
    place_on_map,
    update_employment,
)
from contacts.services.links import add_link, remove_link
from contacts.services.merging import merge_contacts
from contacts.services.people import create_contact, update_contact
from contacts.services.privacy import erase_contact, export_contacts, export_person

__all__ = [
    "add_employment",
    "add_link",
    "create_contact",
    "end_employment",
    "erase_contact",
    "export_contacts",
    "export_person",
    "hand_over_relationships",
    "merge_contacts",
    "move_contact",
    "place_on_map",
    "remove_link",
    "update_contact",
    "update_employment",
]
