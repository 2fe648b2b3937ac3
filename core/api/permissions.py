"""Who may call the API at all: a logged-in person, or a token with the scope that the view names."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request


class ScopedAccess(BasePermission):
    """A token needs `<scope>:read` for safe methods and `<scope>:write` for others; `view.scope` names the resource.

    `request.auth` is the token (with `allows(scope)`), or None for a person's session. A view without `scope` is closed
    to tokens.
    """

    code = "wrong_scope"

    def has_permission(self, request: Request, view: Any) -> bool:
        if not request.user or not request.user.is_authenticated:
            return False
        token = request.auth
        if token is None:
            return True
        scope = getattr(view, "scope", "")
        needed = f"{scope}:{'read' if request.method in SAFE_METHODS else 'write'}"
        self.message = _("This token does not have the scope “%(scope)s”.") % {"scope": needed}
        return bool(scope) and token.allows(needed)
