"""The feed of changes: what happened to the rows that the caller sees, from the audit."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.core import signing
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

from accounts.models import Account
from audit import stream
from audit.models import AuditEntry
from audit.stream import Position
from core.api.pagination import InvalidParameter
from core.api.resources import RESOURCES, view_for
from core.api.serializers import UtcDateTimeField
from core.api.views import ScopedViewSet
from core.paging import InvalidCursor
from integrations.errors import ResourceNotAllowed
from integrations.feed import FOLLOWED
from users.models import Role, User

MOST = 1000
REMOVED, CHANGED, GRANTED, RESET = "removed", "changed", "granted", "reset"
CHANGES = [(name, name) for name in (CHANGED, REMOVED, GRANTED, RESET)]
PEOPLE = ("users.user", "users.team")
OWN_RIGHTS, LED_RIGHTS = {"role", "team", "is_active"}, {"team", "parent"}
"""Fields that decide what a person sees: of themselves, and, for a supervisor, of others and of teams."""


class FeedChangeSerializer(serializers.Serializer[Any]):
    """That a row changed, by `at`. It may come more than once: what counts is how the row is when you read it."""

    resource = serializers.CharField(allow_null=True, help_text="As in the address: `orders`. Null for `reset`.")
    id = serializers.IntegerField(allow_null=True)
    change = serializers.ChoiceField(
        choices=CHANGES,
        help_text=(
            "`changed`: made or changed. `removed`: deleted, merged away, or no longer yours to see; of an account: it "
            "and all that belongs to it. `granted`: an account that is yours to see from now on: read all that belongs "
            "to it. `reset`: your own rights changed: read everything anew."
        ),
    )
    at = UtcDateTimeField()
    account = serializers.IntegerField(allow_null=True, help_text="The account that the row belongs to.")
    row = serializers.JSONField(required=False, help_text="With `rows=true`: the row as its resource shows it.")


@extend_schema_serializer(many=False)
class FeedPageSerializer(serializers.Serializer[Any]):
    """`next` is null when you have everything; keep `cursor` and ask again with it later."""

    next = serializers.URLField(allow_null=True)
    cursor = serializers.CharField(help_text="Opaque, signed, yours alone.")
    results = FeedChangeSerializer(many=True)


PARAMETERS = [
    OpenApiParameter("cursor", OpenApiTypes.STR, description="From an answer; without: from the beginning."),
    OpenApiParameter("start", OpenApiTypes.STR, enum=["now"], description="`now`: nothing yet, only the cursor."),
    OpenApiParameter(
        "resource", OpenApiTypes.STR, description="Names with commas between them; without: all that may be read."
    ),
    OpenApiParameter("rows", OpenApiTypes.BOOL, description="Whether each change carries the row."),
    OpenApiParameter(
        "page_size",
        {"type": "integer", "minimum": 1, "maximum": MOST, "default": 500},
        description="Changes read for a page; several of one row become one.",
    ),
]


class ChangesViewSet(ScopedViewSet):
    """What changed, in the order of the commits, at least once."""

    tag = "Changes"
    scope = "changes"
    serializer_class = FeedPageSerializer
    pagination_class = None
    paginated = False
    parameters = ("cursor", "start", "resource", "rows", "page_size")

    @extend_schema(parameters=PARAMETERS, responses={200: FeedPageSerializer}, filters=False)
    def list(self, request: Request) -> Response:
        """The next changes behind `cursor`.

        To keep a copy: take a cursor with `start=now`, read the resources, then follow this feed from that cursor. A
        token also needs the scope to read each resource that is asked for. A page may be empty and still have a `next`.

        400 `invalid_cursor` for one that is altered, another user's, another choice of resources', or older than the
        restore of this database on another server: begin anew.
        """
        names = self._names()
        salt = _salt(request)
        position = self._position(salt)
        batch = stream.read(position, self._size(), _condition(names)) if position else None
        cursor = signing.dumps((batch.position if batch else stream.present()).pack(), salt=salt, compress=True)
        results = changes_of(batch.entries, request, names, with_rows=self._flag("rows")) if batch else []
        following = self._link(cursor) if batch and batch.more else None
        return Response({"next": following, "cursor": cursor, "results": results})

    def _names(self) -> Sequence[str]:
        """The resources that are asked for, or all that the caller may read. Raises InvalidParameter."""
        token, text = self.request.auth, self.request.query_params.get("resource")
        readable = [name for name in FOLLOWED if token is None or token.allows(f"{RESOURCES[name].scope}:read")]
        if text is None:
            return readable
        wanted = sorted(set(text.split(",")))
        for name in wanted:
            if name not in FOLLOWED:
                raise InvalidParameter(
                    _("No changes of “%(name)s” can be followed. Possible are: %(known)s."),
                    field="resource",
                    name=name[:80],
                    known=", ".join(FOLLOWED),
                )
            if name not in readable:
                raise ResourceNotAllowed(scope=f"{RESOURCES[name].scope}:read")
        return wanted

    def _position(self, salt: str) -> Position | None:
        """Where to go on; None for the present. Raises InvalidCursor, InvalidParameter."""
        cursor, start = self.request.query_params.get("cursor"), self.request.query_params.get("start")
        if start not in (None, "now") or (start and cursor):
            raise InvalidParameter(_("start is “now”, or left out, and never beside cursor."), field="start")
        if start:
            return None
        if cursor is None:
            return Position()
        try:
            return Position.unpack(signing.loads(cursor, salt=salt))
        except (signing.BadSignature, ValueError, TypeError) as error:
            raise InvalidCursor(field="cursor") from error

    def _size(self) -> int:
        text = self.request.query_params.get("page_size", "500")
        if not text.isascii() or not text.isdigit() or len(text) > 4 or not 1 <= int(text) <= MOST:
            raise InvalidParameter(_("page_size is a whole number from 1 to %(most)s."), field="page_size", most=MOST)
        return int(text)

    def _flag(self, name: str) -> bool:
        text = self.request.query_params.get(name, "false")
        if text not in ("true", "false"):
            raise InvalidParameter(_("%(name)s is true or false."), field=name, name=name)
        return text == "true"

    def _link(self, cursor: str) -> str:
        url = remove_query_param(self.request.build_absolute_uri(), "cursor")
        return replace_query_param(url, "cursor", cursor)


def changes_of(
    entries: Sequence[AuditEntry], request: Request, names: Sequence[str], *, with_rows: bool
) -> list[dict[str, Any]]:
    """The entries as this user may know of them: one change for each row, at its last entry. A statement for each kind
    of row, however many rows there are."""
    view = _Sight(entries, request, names, with_rows=with_rows)
    found: dict[tuple[str | None, int | None], dict[str, Any]] = {}
    for entry in entries:
        for change in view.of(entry):
            key = (change["resource"], change["id"])
            was = found.pop(key, None)
            if was is not None and was["change"] == GRANTED and change["change"] == CHANGED:
                change["change"] = GRANTED
            found[key] = change
    return list(found.values())


class _Sight:
    """What one user sees of the rows that some entries name."""

    def __init__(
        self, entries: Sequence[AuditEntry], request: Request, names: Sequence[str], *, with_rows: bool
    ) -> None:
        self.user: User = request.user
        self.kinds = _kinds(names)
        self.people = _people(self.user) if any(entry.access for entry in entries) else set()
        accounts = {entry.account_id for entry in entries if entry.account_id is not None}
        self.accounts = set(
            Account.objects.order_by().visible_to(self.user).filter(pk__in=accounts).values_list("pk", flat=True)
        )
        wanted: dict[str, set[int]] = defaultdict(set)
        for entry in entries:
            if entry.object_type in self.kinds:
                wanted[self.kinds[entry.object_type]].add(entry.object_id)
        self.rows: dict[str, dict[int, Any]] = {}
        self.open: set[str] = set()
        """Resources of which the user sees every row: what is not there is gone."""
        for name, ids in wanted.items():
            self._look(name, ids, request, with_rows=with_rows)

    def _look(self, name: str, ids: set[int], request: Request, *, with_rows: bool) -> None:
        view = view_for(name, request)
        queryset = view.get_queryset().order_by()
        if not queryset.query.where and not queryset.query.is_empty():
            self.open.add(name)
        queryset = queryset.filter(pk__in=ids)
        if with_rows:
            rows = list(queryset)
            shown = view.get_serializer(rows, many=True).data
            self.rows[name] = {row.pk: data for row, data in zip(rows, shown, strict=True)}
        else:
            self.rows[name] = dict.fromkeys(queryset.values_list("pk", flat=True))
        self.with_rows = with_rows

    def of(self, entry: AuditEntry) -> Iterable[dict[str, Any]]:
        """What the user learns from the entry."""
        if _moves_rights(entry, self.user):
            yield {"resource": None, "id": None, "change": RESET, "at": _utc(entry), "account": None}
        if entry.access and (kind := self._of_access(entry, entry.access)):
            yield self._change("accounts", entry.account_id, kind, entry)
        name = self.kinds.get(entry.object_type)
        if name is None:
            return
        if entry.object_id in self.rows[name]:
            change = self._change(name, entry.object_id, CHANGED, entry)
            if self.with_rows:
                change["row"] = self.rows[name][entry.object_id]
            yield change
        elif self._knew(name, entry):
            yield self._change(name, entry.object_id, REMOVED, entry)

    def _of_access(self, entry: AuditEntry, access: dict[str, list[int]]) -> str | None:
        if entry.account_id in self.accounts:
            return GRANTED if self.people & set(access["gained"]) else None
        return REMOVED if self.people & set(access["lost"]) else None

    def _knew(self, name: str, entry: AuditEntry) -> bool:
        """Whether the user saw a row that they do not see any more. Nobody hears of rows that were never theirs."""
        if name == "accounts":
            return False  # `_of_access` says so
        return name in self.open or entry.account_id in self.accounts or entry.actor_id == self.user.pk

    def _change(self, name: str, pk: int | None, change: str, entry: AuditEntry) -> dict[str, Any]:
        account = entry.account_id if entry.account_id in self.accounts or change == REMOVED else None
        return {"resource": name, "id": pk, "change": change, "at": _utc(entry), "account": account}


def _kinds(names: Iterable[str]) -> dict[str, str]:
    """Kind of row in the audit -> resource."""
    return {RESOURCES[name].serializer_class.Meta.model._meta.label_lower: name for name in names}


def _condition(names: Iterable[str]) -> Q:
    """Entries of these resources, and those that change who sees what."""
    return Q(object_type__in=[*_kinds(names), *PEOPLE]) | Q(access__isnull=False)


def _people(user: User) -> set[int]:
    """Those whose accounts the user sees: themselves, and the people whom they lead."""
    led = (
        User.objects.visible_to(user).led_by(user).values_list("pk", flat=True) if user.role == Role.SUPERVISOR else []
    )
    return {user.pk, *led}


def _moves_rights(entry: AuditEntry, user: User) -> bool:
    """Whether the entry may have changed whose accounts `user` sees, as a whole."""
    if entry.object_type not in PEOPLE or entry.action == "user.created":
        return False
    own = entry.object_type == PEOPLE[0] and entry.object_id == user.pk
    fields = OWN_RIGHTS if own else LED_RIGHTS if user.role == Role.SUPERVISOR else set()
    return bool(fields & set(entry.changes))


def _salt(request: Request) -> str:
    """What a cursor is good for: this user, this choice of resources, this server."""
    token = request.auth
    scopes = "*" if token is None else ",".join(sorted(scope for scope in token.scopes if scope.endswith(":read")))
    choice = f"{request.query_params.get('resource', '*')} {scopes}"
    digest = hashlib.sha256(choice.encode()).hexdigest()[:16]
    return f"changes:{request.user.pk}:{stream.origin()}:{digest}"


def _utc(entry: AuditEntry) -> str:
    return UtcDateTimeField().to_representation(entry.at)
