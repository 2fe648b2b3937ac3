"""Contact pages: whole page, fragment, invalid form, and what is kept when something is refused."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditEntry
from contacts.models import Contact, Employment
from search.services import index_rows
from tests.factories.accounts import AccountFactory
from tests.factories.contacts import make_contact
from tests.factories.interactions import make_interaction

HTMX = {"HX-Request": "true"}
FORM = {
    "name": "李明",
    "birthday_calendar": "solar",
    "consent": "unknown",
    "seniority": "0",
    "closeness": "0",
    "wanted_closeness": "0",
}


def html(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def contact(account, alice):
    return make_contact(account, name_en="Jianguo Wang", mobile="+8613800138000", owner=alice, attitude="mentor")


class TestList:
    url = "/contacts/"

    def test_whole_page_and_rows_only(self, client_for, alice, contact, foreign_account):
        make_contact(foreign_account, "外人")
        page, rows = html(client_for(alice).get(self.url)), html(client_for(alice).get(self.url, headers=HTMX))
        assert "<!doctype html>" in page.lower()
        assert "<html" not in rows
        for text in (page, rows):
            assert "Jianguo Wang" in text
            assert "外人" not in text

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("q=wjg", True),
            ("q=8000", True),
            ("q=nobody", False),
            ("attitude=mentor", True),
            ("attitude=critic", False),
            ("left=false", True),
            ("left=true", False),
            ("birthday_month=2", True),
            ("birthday_month=3", False),
        ],
    )
    def test_filters(self, client_for, alice, contact, query, found):
        Contact.objects.update(birthday_month=2, birthday_day=29)
        index_rows("contact", [contact.pk])
        assert ("Jianguo Wang" in html(client_for(alice).get(f"{self.url}?{query}", headers=HTMX))) == found

    def test_what_is_asked_holds_of_one_employment_that_is_seen(
        self, client_for, alice, dora, contact, foreign_account
    ):
        Employment.objects.create(contact=contact, account=foreign_account, decision_role="blocker")
        query = {"decision_role": "blocker"}
        assert "Jianguo Wang" not in html(client_for(alice).get(self.url, query, headers=HTMX))
        assert "Jianguo Wang" in html(client_for(dora).get(self.url, query, headers=HTMX))

    def test_the_number_of_a_duty_is_the_rows_behind_it(self, client_for, lee, alice, account, contact):
        make_contact(account, "走了", owner=alice, until=dt.date(2020, 1, 1))
        page = client_for(lee).get(f"{self.url}?owner={alice.pk}&left=false")
        assert [row.pk for row in page.context["page"]] == [contact.pk]
        assert "Hand them over" in html(page)


class TestDetail:
    def test_shows_only_employments_that_are_seen(self, client_for, alice, contact, foreign_account):
        Employment.objects.create(contact=contact, account=foreign_account, position="秘密职位")
        text = html(client_for(alice).get(contact.get_absolute_url()))
        assert "Dawn Machinery" in text
        assert "秘密职位" not in text
        assert "Southern" not in text

    def test_history_names_no_employment_elsewhere(self, client_for, alice, dora, contact, foreign_account):
        url = reverse("api:employment-list")
        client_for(dora).post(
            url, {"contact": contact.pk, "account": foreign_account.pk, "position": "秘密职位"}, "application/json"
        )
        assert contact.employments.count() == 2
        assert "南方" not in html(client_for(alice).get(contact.get_absolute_url()))

    def test_birthday_and_wishes_in_words(self, client_for, alice, contact):
        Contact.objects.update(
            birthday_calendar="lunar", birthday_month=12, birthday_day=30, no_email=True, consent="withdrawn"
        )
        text = html(client_for(alice).get(contact.get_absolute_url()))
        assert "腊月三十" in text
        assert "Consent withdrawn." in text
        assert "no e-mails" in text


class TestCreate:
    url = "/contacts/new/"

    def test_saves(self, client_for, alice, account):
        response = client_for(alice).post(self.url, {**FORM, "account": account.code, "position": "经理"})
        contact = Contact.objects.get()
        assert response["Location"] == contact.get_absolute_url()
        assert contact.employments.get().position == "经理"

    def test_account_of_the_page_and_superior(self, client_for, alice, account, contact):
        boss = contact.employments.get()
        url = f"{self.url}?account={account.pk}"
        assert "Jianguo Wang" in html(client_for(alice).get(url))
        client_for(alice).post(url, {**FORM, "reports_to": boss.pk})
        assert Contact.objects.get(name="李明").employments.get().reports_to == boss

    def test_keeps_what_was_typed(self, client_for, alice):
        response = client_for(alice).post(self.url, {**FORM, "account": "NONE", "mobile": "12", "notes": "bleibt"})
        assert set(response.context["form"].errors) == {"account", "mobile"}
        assert "bleibt" in html(response)
        assert not Contact.objects.exists()

    def test_no_account_is_a_clear_error(self, client_for, alice):
        response = client_for(alice).post(self.url, FORM)
        assert list(response.context["form"].errors) == ["account"]

    def test_refuses_accounts_that_are_only_read(self, client_for, ann, account):
        response = client_for(ann).post(self.url, {**FORM, "account": account.code})
        assert "You may read this account but not change it." in html(response)
        assert not Contact.objects.exists()

    @pytest.mark.parametrize("same", [{"mobile": "138-0013-8000"}, {"name": "王建國"}, {"name": "Wang Jianguo"}])
    def test_asks_before_a_second_one_and_can_be_told(self, client_for, alice, account, contact, same):
        form = {**FORM, **same, "account": account.code, "notes": "bleibt"}
        response = client_for(alice).post(self.url, form)
        assert "Perhaps this person is known already" in html(response)
        assert "bleibt" in html(response)
        assert Contact.objects.count() == 1
        client_for(alice).post(self.url, {**form, "confirmed": "1"})
        assert Contact.objects.count() == 2

    def test_a_namesake_elsewhere_is_no_question(self, client_for, alice, contact):
        other = AccountFactory(manager=alice)
        client_for(alice).post(self.url, {**FORM, "name": contact.name, "account": other.code})
        assert Contact.objects.count() == 2


class TestDuplicates:
    url = "/contacts/duplicates/"

    def test_only_among_those_who_are_seen(self, client_for, alice, mallory, contact):
        form = {"mobile": "13800138000", "name": "x"}
        assert "Jianguo Wang" in html(client_for(alice).post(self.url, form))
        assert html(client_for(mallory).post(self.url, form)).strip() == ""

    @pytest.mark.parametrize("typed", ["wang jianguo", "Jianguo Wang", "王 建国", "王建國"])
    def test_names_that_look_or_sound_alike(self, client_for, alice, account, contact, typed):
        text = html(client_for(alice).post(self.url, {"name": typed, "account_id": account.pk}))
        assert "at this account" in text

    @pytest.mark.parametrize("form", [{}, {"name": "\x00"}, {"contact": "x", "account_id": "-1", "account": "'"}])
    def test_nonsense(self, client_for, alice, account, form):
        assert html(client_for(alice).post(self.url, form)).strip() == ""


class TestUpdate:
    def test_saves_and_does_not_warn_of_itself(self, client_for, alice, contact):
        url = reverse("contacts:contact_update", args=[contact.pk])
        form = {**FORM, "name": "王建国", "mobile": "13800138000", "wechat": "wjg"}
        assert client_for(alice).post(url, form).status_code == 302
        contact.refresh_from_db()
        assert contact.wechat == "wjg"

    def test_impossible_birthday(self, client_for, alice, contact):
        url = reverse("contacts:contact_update", args=[contact.pk])
        response = client_for(alice).post(url, {**FORM, "birthday_month": 2, "birthday_day": 30})
        assert list(response.context["form"].errors) == ["birthday_day"]


class TestEmployments:
    def test_update_refuses_a_circle_beside_the_field(self, client_for, alice, account, contact):
        job = contact.employments.get()
        below = make_contact(account, "下", reports_to=job).employments.get()
        url = reverse("contacts:employment_update", args=[job.pk])
        response = client_for(alice).post(url, {**FORM, "reports_to": below.pk})
        assert list(response.context["form"].errors) == ["reports_to"]

    def test_leaves(self, client_for, alice, account, contact):
        job = contact.employments.get()
        url = reverse("contacts:employment_end", args=[job.pk])
        assert "2020" not in html(client_for(alice).get(url))
        client_for(alice).post(url, {"last_day": "2020-01-31"})
        job.refresh_from_db()
        assert job.until_date == dt.date(2020, 1, 31)
        panel = html(client_for(alice).get(reverse("contacts:account_panel", args=[account.pk]), headers=HTMX))
        assert "1 former contact" in panel

    def test_moves(self, client_for, alice, contact):
        other = AccountFactory(manager=alice, name_en="New Home")
        url = reverse("contacts:contact_move", args=[contact.employments.get().pk])
        assert client_for(alice).post(url, {**FORM, "account": other.code}).status_code == 302
        assert contact.employments.get(until_date__isnull=True).account == other

    def test_hand_over(self, client_for, lee, alice, ann, contact):
        url = reverse("contacts:relationship_handover", args=[alice.pk])
        assert "1 relationship that you see" in html(client_for(lee).get(url))
        client_for(lee).post(url, {"owner": ann.pk})
        assert contact.employments.get().owner == ann


class TestAccountPanel:
    def test_last_contact_of_each_person(self, client_for, alice, account, contact):
        make_interaction(account, 3, contacts=[contact])
        url = reverse("contacts:account_panel", args=[account.pk])
        response = client_for(alice).get(url)
        assert response.context["present"][0].last_contact is not None
        assert "<html" not in html(client_for(alice).get(url, headers=HTMX))


class TestMerge:
    def test_choose_compare_merge(self, client_for, alice, account, contact):
        other = make_contact(account, "王建國", email="w@example.com")
        index_rows("contact", [contact.pk, other.pk])
        url = reverse("contacts:contact_merge", args=[contact.pk])
        assert f"other={other.pk}" in html(client_for(alice).get(url))
        assert f"other={other.pk}" in html(client_for(alice).get(f"{url}?q=example.com"))
        page = client_for(alice).get(f"{url}?other={other.pk}")
        assert "This cannot be undone." in html(page)
        assert page.context["form"]["email"].value() == "w@example.com"
        form = {**FORM, "name": "王建国", "email": "w@example.com"}
        assert client_for(alice).post(f"{url}?other={other.pk}", form)["Location"] == contact.get_absolute_url()
        assert list(Contact.objects.values_list("email", flat=True)) == ["w@example.com"]

    def test_refuses_people_whom_others_know_too(self, client_for, alice, account, foreign_account, contact):
        other = make_contact(account, "王建國")
        Employment.objects.create(contact=other, account=foreign_account)
        url = reverse("contacts:contact_merge", args=[contact.pk])
        response = client_for(alice).post(f"{url}?other={other.pk}", FORM)
        assert "accounts that you do not see" in html(response)
        assert Contact.objects.count() == 2


class TestPrivacy:
    def test_vcard(self, client_for, alice, contact):
        url = reverse("contacts:contact_vcard", args=[contact.pk])
        response = client_for(alice).get(url)
        assert "N:王;建国;;;" in response.content.decode()
        assert response["Content-Type"] == "text/vcard; charset=utf-8"
        assert "VERSION:3.0" in client_for(alice).get(url, {"version": "3.0"}).content.decode()

    def test_several_need_the_right_and_are_recorded(self, client_for, alice, account, contact):
        make_contact(account, "司马光")
        url = reverse("contacts:account_vcards", args=[account.pk])
        assert client_for(alice).post(url).status_code == 403
        alice.may_export = True
        alice.save()
        text = client_for(alice).post(url).content.decode()
        assert text.count("BEGIN:VCARD") == 2
        assert "N:司马;光;;;" in text
        entry = AuditEntry.objects.get(action="contact.list_exported")
        assert (entry.actor, entry.account_id, entry.changes["contacts"]) == (alice, account.pk, [None, 2])

    def test_data_of_one_person(self, client_for, lee, contact):
        response = client_for(lee).post(reverse("contacts:contact_data", args=[contact.pk]))
        assert response.json()["person"]["mobile"] == "+8613800138000"
        assert AuditEntry.objects.filter(action="contact.data_exported", actor=lee).exists()

    def test_erasing_asks_for_the_name(self, client_for, lee, contact):
        url = reverse("contacts:contact_erase", args=[contact.pk])
        html(client_for(lee).get(url))
        assert "Type the name" in html(client_for(lee).post(url, {"name": "wrong"}))
        client_for(lee).post(url, {"name": "王建国"})
        page = html(client_for(lee).get(contact.get_absolute_url()))
        assert "Erased person" in page
        assert "王建国" not in page
        assert contact.employments.get().until_date == timezone.localdate()

    def test_erasing_needs_to_see_all(self, client_for, lee, contact, foreign_account):
        Employment.objects.create(contact=contact, account=foreign_account)
        url = reverse("contacts:contact_erase", args=[contact.pk])
        assert "accounts that you do not see" in html(client_for(lee).post(url, {"name": "王建国"}))
        assert not Contact.objects.get().erased

    def test_nothing_of_an_erased_person_can_be_changed(self, client_for, lee, alice, contact):
        client_for(lee).post(reverse("contacts:contact_erase", args=[contact.pk]), {"name": "王建国"})
        for name in ("contact_update", "contact_merge"):
            assert client_for(alice).get(reverse(f"contacts:{name}", args=[contact.pk])).status_code == 403
