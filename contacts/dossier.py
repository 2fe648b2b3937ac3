"""Everything that is kept about one person, of any app, as plain values."""

from __future__ import annotations

from typing import Any

from django.db import models

from contacts.models import CONTACT_FIELDS, EMPLOYMENT_FIELDS, Contact, ContactLink, Employment
from users.models import User

MOST = 2000


def dossier(contact: Contact, viewer: User) -> dict[str, Any]:
    """The person, the employments and every row of any app that points at the person, as far as `viewer` sees them."""
    jobs = Employment.objects.visible_to(viewer).filter(contact=contact).select_related("account", "owner")
    lines = ContactLink.objects.visible_to(viewer).filter(
        models.Q(source__contact=contact) | models.Q(target__contact=contact)
    )
    return {
        "person": {"id": contact.pk, **{name: getattr(contact, name) for name in CONTACT_FIELDS}},
        "created": contact.created_at,
        "updated": contact.updated_at,
        "employments": [_job(job) for job in jobs],
        "lines_of_the_map": [{"kind": line.kind, "note": line.note} for line in lines],
        **_related(contact, viewer),
    }


def _job(job: Employment) -> dict[str, Any]:
    values = {name: getattr(job, name) for name in EMPLOYMENT_FIELDS if name not in ("owner", "reports_to")}
    superior = job.reports_to_id is not None
    return {"account": str(job.account), **values, "owner": job.owner and str(job.owner), "has_superior": superior}


def _related(contact: Contact, viewer: User) -> dict[str, list[dict[str, Any]]]:
    """By the plural name of the kind: its own plain fields, without long texts, which are about others as well."""
    found = {}
    for relation in Contact._meta.related_objects:
        model: Any = relation.related_model
        if model is Employment:
            continue
        rows = model._default_manager.all()
        rows = rows.visible_to(viewer) if hasattr(rows, "visible_to") else rows
        rows = rows.filter(**{relation.field.name: contact}).order_by("pk")[:MOST]
        found[model._meta.model_name + "s"] = [_plain(row) for row in rows]
    return found


def _plain(row: models.Model) -> dict[str, Any]:
    left_out = (models.TextField, models.ForeignKey, models.JSONField, models.UUIDField)
    fields = [field for field in row._meta.concrete_fields if not isinstance(field, left_out)]
    return {field.name: field.value_from_object(row) for field in fields}
