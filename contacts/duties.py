"""What a user answers for here: the relationships that they keep (see users/duties.py)."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Count
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from contacts.models import Employment
from users.duties import DutySource, register
from users.models import User


def count_kept(user_ids: Collection[int], viewer: User | None) -> dict[int, int]:
    """People by the relationship owner of their present employments, those that `viewer` sees (None: all)."""
    jobs = Employment.objects.all() if viewer is None else Employment.objects.visible_to(viewer)
    kept = jobs.current(timezone.localdate()).filter(owner__in=user_ids).order_by().values("owner")
    return dict(kept.annotate(people=Count("contact", distinct=True)).values_list("owner", "people"))


def describe(count: int) -> str:
    """Completes "Chen still is …"."""
    return ngettext("relationship owner of %(count)d contact", "relationship owner of %(count)d contacts", count) % {
        "count": count
    }


def contact_list_url(user: User) -> str:
    return f"{reverse('contacts:contact_list')}?owner={user.pk}&left=false"


register(DutySource(_("relationships kept"), count_kept, describe, contact_list_url))
