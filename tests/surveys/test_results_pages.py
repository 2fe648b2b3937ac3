"""Results: the page, its numbers and where they lead, periods, cuts, the anonymous campaign, files and the summary."""

import copy
import datetime as dt
import io
import re
from urllib.parse import parse_qs, urlsplit

import pytest
import python_calamine
from django.urls import reverse

from audit.models import AuditEntry
from surveys import reports
from surveys.models import Response
from surveys.results import Months, Scope
from surveys.services import folding
from tests.dashboards.pdf_text import text_of
from tests.factories.accounts import AccountFactory
from tests.factories.surveys import ANSWERS, NOW, CampaignFactory, InvitationFactory, ResponseFactory, answer

pytestmark = pytest.mark.django_db
FRAGMENT = {"HX-Request": "true"}


@pytest.fixture
def campaign():
    return CampaignFactory(name="关系调查")


@pytest.fixture
def asked(campaign, account, foreign_account, mallory):
    """Twelve answers of Alice's account (nine promoters, three detractors), eight of Mallory's."""
    for number in range(12):
        ResponseFactory(
            campaign=campaign, account=account, completed_at=NOW - dt.timedelta(days=number * 9), tier="A",
            answers=ANSWERS if number % 4 else {**ANSWERS, "recommend": 3, "reasons": {"choices": ["price"]}},
        )  # fmt: skip
    for number in range(8):
        ResponseFactory(campaign=campaign, account=foreign_account, completed_at=NOW, tier="B",
                        answers={**ANSWERS, "recommend": number, "comment": "别人的话"})  # fmt: skip
    return campaign


def page(client, name, pk, query="", **kwargs):
    return client.get(reverse(f"surveys:{name}", args=[pk]) + query, **kwargs)


def links_in(html):
    """(where it leads, the number) of every number that opens answers."""
    return re.findall(r'<a href="([^"]*/responses/[^"]*)">([\d,]+)</a>', html)


class TestPage:
    def test_everybody_sees_what_they_may(self, client_for, asked, alice, dora, mallory):
        folding.fold(NOW + dt.timedelta(days=2))
        totals = {}
        for user in (alice, mallory, dora):
            context = page(client_for(user), "results", asked.pk).context
            nps = context["report"].headlines[0]
            totals[user.username] = (context["report"].responses, nps.n, round(nps.score.value))
        assert totals == {"alice": (12, 12, 50), "mallory": (8, 8, -88), "dora": (20, 20, -5)}

    @pytest.mark.parametrize("query", ["", "?compare=previous", "?slice=tier:A&by=manager", "?from_month=2026-02"])
    def test_every_number_opens_the_answers_it_counted(self, client_for, asked, dora, query):
        folding.fold(NOW)
        client = client_for(dora)
        found = links_in(page(client, "results", asked.pk, query).text)
        assert len(found) > 30
        for url, number in found:
            listed = client.get(url.replace("&amp;", "&")).context["count"][0]
            assert listed == int(number), url

    def test_fragment_and_empty(self, client_for, asked, alice):
        whole, part = page(client_for(alice), "results", asked.pk), page(client_for(alice), "results", asked.pk,
                                                                         headers=FRAGMENT)  # fmt: skip
        assert "<html" in whole.text
        assert "<html" not in part.text
        assert part.text.strip().startswith('<div id="rows"')
        assert "No answers yet" in page(client_for(alice), "results", CampaignFactory().pk).text
        assert (
            "Nothing has been asked yet" in page(client_for(alice), "results", CampaignFactory(status="draft").pk).text
        )

    def test_two_periods(self, client_for, asked, alice):
        query = "?compare=own&from_month=2026-03&until_month=2026-03&other_from=2025-12&other_until=2026-02"
        report = page(client_for(alice), "results", asked.pk, query).context["report"]
        nps = report.headlines[0]
        assert (report.responses, report.responses_before) == (2, 10)
        assert nps.n + nps.before.n == 12
        assert nps.change.value == pytest.approx(nps.score.value - nps.before.value)
        assert "may be chance" in page(client_for(alice), "results", asked.pk, query).text

    @pytest.mark.parametrize("query", ["?from_month=x", "?slice=tier", "?slice=nonsense:1", "?by=all", "?question=none",
                                       "?compare=never", "?slice=team:999999", "?from_month=2026-13"])  # fmt: skip
    def test_nonsense_is_no_error(self, client_for, asked, alice, query):
        assert page(client_for(alice), "results", asked.pk, query).status_code == 200

    def test_a_questionnaire_over_its_campaigns(self, client_for, asked, alice, account):
        second = CampaignFactory(questionnaire_version=asked.questionnaire_version)
        hidden = CampaignFactory(questionnaire_version=asked.questionnaire_version, anonymous=True)
        ResponseFactory(campaign=second, account=account)
        for _ in range(6):
            ResponseFactory(campaign=hidden, account=account)
        found = page(client_for(alice), "questionnaire_results", asked.questionnaire_version.questionnaire_id)
        assert found.context["report"].responses == 13
        for url, number in links_in(found.text)[:12]:
            assert client_for(alice).get(url.replace("&amp;", "&")).context["count"][0] == int(number), url

    def test_keys_of_another_kind_are_not_added(self, asked, dora, account):
        other = CampaignFactory(questionnaire_version=asked.questionnaire_version)
        other.definition = copy.deepcopy(other.definition)
        other.definition["pages"][0]["questions"][2]["kind"] = "nps"
        other.save()
        ResponseFactory(campaign=other, account=account, answers={**ANSWERS, "satisfied": 10})
        report = reports.build(Scope(dora, [asked, other]), language="en")
        kinds = {row.where.question: (row.kind, row.n) for row in report.questions}
        assert kinds["satisfied"] == ("nps", 1)
        assert kinds["recommend"] == ("nps", 21)

    def test_list_of_results(self, client_for, asked, alice, dora):
        rows = {user: client_for(user).get(reverse("surveys:results_list")).context["rows"] for user in (alice, dora)}
        assert [rows[user][0].responses for user in (alice, dora)] == [12, 20]
        assert round(rows[alice][0].scores["nps"].score.value) == 50

    def test_a_campaign_without_a_score_shows_a_dash(self, client_for, dora):
        campaign = CampaignFactory()
        campaign.definition = copy.deepcopy(campaign.definition)
        for part in campaign.definition["pages"]:
            part["questions"] = [row for row in part["questions"] if row["kind"] not in ("nps", "csat", "ces")]
        campaign.save()
        found = client_for(dora).get(reverse("surveys:results_list"))
        assert found.status_code == 200
        assert not found.context["rows"][0].scores

    def test_response_rate_by_tier(self, client_for, account, alice, mallory):
        account.tier = "A"
        account.save()
        invitation = InvitationFactory(account=account)
        answer(invitation)
        InvitationFactory(account=account, campaign=invitation.campaign)
        InvitationFactory(account=account, campaign=invitation.campaign, status="bounced")
        rates = page(client_for(alice), "results_rate", invitation.campaign_id).context["rates"]
        assert [(rate.tier, rate.asked, rate.answered) for rate in rates] == [(None, 2, 1), ("A", 2, 1)]
        assert page(client_for(mallory), "results_rate", invitation.campaign_id).context["rates"][0].asked == 0

    def test_the_cut_of_who_sees_a_part_comes_after_the_page(self, client_for, asked, alice, dora):
        client = client_for(alice)
        whole = page(client, "results", asked.pk)
        assert whole.context["report"].cut is None
        assert "show=cut" in whole.text
        part = page(client, "results", asked.pk, "?show=cut", headers=FRAGMENT)
        assert [(row.key, row.score.n) for row in part.context["report"].cut.rows] == [("A", 12)]
        assert part.text.strip().startswith('<div class="col-lg-5" id="cut-slot">')
        assert "show=cut" not in re.findall(r'href="([^"]*slice[^"]*)"', part.text)[0]
        assert page(client_for(dora), "results", asked.pk).context["report"].cut.by == "tier"


class TestAnonymous:
    @pytest.fixture
    def hidden(self, account):
        """Twenty-three answers: tier A 12, B 8, C 3; in March 12, in February 8, in January 3; 20 are shown."""
        campaign = CampaignFactory(anonymous=True)
        for number in range(23):
            tier = "A" if number < 12 else "B" if number < 20 else "C"
            month = 3 if number % 2 else 2 if number < 18 else 1
            ResponseFactory(
                campaign=campaign, account=account, tier=tier, completed_at=dt.datetime(2026, month, 2, tzinfo=dt.UTC),
                answers={**ANSWERS, "recommend": number % 11},
            )  # fmt: skip
        return campaign

    def test_nothing_below_five(self, client_for, account, mallory, dora):
        campaign = CampaignFactory(anonymous=True)
        for _ in range(4):
            ResponseFactory(campaign=campaign, account=account)
        for user in (mallory, dora):
            text = page(client_for(user), "results", campaign.pk).text
            assert "There are not five answers yet" in text
        ResponseFactory(campaign=campaign, account=account)
        report = page(client_for(mallory), "results", campaign.pk).context["report"]
        assert (report.responses, report.headlines[0].n) == (5, 5)

    def test_no_number_leads_to_answers(self, client_for, hidden, dora):
        found = page(client_for(dora), "results", hidden.pk)
        assert found.context["report"].responses == 20
        assert links_in(found.text) == []
        listed = client_for(dora).get(reverse("surveys:response_list") + f"?campaign={hidden.pk}").context
        assert listed["page"].rows == []

    def test_a_small_cut_takes_another_with_it(self, client_for, hidden, dora):
        folding.fold(NOW + dt.timedelta(days=4))
        Response.objects.filter(campaign=hidden, counted=False).delete()
        shown = {"A": 12, "B": 8}
        table = page(client_for(dora), "results", hidden.pk, "?by=tier").context["report"].cut
        assert {row.key: row.score.n for row in table.rows} == shown
        for number in range(5):
            tier = "C" if number < 2 else "A"
            ResponseFactory(campaign=hidden, account=AccountFactory(), tier=tier)
        table = page(client_for(dora), "results", hidden.pk, "?by=tier").context["report"].cut
        assert {row.key: row.score.n for row in table.rows} == {"A": 15}
        assert table.hidden == 2
        report = page(client_for(dora), "results", hidden.pk, "?slice=tier:C").context["report"]
        assert report.responses == 0
        assert all(row.n == 0 for row in report.questions)

    def test_two_periods_never_differ_by_fewer_than_five(self, hidden, dora):
        """Whatever months are chosen: the sums of any question over any two periods."""
        firsts = [dt.date(2025, 12, 1), *(dt.date(2026, month, 1) for month in range(1, 5))]
        counts = set()
        for start in firsts:
            for end in firsts:
                report = reports.build(Scope(dora, [hidden]), language="en", months=Months(start, end))
                counts |= {row.n for row in report.questions if row.where.question == "recommend"}
        assert all(abs(a - b) >= 5 for a in counts for b in counts if a != b), counts

    def test_no_cut_by_manager(self, client_for, hidden, dora):
        found = page(client_for(dora), "results", hidden.pk, "?by=manager")
        assert found.context["report"].cut.by == "tier"
        assert page(client_for(dora), "results", hidden.pk, "?slice=manager:1").context["report"].responses == 0


class TestFiles:
    def take(self, client, campaign, form, query=""):
        response = client.post(reverse("surveys:results_export", args=[campaign.pk]) + query, {"format": form})
        return response, b"".join(response.streaming_content) if response.status_code == 200 else b""

    def test_who_may_not_export_is_refused(self, client_for, asked, alice):
        assert self.take(client_for(alice), asked, "csv")[0].status_code == 403

    def test_csv_has_what_the_reader_sees_and_no_formula(self, client_for, asked, alice, account):
        alice.may_export = True
        alice.save()
        ResponseFactory(campaign=asked, account=account, answers={**ANSWERS, "comment": "=cmd|' /C calc'!A0"})
        content = self.take(client_for(alice), asked, "csv")[1]
        text = content.decode("utf-8-sig")
        assert len(text.splitlines()) == 14
        assert "别人的话" not in text
        assert "'=cmd" in text
        entry = AuditEntry.objects.get(action="survey_campaign.exported")
        assert (entry.actor, entry.changes["format"]) == (alice, ["", "csv"])
        assert (
            self.take(client_for(alice), asked, "csv", "?from_month=2026-03&until_month=2026-03")[1].count(b"\n") == 4
        )

    def test_workbook(self, client_for, asked, dora):
        dora.may_export = True
        dora.save()
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(self.take(client_for(dora), asked, "xlsx")[1]))
        assert book.sheet_names == ["Results", "Answers", "About this file"]
        answers = book.get_sheet_by_name("Answers").to_python()
        assert len(answers) == 21
        assert all(isinstance(row[0], dt.date) for row in answers[1:]), "days are days, not text"
        rows = book.get_sheet_by_name("Results").to_python()
        assert ["Question recommend", 20.0, -5.0] in [[row[0], row[4], row[6]] for row in rows]

    def test_files_say_which_answers_they_are_about(self, client_for, asked, dora):
        dora.may_export = True
        dora.save()
        query = "?from_month=2026-02&until_month=2026-03&slice=tier:A"
        content = self.take(client_for(dora), asked, "xlsx", query)[1]
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        about = book.get_sheet_by_name("About this file").to_python()
        assert [str(row[1]) for row in about][2:4] == ["Tier A", "from 1 Feb 2026 · until 31 Mar 2026"]
        assert about[0] == ["Survey", asked.name]
        assert about[4] == ["Taken by", dora.name]

    def test_anonymous_files_have_sums_only(self, client_for, account, dora):
        dora.may_export = True
        dora.save()
        campaign = CampaignFactory(anonymous=True)
        for _ in range(5):
            ResponseFactory(campaign=campaign, account=account, answers={**ANSWERS, "comment": "秘密"})
        for form in ("csv", "xlsx"):
            content = self.take(client_for(dora), campaign, form)[1]
            assert "秘密".encode() not in content
            assert account.code.encode() not in content
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        assert book.sheet_names == ["Results", "About this file"]

    def test_summary_in_the_readers_language(self, client_for, asked, alice):
        alice.language = "zh-hans"
        alice.save()
        response = page(client_for(alice), "results_pdf", asked.pk)
        text = text_of(b"".join(response.streaming_content))
        assert "关系调查" in text
        assert "+50" in text
        assert "问题 recommend" in text


def test_the_slice_of_a_link_is_read_back(client_for, asked, dora):
    found = links_in(page(client_for(dora), "results", asked.pk, "?slice=tier:A").text)
    assert all(parse_qs(urlsplit(url.replace("&amp;", "&")).query)["slice"][0].startswith("tier:") for url, _n in found)
    assert found
