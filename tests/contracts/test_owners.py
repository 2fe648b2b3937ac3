"""What happens to the contracts of somebody who leaves."""

import datetime as dt

from audit.models import AuditEntry
from contracts.models import Contract
from tests.factories.contracts import make_contract
from users.services import deactivate_user

NOW = dt.datetime(2026, 3, 16, 4, tzinfo=dt.UTC)


class TestPassOnContracts:
    def test_they_go_to_the_managers_of_the_accounts(self, account, foreign_account, alice, mallory, lee, root):
        rows = [make_contract(account, owner=lee), make_contract(foreign_account, "draft", owner=lee)]
        discarded = make_contract(account, "discarded", owner=lee)
        mine = make_contract(account)
        deactivate_user(lee, actor=root, now=NOW)
        owners = dict(Contract.objects.values_list("pk", "owner"))
        assert owners == {
            rows[0].pk: alice.pk, rows[1].pk: mallory.pk, discarded.pk: lee.pk, mine.pk: alice.pk,
        }  # fmt: skip
        entry = AuditEntry.objects.of(rows[0]).get()
        assert (entry.action, entry.actor, entry.changes) == ("contract.updated", None, {"owner": ["Lee", "Alice"]})
        assert AuditEntry.objects.filter(action="contract.updated").count() == 2

    def test_what_nobody_manages_stays(self, account, lee, root):
        contract = make_contract(account, owner=lee)
        account.manager = None
        account.save()
        deactivate_user(lee, actor=root, now=NOW)
        assert Contract.objects.get(pk=contract.pk).owner == lee
