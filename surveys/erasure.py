"""What is forgotten here when a person is erased (see contacts/erasure.py)."""

from __future__ import annotations

from contacts.erasure import register_erasure
from surveys.services.withdrawing import forget_person

register_erasure(forget_person)
