"""API tokens, made through the service; `token.text` is what a client sends."""

import datetime as dt

from integrations.models import ApiToken
from integrations.scopes import scopes_for
from integrations.services.tokens import create_token


def make_token(owner, *scopes: str, name: str = "ERP", expires_at: dt.datetime | None = None) -> ApiToken:
    """A token of `owner` with `scopes`, or with all that the owner may give it."""
    token, text = create_token(owner, name=name, scopes=scopes or scopes_for(owner), expires_at=expires_at, actor=owner)
    token.text = text
    return token
