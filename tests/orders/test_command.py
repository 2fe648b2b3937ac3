"""`manage.py import_orders`: options, counts, one clear message for what is wrong."""

import io

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from accounts.models import Account
from audit.models import AuditEntry

HEAD = "order,account,date,product,quantity,unit price\n"


class TestCommand:
    def call(self, *args):
        out, err = io.StringIO(), io.StringIO()
        call_command("import_orders", *map(str, args), stdout=out, stderr=err)
        return out.getvalue()

    def test_imports_and_counts(self, write, account):
        path = write(HEAD + "1,ALICE-1,2026-02-03,P,1,5\n")
        shown = self.call(path, "--currency", "cny", "--source", "sap")
        assert "1 rows" in shown
        assert "accepted" in shown
        assert "orders: created 1" in shown
        assert AuditEntry.objects.get(action="order.imported").via == "command"
        assert "unchanged 1" in self.call(path, "--currency", "CNY", "--source", "sap")

    def test_maps_columns(self, write, account):
        path = write("A,B,C,D,E,F\n1,ALICE-1,2026-02-03,P,1,5\n")
        fields = ("external_id", "account", "order_date", "product", "quantity", "unit_price")
        maps = [part for field, name in zip(fields, "ABCDEF", strict=True) for part in ("--map", f"{field}={name}")]
        assert "created 1" in self.call(path, "--currency", "CNY", *maps)

    def test_a_dry_run_says_so(self, write, account):
        assert "--dry-run" in self.call(write(HEAD + "1,ALICE-1,2026-02-03,P,1,5\n"), "--currency", "CNY", "--dry-run")

    def test_writes_rejects(self, write, account, tmp_path):
        path = write(HEAD + "1,ALICE-1,2026-02-03,P,1,5\n2,NOBODY,2026-02-03,P,1,5\n")
        with pytest.raises(CommandError, match="Use --rejects FILE"):
            self.call(path, "--currency", "CNY")
        self.call(path, "--currency", "CNY", "--rejects", tmp_path / "bad.csv")
        assert "NOBODY" in (tmp_path / "bad.csv").read_text()

    @pytest.mark.parametrize(
        ("args", "words"),
        [
            (["missing.csv"], "No such file"),
            (["{}", "--profile", "nope"], "no import profile"),
            (["{}", "--map", "nonsense"], "field=Column"),
            (["{}", "--map", "colour=A"], "no field"),
            (["{}", "--currency", "XXX"], "not a currency"),
            (["{}", "--manager", "nobody"], "no active user"),
            (["{}", "--batch", "0"], "above zero"),
            (["{}"], "in which currency"),
        ],
    )
    def test_one_clear_message(self, write, account, args, words):
        path = str(write(HEAD + "1,ALICE-1,2026-02-03,P,1,5\n"))
        with pytest.raises(CommandError, match=words):
            self.call(*(path if arg == "{}" else arg for arg in args))

    def test_gives_created_accounts_a_manager(self, write, alice):
        self.call(
            write(HEAD + "1,K,2026-02-03,P,1,5\n"), "--currency", "CNY", "--create-accounts", "--manager", "alice"
        )
        assert Account.objects.get().manager == alice
