"""Many alerts at once: what is done, what is refused and why; the page between the ticks and the deed."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditEntry
from health.models import Alert
from health.services.alert_bulk import MAX_ALERTS, act_on_alerts
from tests.factories.accounts import AccountFactory, AccountMemberFactory
from tests.factories.health_alerts import make_alert
from tests.factories.users import UserFactory

INBOX, BULK = reverse("health:alert_list"), reverse("health:alert_bulk")
DAY = dt.timedelta(days=1)

pytestmark = pytest.mark.django_db


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def alerts(account, alice, now):
    """Three open ones of Alice's."""
    owners = [account, *(AccountFactory(manager=alice, name=f"客户{n}", name_en=f"Client {n}") for n in "12")]
    return [make_alert(owner, rank=100 - place, due_at=now + DAY) for place, owner in enumerate(owners)]


def keys(alerts):
    return [alert.pk for alert in alerts]


def statuses():
    return dict(Alert.objects.values_list("pk", "status"))


def words(page):
    return [str(message) for message in page.context["messages"]]


class TestActOnAlerts:
    def act(self, user, ids, verb, now, **values):
        return act_on_alerts(Alert.objects.visible_to(user), ids, verb, values, actor=user, now=now)

    def test_each_is_done_once_and_audited(self, alerts, alice, now):
        ids = keys(alerts)
        outcome = self.act(alice, [*ids, ids[0]], "acknowledge", now)
        assert (keys(outcome.done), outcome.refused) == (ids, [])
        assert set(statuses().values()) == {"acknowledged"}
        assert AuditEntry.objects.filter(action="alert.acknowledged", actor=alice).count() == 3

    def test_what_is_refused_says_why_and_keeps_nobody_else_from_it(self, alerts, account, foreign_account, ann, now):
        AccountMemberFactory(account=alerts[1].account, user=ann, right="edit")
        foreign = make_alert(foreign_account)
        outcome = self.act(ann, [alerts[0].pk, foreign.pk, alerts[1].pk, 987654321], "snooze", now, until=_in(7))
        assert keys(outcome.done) == [alerts[1].pk]
        assert [(row.pk, row.code) for row in outcome.refused] == [
            (alerts[0].pk, "account_read_only"), (foreign.pk, "not_found"), (987654321, "not_found"),
        ]  # fmt: skip
        assert statuses() == {
            alerts[0].pk: "open", alerts[1].pk: "snoozed", alerts[2].pk: "open", foreign.pk: "open",
        }  # fmt: skip

    @pytest.mark.parametrize(
        ("verb", "values", "status"),
        [
            ("snooze", {"until": 7}, "snoozed"),
            ("resolve", {"outcome": "lost", "lost_cause": "price", "resolution": "涨价"}, "resolved"),
            ("resolve", {"outcome": "saved"}, "resolved"),
            ("reassign", {"owner": "lee"}, "open"),
        ],
    )
    def test_the_verbs_that_need_more(self, request, alerts, alice, now, verb, values, status):
        given = dict(values)
        if "until" in given:
            given["until"] = _in(given["until"])
        if "owner" in given:
            given["owner"] = request.getfixturevalue("lee")
        assert len(self.act(alice, keys(alerts), verb, now, **given).done) == 3
        assert set(statuses().values()) == {status}
        if verb == "reassign":
            assert set(Alert.objects.values_list("owner", flat=True)) == {given["owner"].pk}
        if given.get("lost_cause"):
            assert set(Alert.objects.values_list("lost_cause", "resolution")) == {("price", "涨价")}


def _in(days):
    return timezone.localdate() + days * DAY


class TestPage:
    def post(self, client, alerts, verb, **given):
        sent = {"ids": keys(alerts), "verb": verb, "next": f"{INBOX}?reason=order_gap", **given}
        return client.post(BULK, sent, follow=True)

    def test_the_inbox_has_a_box_for_each_that_is_not_resolved(self, client_for, alice, alerts):
        client = client_for(alice)
        html = client.get(INBOX).content.decode()
        assert html.count('name="ids"') == 3
        assert f'action="{BULK}"' in html
        Alert.objects.update(status="resolved", outcome="saved", resolved_at=timezone.now())
        html = client.get(INBOX, {"state": "resolved"}).content.decode()
        assert 'name="ids"' not in html
        assert BULK not in html

    def test_acknowledging_asks_nothing_and_goes_back_to_the_list(self, client_for, alice, alerts):
        page = self.post(client_for(alice), alerts[:2], "acknowledge")
        assert page.redirect_chain == [(f"{INBOX}?reason=order_gap", 302)]
        assert words(page) == ["You take care of 2 alerts."]
        assert list(statuses().values()) == ["acknowledged", "acknowledged", "open"]

    def test_waking(self, client_for, alice, account):
        alert = make_alert(account, status="snoozed")
        assert words(self.post(client_for(alice), [alert], "wake")) == ["1 alert is open again."]

    @pytest.mark.parametrize(
        ("verb", "given", "said"),
        [
            ("snooze", {"until": "SOON"}, "2 alerts rest until"),
            ("resolve", {"outcome": "saved", "resolution": "x"}, "2 alerts resolved: Saved"),
            ("reassign", {"owner": "LEE"}, "2 alerts handed to"),
        ],
    )
    def test_the_others_show_what_is_ticked_and_a_form_first(self, client_for, alice, lee, alerts, verb, given, said):
        client = client_for(alice)
        page = self.post(client, alerts[:2], verb)
        assert page.status_code == 200
        assert page.context["alerts"] == alerts[:2]
        assert not page.context["form"].is_bound
        assert set(statuses().values()) == {"open"}
        values = {"SOON": _in(3).isoformat(), "LEE": lee.pk}
        sent = {name: values.get(value, value) for name, value in given.items()}
        page = self.post(client, alerts[:2], verb, sent="1", **sent)
        assert page.redirect_chain == [(f"{INBOX}?reason=order_gap", 302)]
        assert words(page)[0].startswith(said)
        alerts[2].refresh_from_db()
        assert (alerts[2].status, alerts[2].owner) == ("open", alice)

    def test_a_wrong_form_keeps_what_was_typed(self, client_for, alice, alerts):
        page = self.post(client_for(alice), alerts, "resolve", sent="1", outcome="lost", resolution="换了供应商")
        assert page.status_code == 200
        html = page.content.decode()
        assert "Say why the customer was lost." in html
        assert "换了供应商" in html
        assert set(statuses().values()) == {"open"}

    def test_where_all_are_refused_the_page_stays_and_says_why(self, client_for, alice, alerts):
        page = self.post(client_for(alice), alerts, "snooze", sent="1", until=_in(-1).isoformat())
        assert page.status_code == 200
        (reason,) = page.context["form"].non_field_errors()
        assert "from tomorrow on" in reason
        assert str(alerts[0]) in reason

    def test_what_was_refused_is_said_beside_what_was_done(self, client_for, alice, alerts):
        alerts[1].status, alerts[1].outcome, alerts[1].resolved_at = "resolved", "saved", timezone.now()
        alerts[1].save()
        said = words(self.post(client_for(alice), alerts, "acknowledge"))
        assert said[0] == "You take care of 2 alerts."
        assert said[1].startswith(f"Left as they were: {alerts[1]}. ")
        assert said[1].endswith("This alert is resolved already.")

    def test_who_may_only_read_is_told_and_ticks_nothing(self, client_for, ann, alerts):
        client = client_for(ann)
        html = self.post(client, alerts[:1], "resolve").content.decode()
        assert "You may read this account but not change it." in html
        assert "disabled" in html.partition(f'name="ids" value="{alerts[0].pk}"')[2].partition(">")[0]
        said = words(self.post(client, alerts[:1], "acknowledge"))
        assert len(said) == 1
        assert str(alerts[0]) in said[0]
        assert statuses()[alerts[0].pk] == "open"

    def test_somebody_elses_are_not_there(self, client_for, mallory, alerts):
        client = client_for(mallory)
        page = self.post(client, alerts, "resolve")
        assert page.context["alerts"] == []
        assert "Dawn Machinery" not in page.content.decode()
        page = self.post(client, alerts, "acknowledge")
        assert "Dawn Machinery" not in page.content.decode()
        assert set(statuses().values()) == {"open"}

    def test_nothing_ticked_too_many_and_nonsense(self, client_for, alice, alerts):
        client = client_for(alice)
        for ids in ([], ["x", "-1", "9" * 30, "²"], range(1, MAX_ALERTS + 2)):
            page = client.post(BULK, {"ids": list(ids), "verb": "acknowledge"}, follow=True)
            assert words(page) == [f"Tick at least one alert, and no more than {MAX_ALERTS}."]
        assert client.post(BULK, {"ids": keys(alerts), "verb": "delete"}).status_code == 400
        assert client.get(BULK).status_code == 405
        assert set(statuses().values()) == {"open"}

    def test_statements_do_not_grow(self, client_for, alice, alerts, django_assert_num_queries):
        client = client_for(alice)
        for chosen in (alerts[:1], alerts):
            with django_assert_num_queries(4):
                client.post(BULK, {"ids": keys(chosen), "verb": "resolve"})


class TestTeam:
    def test_the_inbox_is_narrowed_to_a_team(self, client_for, dora, alerts, foreign_account, region, south):
        foreign = make_alert(foreign_account)
        client = client_for(dora)
        assert "team" in [bound.name for bound in client.get(INBOX).context["filter"].form if not bound.is_hidden]
        found = client.get(INBOX, {"team": south.pk}).context["page"]
        assert [row.pk for row in found] == [foreign.pk]
        found = client.get(INBOX, {"team": region.pk}).context["page"]
        assert [row.pk for row in found] == keys(alerts)

    def test_other_teams_of_a_supervisor_are_no_choice(self, client_for, lee, alerts):
        nobody = UserFactory()
        form = client_for(lee).get(INBOX, {"team": nobody.team_id or 0}).context["filter"].form
        assert form.is_valid() or "team" in form.errors
