"""The people of the demo company whom `make run` names: one login for each role.

`manage.py demo` makes them; `manage.py serve` prints them while the demo company is in the database.
"""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

DEMO_PASSWORD = "demo-kam-2026"  # noqa: S105  printed by `make run`; the demo company holds no secrets


class DemoLogin(NamedTuple):
    """A user name and what to call its role on the terminal."""

    username: str
    label: str | Promise


DEMO_LOGINS = (
    DemoLogin("dora", _("Director")),
    DemoLogin("lee", _("Supervisor")),
    DemoLogin("alice", _("Account manager")),
    DemoLogin("ann", _("Deputy (reads)")),
    DemoLogin("admin", _("Administrator")),
)
