"""The inbox: what is in which tab, the panes, what can be done there, where one is afterwards."""

import datetime as dt
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from health.models import Alert, Playbook
from tests.factories.accounts import AccountFactory, AccountMemberFactory
from tests.factories.health_alerts import (
    make_alert,
    make_alert_rule,
    make_comment,
    make_evidence,
    make_health_run,
    make_part,
    make_points,
)
from tests.factories.users import UserFactory

DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
INBOX = reverse("health:alert_list")
HTMX = {"HX-Request": "true"}


@pytest.fixture
def now():
    """Pages read the clock."""
    return timezone.now()


@pytest.fixture
def alerts(account, alice, now):
    """Four open ones of Alice's, the first with the most at stake."""
    others = [AccountFactory(manager=alice, name=f"客户{number}", name_en=f"Client {number}") for number in range(3)]
    return [make_alert(owner, rank=100 - place, due_at=now + DAY) for place, owner in enumerate([account, *others])]


def shown(response):
    return [row.pk for row in response.context["page"]]


def url(verb, alert, query=""):
    return reverse(f"health:alert_{verb}", args=[alert.pk]) + query


class TestList:
    def test_the_most_at_stake_first_and_the_first_one_open(self, client_for, alice, alerts):
        page = client_for(alice).get(INBOX)
        assert shown(page) == [alert.pk for alert in alerts]
        assert page.context["alert"] == alerts[0]
        assert page.content.decode().count('aria-current="true"') >= 1

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ({}, {"open", "acknowledged", "late"}),
            ({"state": "active"}, {"open", "acknowledged", "late"}),
            ({"state": "held"}, {"held"}),
            ({"state": "snoozed"}, {"snoozed"}),
            ({"state": "resolved"}, {"resolved"}),
            ({"urgency": "overdue"}, {"late"}),
            ({"urgency": "escalated"}, {"late"}),
            ({"reason": ["unhappy", "neglected"]}, {"acknowledged", "late"}),
            ({"min_severity": "4"}, {"open"}),
            ({"tier": "none"}, {"open", "acknowledged", "late"}),
            ({"tier": "A"}, set()),
        ],
    )
    def test_tabs_and_filters(self, client_for, alice, account, now, query, found):
        later, before = now + DAY, now - HOUR
        rows = {
            "open": make_alert(account, severity=4, due_at=later),
            "acknowledged": make_alert(account, "unhappy", "acknowledged", due_at=later),
            "late": make_alert(account, "neglected", due_at=before, escalation=1, escalated_at=now),
            "held": make_alert(account, "contact_left", "held", due_at=before),
            "snoozed": make_alert(account, "other", "snoozed", due_at=before),
            "resolved": make_alert(account, "churn_risk", "resolved"),
        }
        page = client_for(alice).get(INBOX, query)
        assert set(shown(page)) == {rows[name].pk for name in found}

    def test_tabs_count_what_fits_the_filters(self, client_for, alice, account):
        make_alert(account, "unhappy")
        make_alert(account, "neglected", "acknowledged")
        make_alert(account, "other", "held")
        make_alert(account, "contact_left", "snoozed")
        client = client_for(alice)
        assert client.get(INBOX).context["counts"] == {"active": "2", "held": "1", "snoozed": "1"}
        assert client.get(INBOX, {"reason": "other"}).context["counts"] == {"held": "1"}

    def test_tabs_count_no_further_than_a_hundred(self, client_for, alice, account, monkeypatch):
        monkeypatch.setattr("health.views.alerts.MOST_COUNTED", 2)
        for reason in ("unhappy", "neglected", "other"):
            make_alert(account, reason)
        make_alert(account, "contact_left", "held")
        make_alert(account, "churn_risk", "held")
        assert client_for(alice).get(INBOX).context["counts"] == {"active": "2+", "held": "2"}

    def test_whose(self, client_for, alice, lee, dora, ann, account, north):
        """A manager's own first, a supervisor's people's, a director's everybody's."""
        bob = UserFactory(team=north)
        mine, bobs = make_alert(account), make_alert(AccountFactory(manager=bob))
        AccountMemberFactory(account=bobs.account, user=alice)
        assert shown(client_for(alice).get(INBOX)) == [mine.pk]
        assert set(shown(client_for(alice).get(INBOX, {"scope": "all"}))) == {mine.pk, bobs.pk}
        assert shown(client_for(alice).get(INBOX, {"account": bobs.account_id})) == [bobs.pk]
        assert set(shown(client_for(lee).get(INBOX))) == {mine.pk, bobs.pk}
        assert shown(client_for(lee).get(INBOX, {"scope": "mine"})) == []
        assert set(shown(client_for(dora).get(INBOX))) == {mine.pk, bobs.pk}
        assert shown(client_for(ann).get(INBOX, {"scope": "all"})) == [mine.pk]

    def test_others_see_nothing(self, client_for, mallory, alerts):
        page = client_for(mallory).get(INBOX, {"scope": "all", "alert": alerts[0].pk})
        assert shown(page) == []
        assert "alert" not in page.context
        assert "Nobody is waiting for you here." in page.content.decode()

    def test_sorts(self, client_for, alice, alerts, now):
        Alert.objects.filter(pk=alerts[2].pk).update(due_at=now)
        client = client_for(alice)
        assert shown(client.get(INBOX, {"sort": "due_at"}))[0] == alerts[2].pk
        assert shown(client.get(INBOX, {"sort": "nonsense"}))[0] == alerts[0].pk

    def test_one_that_is_not_in_the_list_is_shown_all_the_same(self, client_for, alice, account, alerts):
        done = make_alert(account, "unhappy", "resolved")
        page = client_for(alice).get(INBOX, {"alert": done.pk})
        assert page.context["alert"] == done
        for nonsense in ("x", "9" * 30, "-1", "999999999"):
            page = client_for(alice).get(INBOX, {"alert": nonsense})
            assert page.context["alert"] == alerts[0]

    def test_the_place_in_the_list(self, client_for, alice, alerts):
        client = client_for(alice)
        assert client.get(INBOX, {"at": "2"}).context["alert"] == alerts[2]
        assert client.get(INBOX, {"at": "99"}).context["alert"] == alerts[3]
        assert client.get(INBOX, {"at": "-1"}).context["alert"] == alerts[0]

    def test_the_fragment_alone(self, client_for, alice, alerts):
        html = client_for(alice).get(INBOX, headers=HTMX).content.decode()
        assert html.lstrip().startswith('<div id="rows"')

    def test_says_that_orders_are_missing(self, client_for, alice, alerts, today):
        make_health_run(gap_from=today, gap_until=today, withheld=1)
        html = client_for(alice).get(INBOX).content.decode()
        assert "Orders are missing in the data of the whole company" in html
        assert "1 is withheld." in html

    def test_an_old_gap_is_over(self, client_for, alice, alerts, today):
        make_health_run(today - DAY, gap_from=today, gap_until=today)
        make_health_run(today)
        assert "Orders are missing" not in client_for(alice).get(INBOX).content.decode()


class TestPanes:
    def test_evidence_then_and_now(self, client_for, alice, account):
        alert = make_alert(
            account,
            evidence=make_evidence(make_part("order_gap", 2.5), probability=0.4, score=55),
            evidence_now=make_evidence(make_part("order_gap", 4.2), make_part("returns", 0.3), probability=0.72),
        )
        page = client_for(alice).get(url("detail", alert), headers=HTMX)
        html = page.content.decode()
        assert html.lstrip().startswith('<div id="alert"')
        rows = {row.key: row for row in page.context["signals"]}
        assert set(rows) == {"order_gap", "returns"}
        assert "2.5" in rows["order_gap"].before
        assert "4.2" in rows["order_gap"].now
        assert rows["returns"].before == "–"
        assert "+32" in html
        assert "was 55" in html

    def test_a_signal_that_is_fine_again_says_so(self, client_for, alice, account):
        alert = make_alert(account, evidence_now=make_evidence(), cleared_on=timezone.localdate())
        alert.evidence_now["signals"] = []
        alert.save()
        html = client_for(alice).get(url("detail", alert)).content.decode()
        assert "The rule no longer holds since" in html

    def test_the_course_of_the_score(self, client_for, alice, account, today):
        alert = make_alert(account)
        make_points(account, 80, 60, 38)
        html = client_for(alice).get(url("detail", alert)).content.decode()
        assert html.count("<circle") == 3
        assert "from 80 to 38" in html
        assert 'class="score-opened"' in html

    def test_its_axis_ends_on_the_last_day_of_the_line(self, client_for, alice, account, today):
        alert = make_alert(account, seen_on=today - dt.timedelta(20))
        make_points(account, None, 80, 60, until=today)
        html = client_for(alice).get(url("detail", alert)).content.decode()
        axis = html.partition('class="alert-axis">')[2].partition("</div>")[0]
        week = today - dt.timedelta(7)
        assert re.findall(r'datetime="([^"]+)"', axis) == [week.isoformat(), today.isoformat()]

    def test_notes_and_text_are_escaped(self, client_for, alice, account):
        alert = make_alert(account)
        make_comment(alert, "<script>alert(1)</script>")
        html = client_for(alice).get(url("detail", alert)).content.decode()
        assert "<script>alert(1)" not in html
        assert "&lt;script&gt;" in html

    def test_the_playbook_of_the_rule_is_offered_first(self, client_for, alice, account):
        other = Playbook.objects.create(names={"en": "Other"}, reasons=["order_gap"])
        own = Playbook.objects.create(names={"en": "Own"})
        alert = make_alert(account, rule=make_alert_rule("order_gap", playbook=own))
        page = client_for(alice).get(url("detail", alert))
        assert page.context["playbooks"] == [own, other]

    def test_who_may_only_read_has_no_buttons(self, client_for, ann, account):
        alert = make_alert(account)
        html = client_for(ann).get(url("detail", alert)).content.decode()
        assert url("resolve", alert) not in html
        assert client_for(ann).post(url("acknowledge", alert)).status_code == 403

    def test_somebody_elses_is_not_found(self, client_for, mallory, account):
        alert = make_alert(account)
        assert client_for(mallory).get(url("detail", alert)).status_code == 404
        assert client_for(mallory).post(url("resolve", alert), {"outcome": "saved"}).status_code == 404


class TestActions:
    def test_acknowledge_and_stay(self, client_for, alice, alerts):
        """In the inbox the list is new and the alert is still beside it."""
        client = client_for(alice)
        answer = client.post(url("acknowledge", alerts[1], "?state=active&at=1"), headers=HTMX, follow=True)
        alerts[1].refresh_from_db()
        assert (alerts[1].status, alerts[1].acknowledged_by) == ("acknowledged", alice)
        assert answer.redirect_chain == [(f"{INBOX}?state=active&alert={alerts[1].pk}", 302)]
        html = answer.content.decode()
        assert html.lstrip().startswith('<div id="rows"')
        assert "You take care of it" in html
        assert answer.context["alert"] == alerts[1]

    def test_resolve_and_the_next_one_takes_its_place(self, client_for, alice, alerts):
        client = client_for(alice)
        given = {"outcome": "lost", "lost_cause": "price", "resolution": "竞争对手便宜三成"}
        answer = client.post(url("resolve", alerts[1], "?at=1"), given, headers=HTMX, follow=True)
        alerts[1].refresh_from_db()
        assert (alerts[1].outcome, alerts[1].lost_cause, alerts[1].resolution) == ("lost", "price", "竞争对手便宜三成")
        assert answer.context["alert"] == alerts[2]
        assert reverse("health:alert_reopen", args=[alerts[1].pk]) in answer.content.decode()

    def test_the_cause_of_a_loss_is_asked_for_and_what_was_typed_is_kept(self, client_for, alice, alerts):
        given = {"outcome": "lost", "resolution": "不再采购"}
        answer = client_for(alice).post(url("resolve", alerts[0], "?at=0"), given, headers=HTMX)
        html = answer.content.decode()
        assert answer["HX-Retarget"] == "#alert"
        assert "Say why the customer was lost." in html
        assert "不再采购" in html
        alerts[0].refresh_from_db()
        assert alerts[0].status == "open"

    def test_a_cause_without_a_loss_is_dropped(self, client_for, alice, alerts):
        client_for(alice).post(url("resolve", alerts[0]), {"outcome": "saved", "lost_cause": "price"})
        alerts[0].refresh_from_db()
        assert (alerts[0].outcome, alerts[0].lost_cause) == ("saved", "")

    def test_snooze_wake_and_undo(self, client_for, alice, alerts):
        client, until = client_for(alice), timezone.localdate() + 7 * DAY
        answer = client.post(url("snooze", alerts[0]), {"until": ["", until.isoformat()]}, follow=True)
        alerts[0].refresh_from_db()
        assert (alerts[0].status, alerts[0].snoozed_until) == ("snoozed", until)
        assert f'action="{url("wake", alerts[0])}"' in answer.content.decode()
        client.post(url("wake", alerts[0]))
        alerts[0].refresh_from_db()
        assert alerts[0].status in ("open", "acknowledged")

    @pytest.mark.parametrize("until", ["", "yesterday", "2020-01-01"])
    def test_a_day_that_is_none_is_refused(self, client_for, alice, alerts, until):
        answer = client_for(alice).post(url("snooze", alerts[0]), {"until": until})
        assert answer.status_code == 200
        assert answer.context["snooze_form"].errors
        alerts[0].refresh_from_db()
        assert alerts[0].status == "open"

    def test_comment(self, client_for, alice, alerts):
        client = client_for(alice)
        client.post(url("comment", alerts[0]), {"text": "王总下周回国"})
        assert [(note.author, note.text) for note in alerts[0].comments.all()] == [(alice, "王总下周回国")]
        answer = client.post(url("comment", alerts[0]), {"text": " "})
        assert "Write something." in answer.content.decode()

    def test_reopen(self, client_for, alice, account):
        alert = make_alert(account, status="resolved", resolved_at=timezone.now())
        client_for(alice).post(url("reopen", alert))
        alert.refresh_from_db()
        assert (alert.status in ("open", "acknowledged"), alert.outcome) == (True, "")

    def test_hand_to_somebody_else(self, client_for, lee, alice, account, north):
        bob, alert = UserFactory(team=north, name="Bob"), make_alert(account)
        AccountMemberFactory(account=account, user=bob, right="edit")
        client_for(lee).post(url("reassign", alert), {"owner": bob.pk})
        alert.refresh_from_db()
        assert alert.owner == bob

    def test_twice_is_said_and_does_no_harm(self, client_for, alice, alerts):
        """Somebody else was quicker."""
        client = client_for(alice)
        client.post(url("resolve", alerts[0]), {"outcome": "saved"})
        for verb, given in (("resolve", {"outcome": "lost", "lost_cause": "price"}), ("acknowledge", {})):
            assert client.post(url(verb, alerts[0]), given).status_code == 302
        alerts[0].refresh_from_db()
        assert alerts[0].outcome == "saved"

    def test_back_to_where_the_button_was(self, client_for, alice, alerts):
        answer = client_for(alice).post(url("acknowledge", alerts[0]), {"next": "/"})
        assert answer["Location"] == "/"
        answer = client_for(alice).post(url("acknowledge", alerts[1]), {"next": "https://evil.example/"})
        assert answer["Location"] == url("detail", alerts[1])
