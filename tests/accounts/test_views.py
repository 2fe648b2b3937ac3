"""Account pages: whole page, fragment, invalid form."""

import pytest
from django.urls import reverse

from accounts.models import Account, AccountMember
from audit.models import AuditEntry
from tests.factories.accounts import AccountFactory

HTMX = {"HX-Request": "true"}
FORM = {"code": "N-1", "name": "新客户", "status": "prospect", "stage": "early"}


def html(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


class TestAccountList:
    url = "/accounts/"

    def test_whole_page_and_rows_only(self, client_for, alice, account, foreign_account):
        page = html(client_for(alice).get(self.url))
        rows = html(client_for(alice).get(self.url, headers=HTMX))
        assert "<!doctype html>" in page.lower()
        assert "<html" not in rows
        for text in (page, rows):
            assert "Dawn Machinery" in text
            assert "Southern Trading" not in text

    def test_restored_history_gets_the_whole_page(self, client_for, alice):
        headers = {**HTMX, "HX-History-Restore-Request": "true"}
        assert "<html" in html(client_for(alice).get(self.url, headers=headers))

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("tier=A", ["K1"]),
            ("tier=A&tier=none", ["K1", "K3"]),
            ("status=prospect", ["K3"]),
            ("region=east", ["K2"]),
            ("q=华东", ["K2"]),
            ("q=k1", ["K1"]),
            ("q=nothing-like-it", []),
            ("tier=Z", ["K1", "K2", "K3"]),
        ],
    )
    def test_filters(self, client_for, dora, query, found):
        AccountFactory(code="K1", name="甲", name_en="", tier="A")
        AccountFactory(code="K2", name="华东机电", name_en="", tier="B", region="east")
        AccountFactory(code="K3", name="丙", name_en="", status="prospect")
        response = client_for(dora).get(f"{self.url}?sort=code&{query}")
        assert [row.code for row in response.context["page"]] == found

    def test_fifty_a_page_and_on(self, client_for, dora):
        for number in range(51):
            AccountFactory(code=f"K{number:02d}")
        first = client_for(dora).get(f"{self.url}?sort=code").context["page"]
        assert (len(first), first.previous_cursor) == (50, None)
        second = client_for(dora).get(f"{self.url}?sort=code&cursor={first.next_cursor}").context["page"]
        assert ([row.code for row in second], second.next_cursor) == (["K50"], None)

    @pytest.mark.parametrize("cursor", ["garbage", "WyJuIiwiXHUwMDAwIiwxXQ", "%00", "客户"])
    def test_bad_cursor_is_a_clear_answer(self, client_for, alice, account, cursor):
        assert client_for(alice).get(f"{self.url}?cursor={cursor}").status_code in (302, 400)

    def test_empty_list_says_the_next_step(self, client_for, mallory):
        assert reverse("accounts:account_create") in html(client_for(mallory).get(self.url))


class TestAccountCreate:
    url = "/accounts/new/"

    def test_manager_becomes_responsible(self, client_for, alice):
        response = client_for(alice).post(self.url, {**FORM, "tags": "key，new, key"})
        account = Account.objects.get(code="N-1")
        assert response["Location"] == account.get_absolute_url()
        assert (account.manager, account.created_at is not None) == (alice, True)
        assert {tag.name for tag in account.tags.all()} == {"key", "new"}
        assert AuditEntry.objects.of(account).filter(via="web", actor=alice).count() == 2

    @pytest.mark.parametrize(
        ("field", "value", "part"),
        [
            ("name", "", "required"),
            ("name", "a\x00b", "Null characters"),
            ("credit_code", "91350100M000100Y44", "not a unified social credit code"),
            ("customer_since", "2026-02-31", "valid date"),
            ("potential", "101", "100"),
            ("employees", "9" * 30, "less than or equal"),
            ("parent", "NO-SUCH", "no account with this code"),
            ("tags", "x" * 41, "longer than 40"),
            ("status", "terminated", "valid choice"),
            ("code", "<script>alert(1)</script>", "Letters, digits"),
        ],
    )
    def test_invalid_input_stays_and_is_explained(self, client_for, alice, field, value, part):
        response = client_for(alice).post(self.url, {**FORM, "city": "大连", field: value})
        text = html(response)
        assert part in str(response.context["form"].errors[field])
        assert "大连" in text
        assert "<script>alert" not in text
        assert not Account.objects.exists()


class TestAccountUpdate:
    def test_saves_and_shows_the_change(self, client_for, alice, account):
        form = {**FORM, "code": account.code, "name": "晨光重工"}
        response = client_for(alice).post(reverse("accounts:account_update", args=[account.pk]), form)
        assert response["Location"] == account.get_absolute_url()
        history = html(client_for(alice).get(reverse("accounts:account_history", args=[account.pk])))
        assert "晨光重工" in history
        assert "晨光机械有限公司" in history

    def test_cycle_is_explained_beside_the_field(self, client_for, alice, account):
        child = AccountFactory(parent=account, manager=alice)
        form = {**FORM, "code": account.code, "parent": child.code}
        response = client_for(alice).post(reverse("accounts:account_update", args=[account.pk]), form)
        assert "cannot contain itself" in str(response.context["form"].errors["parent"])
        account.refresh_from_db()
        assert account.parent is None

    def test_refused_input_stays_in_the_form_and_out_of_the_title(self, client_for, alice, account):
        form = {**FORM, "code": account.code, "name": "晨光重工", "name_en": "Dawn Works", "parent": account.code}
        text = html(client_for(alice).post(reverse("accounts:account_update", args=[account.pk]), form))
        assert 'value="Dawn Works"' in text
        assert "Edit Dawn Machinery" in text

    def test_parent_that_the_user_does_not_see_is_kept(self, client_for, alice, account, foreign_account):
        """Alice's form cannot name the parent, and must not drop it."""
        Account.objects.filter(pk=account.pk).update(parent=foreign_account, path=f"{foreign_account.pk}.{account.pk}.")
        url = reverse("accounts:account_update", args=[account.pk])
        page = client_for(alice).get(url)
        assert "Southern Trading" not in html(page)
        assert foreign_account.code not in html(page)
        client_for(alice).post(url, {**FORM, "code": account.code, "name": "晨光重工"})
        account.refresh_from_db()
        assert (account.name, account.parent) == ("晨光重工", foreign_account)


class TestTabs:
    @pytest.mark.parametrize(
        "name",
        [
            "accounts:account_detail",
            "accounts:account_team",
            "accounts:account_group",
            "accounts:account_history",
            "orders:account_panel",
            "tiers:account_panel",
        ],
    )
    def test_whole_page_and_panel_only(self, client_for, ann, account, name):
        url = reverse(name, args=[account.pk])
        page, panel = html(client_for(ann).get(url)), html(client_for(ann).get(url, headers=HTMX))
        assert "Dawn Machinery" in page
        assert 'aria-current="page"' in page
        assert "<html" not in panel

    def test_group_shows_only_what_the_user_sees(self, client_for, alice, account, mallory):
        AccountFactory(parent=account, manager=mallory, name_en="Hidden Child")
        AccountFactory(parent=account, manager=alice, name_en="Own Child")
        text = html(client_for(alice).get(reverse("accounts:account_group", args=[account.pk])))
        assert "Own Child" in text
        assert "Hidden Child" not in text


class TestTeam:
    def test_supervisor_hands_over(self, client_for, lee, ann, account):
        url = reverse("accounts:account_assign", args=[account.pk])
        response = client_for(lee).post(url, {"manager": ann.pk, "reason": "Alice moves on"})
        assert response.status_code == 302
        account.refresh_from_db()
        assert account.manager == ann

    def test_supervisor_who_gave_the_account_away_lands_on_the_list(self, client_for, lee, mallory, account):
        url = reverse("accounts:account_assign", args=[account.pk])
        response = client_for(lee).post(url, {"manager": mallory.pk, "reason": "moved south"}, follow=True)
        assert response.redirect_chain == [(reverse("accounts:account_list"), 302)]
        assert "Mallory is now responsible for 晨光机械有限公司." in html(response)

    @pytest.mark.parametrize(
        "body", [{"reason": ""}, {"manager": "x", "reason": "x"}, {"manager": 10**18, "reason": "x"}]
    )
    def test_invalid_handover_is_explained(self, client_for, lee, alice, account, body):
        response = client_for(lee).post(reverse("accounts:account_assign", args=[account.pk]), body)
        assert response.context["form"].errors
        account.refresh_from_db()
        assert account.manager == alice

    def test_member_is_added_changed_and_removed(self, client_for, alice, mallory, account):
        client = client_for(alice)
        body = {"user": mallory.pk, "role": "specialist", "right": "read"}
        client.post(reverse("accounts:member_create", args=[account.pk]), body)
        member = AccountMember.objects.get(user=mallory)
        client.post(reverse("accounts:member_update", args=[member.pk]), {**body, "right": "edit"})
        assert Account.objects.editable_by(mallory).get() == account
        client.post(reverse("accounts:member_remove", args=[member.pk]))
        assert not Account.objects.visible_to(mallory).exists()

    def test_member_twice_is_explained(self, client_for, alice, ann, account):
        body = {"user": ann.pk, "role": "deputy", "right": "edit"}
        response = client_for(alice).post(reverse("accounts:member_create", args=[account.pk]), body)
        assert "on the account team already" in html(response)

    @pytest.mark.parametrize(
        ("who", "last_day", "part"),
        [("alice", "", "is the account manager already"), ("mallory", "2020-01-01", "past")],
    )
    def test_member_who_may_not_be_is_explained(self, client_for, alice, mallory, account, who, last_day, part):
        user = {"alice": alice, "mallory": mallory}[who]
        body = {"user": user.pk, "role": "deputy", "right": "edit", "expires_on": last_day}
        assert part in html(client_for(alice).post(reverse("accounts:member_create", args=[account.pk]), body))
        member = account.members.get()
        assert part in html(client_for(alice).post(reverse("accounts:member_update", args=[member.pk]), body))

    def test_a_deputy_who_became_manager_leaves_a_gap(self, client_for, lee, ann, account):
        Account.objects.filter(pk=account.pk).update(tier="B")
        url = reverse("accounts:account_team", args=[account.pk])
        assert "No deputy" not in html(client_for(lee).get(url))
        Account.objects.filter(pk=account.pk).update(manager=ann)
        assert "No deputy" in html(client_for(lee).get(url))
