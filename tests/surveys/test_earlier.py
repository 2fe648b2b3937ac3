"""Earlier results from a file: what is recognised, what is refused, written once however often."""

import datetime as dt
import io

import pytest
import python_calamine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.models import AccountSummary
from surveys import definition as definitions
from surveys.earlier.columns import recognise
from surveys.errors import EarlierBadRows, EarlierColumnsMissing, EarlierNameTaken, EarlierNotOpen
from surveys.models import Answer, Campaign, EarlierImport, FollowUp, Response
from surveys.services import earlier, folding
from tests.factories import TODAY
from tests.factories.contacts import make_contact
from tests.factories.surveys import DEFINITION, NOW, CampaignFactory, VersionFactory

pytestmark = pytest.mark.django_db
HEAD = (
    "客户编号,日期,联系人,Question recommend,satisfied,aspects.product,问题 aspects · 选项 people,reasons,contact,"
    "order,comment"
)


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def version():
    return VersionFactory()


def file_of(*lines, head=HEAD, name="results.csv"):
    return SimpleUploadedFile(name, "\n".join([head, *lines]).encode())


def upload(version, actor, *lines, name="2024 年调查", **kwargs):
    return earlier.upload_earlier(version, name, file_of(*lines, **kwargs), actor=actor, today=TODAY)


def bring(job, actor, *, good_only=False):
    earlier.start_earlier(job, good_only=good_only, actor=actor)
    assert earlier.run_earlier(job.pk, now=NOW, today=TODAY)
    job.refresh_from_db()
    return job


class TestReading:
    def test_every_kind_of_question(self, version, dora, account, alice):
        make_contact(account, "王建国")
        line = "ALICE-1,2026/3/1,王建国,3,4,5,4,选项 quality；price,老地方见面,2. Choice price;quality;speed,太慢了"
        job = bring(upload(version, dora, line), dora)
        response = Response.objects.get()
        assert response.answers == {
            "recommend": 3,
            "reasons": {"choices": ["quality", "price"]},
            "satisfied": 4,
            "aspects": {"product": 5, "people": 4},
            "contact": {"choice": "other", "text": "老地方见面"},
            "order": {"choices": ["price", "quality", "speed"]},
            "comment": "太慢了",
        }
        assert (response.account, response.contact.name, response.date) == (account, "王建国", dt.date(2026, 3, 1))
        assert (response.source, response.status, response.entered_by) == ("import", "complete", dora)
        assert Answer.objects.filter(response=response).count() == 11
        assert (job.campaign.status, job.campaign.start_date, job.added) == ("ended", dt.date(2026, 3, 1), 1)

    def test_the_facts_are_those_of_the_day(self, version, dora, account, alice):
        bring(upload(version, dora, "ALICE-1,2001-01-01,,9,,,,,,,", "ALICE-1,2026-03-16,,9,,,,,,,"), dora)
        managers = dict(Response.objects.values_list("date", "manager__username"))
        assert managers == {dt.date(2001, 1, 1): None, TODAY: "alice"}

    @pytest.mark.parametrize(
        ("line", "column", "code"),
        [
            (",2026-03-01,,9,,,,,,,", "客户编号", "account_missing"),
            ("NOBODY,2026-03-01,,9,,,,,,,", "客户编号", "account_unknown"),
            ("ALICE-1,yesterday,,9,,,,,,,", "日期", "date_wrong"),
            ("ALICE-1,2027-03-01,,9,,,,,,,", "日期", "date_out_of_range"),
            ("ALICE-1,2026-03-01,无此人,9,,,,,,,", "联系人", "contact_unknown"),
            ("ALICE-1,2026-03-01,,11,,,,,,,", "Question recommend", "out_of_range"),
            ("ALICE-1,2026-03-01,,,four,,,,,,", "satisfied", "not_a_number"),
            ("ALICE-1,2026-03-01,,,,,,,,price,", "order", "not_all_ranked"),
            ("ALICE-1,2026-03-01,,,,,,,,,", "", "no_answers"),
        ],
    )
    def test_bad_rows_say_where_and_why(self, version, dora, account, line, column, code):
        job = upload(version, dora, "ALICE-1,2026-03-01,,9,,,,,,,", line)
        [(row, where, found, said)] = job.problems
        assert (row, where, found) == (3, column, code)
        assert said
        with pytest.raises(EarlierBadRows):
            earlier.start_earlier(job, good_only=False, actor=dora)
        assert not Response.objects.exists()
        assert bring(job, dora, good_only=True).added == 1

    def test_given_back_with_reasons_and_without_formulas(self, version, dora, account):
        job = upload(version, dora, "NOBODY,2026-03-01,,9,,,,,,,=1+1")
        text = job.rejects.read().decode("utf-8-sig")
        assert "There is no account" in text
        assert "'=1+1" in text

    def test_without_the_columns_it_needs_nothing_is_kept(self, version, dora):
        for head, said in (
            ("date,recommend", ""),
            ("account,recommend", ""),
            ("account,date,what", "Not recognised: what."),
            ("account,date,recommend,问题 recommend", "Twice: recommend."),
        ):
            with pytest.raises(EarlierColumnsMissing) as refused:
                upload(version, dora, "a,b,c,d", head=head)
            assert said in str(refused.value)
        assert not EarlierImport.objects.exists()

    def test_headings_in_any_language(self):
        asked = definitions.read(DEFINITION)
        for head in (["客户编号", "日期", "问题 comment"], ["Account code", "Date", "question comment"]):
            columns = recognise(head, asked)
            assert (columns.missing, len(columns.answers)) == ([], 1)


class TestTwice:
    def test_the_same_file_again_changes_nothing(self, version, dora, account):
        lines = ["ALICE-1,2026-03-01,,9,,,,,,,", "ALICE-1,2026-03-01,,9,,,,,,,", "ALICE-1,2026-03-02,,2,,,,,,,"]
        assert bring(upload(version, dora, *lines), dora).added == 3
        second = upload(version, dora, *lines, "ALICE-1,2026-03-03,,7,,,,,,,")
        assert (second.total, second.known) == (4, 3)
        assert bring(second, dora).added == 1
        assert Response.objects.count() == 4
        assert Campaign.objects.count() == 1

    def test_killed_after_a_batch_it_goes_on(self, version, dora, account, monkeypatch):
        monkeypatch.setattr(earlier, "BATCH", 2)
        job = upload(version, dora, *(f"ALICE-1,2026-03-{day:02},,9,,,,,,," for day in range(1, 6)))
        earlier.start_earlier(job, good_only=False, actor=dora)
        insert, calls = earlier._insert, []

        def die(*args):
            calls.append(args)
            if len(calls) == 2:
                raise KeyboardInterrupt
            return insert(*args)

        with monkeypatch.context() as patch:
            patch.setattr(earlier, "_insert", die)
            with pytest.raises(KeyboardInterrupt):
                earlier.run_earlier(job.pk, now=NOW, today=TODAY)
        assert Response.objects.count() == 2
        assert not earlier.run_earlier(job.pk, now=NOW, today=TODAY)
        later = NOW + dt.timedelta(minutes=11)
        assert earlier.waiting_earlier(later) == [job.pk]
        assert earlier.run_earlier(job.pk, now=later, today=TODAY)
        assert Response.objects.count() == 5
        with pytest.raises(EarlierNotOpen):
            earlier.start_earlier(job, good_only=False, actor=dora)

    def test_not_into_a_campaign_of_others(self, version, dora):
        CampaignFactory(name="2024 年调查", questionnaire_version=version)
        with pytest.raises(EarlierNameTaken):
            upload(version, dora, "ALICE-1,2026-03-01,,9,,,,,,,")

    def test_it_counts_and_opens_no_follow_up(self, version, dora, account):
        bring(upload(version, dora, "ALICE-1,2026-03-01,,0,,,,,,,"), dora)
        assert AccountSummary.objects.get(account=account).nps == -100
        assert not FollowUp.objects.exists()
        assert folding.fold(NOW) == 1


class TestPages:
    def test_from_the_file_to_the_results(self, client_for, version, dora, account):
        client = client_for(dora)
        data = {"version": version.pk, "name": "旧结果", "file": file_of("ALICE-1,2026-03-01,,9,,,,,,,")}
        page = client.post(reverse("surveys:earlier_create"), data, follow=True)
        assert "Checked, nothing written" in page.text
        job = EarlierImport.objects.get()
        page = client.post(reverse("surveys:earlier_start", args=[job.pk]), follow=True)
        assert "The earlier results are imported" in page.text
        assert Response.objects.count() == 1
        assert "旧结果" in client.get(reverse("surveys:earlier_list")).text
        assert client.get(reverse("surveys:earlier_rejects", args=[job.pk])).status_code == 404

    def test_what_is_wrong_with_the_file_stands_beside_it(self, client_for, version, dora):
        data = {"version": version.pk, "name": "x", "file": SimpleUploadedFile("x.pdf", b"%PDF-1.4")}
        page = client_for(dora).post(reverse("surveys:earlier_create"), data)
        assert "PDF" in str(page.context["form"].errors["file"])

    def test_the_form_offers_a_template_of_each_questionnaire(self, client_for, version, dora):
        text = client_for(dora).get(reverse("surveys:earlier_create")).text
        assert reverse("surveys:earlier_template", args=[version.pk]) in text

    def test_template_is_recognised(self, client_for, version, dora):
        response = client_for(dora).get(reverse("surveys:earlier_template", args=[version.pk]))
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(b"".join(response.streaming_content)))
        columns = recognise(book.get_sheet_by_index(0).to_python()[0], definitions.read(version.definition))
        assert (columns.unknown, columns.twice, len(columns.answers)) == ([], [], 12)

    def test_for_owners_of_policies_only(self, client_for, alice):
        assert client_for(alice).get(reverse("surveys:earlier_list")).status_code == 403
