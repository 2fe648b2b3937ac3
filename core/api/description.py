"""What every reader of the API reference should know first."""

from django.utils.translation import gettext_lazy as _

DESCRIPTION = _(
    """Key-account management: accounts, orders, tiers.

**Login.** Programs send `Authorization: Bearer kam_…` with an API token, which acts as its owner within its scopes.
People who are logged in use their session; writes then need the CSRF token. Someone else's row is *not found* (404); a
row that may be read but not changed answers 403 with a code such as `account_read_only`.

**Errors** are problem details (RFC 9457, `application/problem+json`). `code` is stable and meant for programs, `detail`
for people in the language of the request (`Accept-Language`); `errors` names each field at fault. Unknown fields and
unknown query parameters are refused, never ignored.

**Writing safely.** Any POST takes an `Idempotency-Key`; GET of one row carries an `ETag`, which PUT, PATCH and DELETE
take as `If-Match`.

**Lists** have cursor pages: follow `next` until it is null. `page_size` is at most 200, `ordering` is one key, with a
minus sign for descending. Filters are those of the pages.

**Money** is text with a decimal point, and its currency (ISO 4217) stands beside it. Dates are `YYYY-MM-DD`; times
carry their offset.

**Rate.** Each token has a number of calls per minute; beyond it the answer is 429 with `Retry-After` in seconds."""
)
