"""Two rows that are one person become one. What belongs to them follows, whichever app it is of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, models, transaction

from audit.models import AuditEntry
from audit.services import diff, record, snapshot
from contacts.errors import ContactErased, MergeWithItself
from contacts.models import CONTACT_FIELDS, EMPLOYMENT_FIELDS, Contact, ContactLink, Employment
from contacts.services.employments import closes_circle, lock_people_of
from contacts.services.people import main_account_id
from search.services import index_rows
from users.models import User


@transaction.atomic
def merge_contacts(keep: Contact, other: Contact, *, values: Mapping[str, Any], actor: User | None) -> Contact:
    """Make one person of two: `keep` gets `values` (of CONTACT_FIELDS) and everything that points at `other`, which is
    then deleted. It cannot be undone.

    Where both work at the same account today, the employments become one; what is empty on the kept one is taken from
    the other. Raises ValidationError, MergeWithItself, ContactErased.
    """
    if keep.pk == other.pk:
        raise MergeWithItself(field="other")
    locked = Contact.objects.select_for_update(of=("self",)).filter(pk__in=[keep.pk, other.pk]).order_by("pk")
    rows = {row.pk: row for row in locked}
    if any(row.erased for row in rows.values()):
        raise ContactErased
    before = snapshot(rows[keep.pk])
    for name in CONTACT_FIELDS:
        setattr(keep, name, values.get(name, getattr(rows[keep.pk], name)))
    keep.full_clean()
    keep.save(update_fields=[*CONTACT_FIELDS, "updated_at"])
    account_of_other = main_account_id(other)  # whoever sees only this one learns that the row is gone
    absorbed = _merge_employments(keep, other, actor=actor)
    moved = repoint(Contact, other.pk, keep.pk)
    changes = {
        **diff(before, keep),
        "merged": [[str(rows[other.pk]), other.pk], None],
        "merged_employments": [absorbed, None],
        "rows_moved": [None, moved],
    }
    record("contact.merged", keep, actor=actor, changes=changes, account_id=main_account_id(keep))
    record(
        "contact.removed",
        rows[other.pk],
        actor=actor,
        changes={"merged_into": (None, str(keep))},
        account_id=account_of_other,
    )
    gone = other.pk
    rows[gone].delete()
    index_rows("contact", [keep.pk, gone])
    return keep


def merges_into(contact: Contact) -> list[dict[str, Any]]:
    """The rows that were merged into this person, and into those: `{"contact": id, "employments": [ids]}`."""
    found: list[dict[str, Any]] = []
    wanted = [contact.pk]
    while wanted:
        entries = AuditEntry.objects.filter(
            object_type=Contact._meta.label_lower, object_id__in=wanted, action="contact.merged"
        )
        merges = [
            {"contact": entry.changes["merged"][0][1], "employments": entry.changes["merged_employments"][0]}
            for entry in entries
            if "merged" in entry.changes
        ]
        found += merges
        wanted = [merged["contact"] for merged in merges]
    return found


def repoint(model: type[models.Model], old: int, new: int) -> int:
    """Let every row of any app that points at row `old` of `model` point at `new`; returns how many.

    A row that the database refuses (the kept row has the same already) is dropped.
    """
    count = 0
    for relation in model._meta.related_objects:
        if relation.many_to_many:
            count += _repoint_many(relation.field, old, new)
        else:
            count += _repoint_rows(relation.related_model, relation.field, old, new)
    return count


def _repoint_many(field: Any, old: int, new: int) -> int:
    """Rows of the table between two models: those that the kept row has already go."""
    through = field.remote_field.through._base_manager
    here, there = field.m2m_reverse_field_name(), field.m2m_field_name()
    present = through.filter(**{here: new}).values(there)
    through.filter(**{here: old, f"{there}__in": list(present.values_list(there, flat=True))}).delete()
    return through.filter(**{here: old}).update(**{here: new})


def _repoint_rows(model: Any, field: Any, old: int, new: int) -> int:
    rows = model._base_manager.filter(**{field.name: old})
    if not _may_collide(model, field):
        return rows.update(**{field.name: new})
    count = 0
    for pk in list(rows.values_list("pk", flat=True)):
        one = model._base_manager.filter(pk=pk)
        try:
            with transaction.atomic():
                count += one.update(**{field.name: new})
        except IntegrityError:
            one.delete()
    return count


def _may_collide(model: Any, field: Any) -> bool:
    """Whether a unique or check constraint of the model names the field."""
    text = [str(constraint.deconstruct()) for constraint in model._meta.constraints]
    return field.unique or any(f"'{field.name}'" in words for words in text)


def _merge_employments(keep: Contact, other: Contact, *, actor: User | None) -> list[int]:
    """Where both have an open employment at the same account, the other's becomes part of the kept one; returns the
    ids of those that are gone."""
    gone = []
    theirs = list(other.employments.order_by("pk"))
    lock_people_of(*{row.account_id for row in [*theirs, *keep.employments.all()]})
    kept = {row.account_id: row for row in keep.employments.filter(until_date__isnull=True)}
    for row in theirs:
        same = kept.get(row.account_id) if row.until_date is None else None
        if same is not None:
            gone.append(row.pk)
            record("employment.removed", row, actor=actor)
            _absorb(same, row)
    _drop_circles(Employment.objects.filter(contact__in=[keep, other], reports_to__isnull=False))
    return gone


def _absorb(kept: Employment, gone: Employment) -> None:
    """Fill what is empty on `kept` from `gone`, let the account's people and lines point at it, and delete `gone`."""
    for name in EMPLOYMENT_FIELDS:
        if not getattr(kept, name) and name != "until_date":
            setattr(kept, name, getattr(gone, name))
    if kept.reports_to_id in (gone.pk, kept.pk):
        kept.reports_to = None
    Employment.objects.filter(pk=gone.pk).update(reports_to=None)
    ContactLink.objects.filter(source__in=[kept, gone], target__in=[kept, gone]).delete()
    Employment.objects.filter(pk=kept.pk).update(reports_to=None)
    repoint(Employment, gone.pk, kept.pk)
    Employment.objects.filter(pk=gone.pk).delete()
    kept.save()


def _drop_circles(employments: models.QuerySet[Any]) -> None:
    """Two people that became one may now be above and below each other: then nobody is above them."""
    for row in employments:
        if closes_circle(row):
            Employment.objects.filter(pk=row.pk).update(reports_to=None)
