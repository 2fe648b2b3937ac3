"""Every list page can be exported, and the file has exactly the rows that the page shows to the same person."""

from decimal import Decimal
from typing import Any

import pytest
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccountSummary
from core import exports
from core.exports import Asked
from dashboards.services import exports as services
from dashboards.services.scorecards import Wanted
from interactions.models import CoverageMonth, PlanningGap
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory
from tests.factories.approvals import make_request, make_rule
from tests.factories.contacts import make_contact
from tests.factories.contracts import make_contract, make_instalment, make_receipt, make_renewal
from tests.factories.dashboards import make_scorecard
from tests.factories.health_alerts import make_alert, make_health
from tests.factories.health_playbooks import make_playbook
from tests.factories.health_playbooks import make_run as make_playbook_run
from tests.factories.interactions import make_greeting, make_interaction, make_step, make_visit
from tests.factories.orders import make_order
from tests.factories.surveys import CampaignFactory, FollowUpFactory, InvitationFactory, answer
from tests.factories.tiers import make_policy, make_run
from tests.factories.users import make_leave
from tests.routes import all_routes

pytestmark = pytest.mark.django_db

# Pages with a filter bar that show no list of rows, or one that is no business of a file, and why.
NO_LIST = {
    "contracts:receivables_curve": "a curve; its chart has its own files",
    "contracts:renewal_rates": "rates by quarter, each with the address of its rows",
    "dashboards:cockpit": "numbers, each with the address of its rows: those are exported",
    "dashboards:cockpit_now": "likewise",
    "dashboards:cockpit_more": "likewise",
    "dashboards:cockpit_charts": "likewise",
    "dashboards:company": "likewise",
    **{
        f"dashboards:company_{panel}": "likewise"
        for panel in ("months", "cohorts", "tiers", "regions", "lines", "churn", "actions")
    },
    "notifications:delivery_list": "what the post could not deliver, for administrators to send again",
    "health:distribution": "numbers, each with the address of its rows: those are exported",
    "health:matrix": "numbers, each with the address of its rows: those are exported",
    "health:alert_measures": "numbers by month, each with the address of its rows",
    "health:silent_list": "the accounts behind those numbers; their alerts are exported",
    "health:migration": "numbers, each with the address of its rows",
    "health:migration_list": "two scores side by side that follow from the history; the scores themselves are exported",
    "health:playbook_list": "a handful of playbooks with their steps, which are no table",
    "interactions:capacity_list": "six weeks beside each person, computed while one looks",
    "interactions:coverage": "numbers, each with the address of its rows: those are exported",
    "surveys:invitation_list": "who was asked over all campaigns; the invitations of each are exported",
    "surveys:loop_rates": "rates, each with the address of its rows",
    "surveys:questionnaire_list": "a handful of questionnaires, whose questions are no table",
    "surveys:questionnaire_results": "sums over campaigns; the page has its own export",
    "surveys:results": "sums; the page has its own export",
    "surveys:results_list": "sums; the page has its own export",
    "surveys:verbatims": "the answers are exported with the responses; of anonymous campaigns they stay on the page",
    "tiers:run_list": "a run is its proposals: those are exported",
}


# What the director has to ask for to see the rows of others.
NOT_AT_ONCE = {"next_steps": "who=all", "greetings": "date_after=2000-01-01"}


@pytest.fixture
def everything(alice, lee, root, account, foreign_account):
    """Two rows of everything at Alice's account and another one of hers, and one at somebody else's."""
    other = AccountFactory(manager=alice, code="B-2", name="Beta", name_en="", parent=account)
    campaign = CampaignFactory(owner=alice)
    for number, row in enumerate((account, other, foreign_account)):
        manager = row.manager
        contact = make_contact(row, f"王{number}", reports_to=row.employments.first())
        make_interaction(row, number, contacts=[contact], colleagues=[manager], title=f"{number}")
        make_step(row, number - 5, owner=manager)
        make_visit(row, number)
        make_greeting(contact)
        if row != account:  # which has its own
            make_order(row, 100 + number, product=f"P{number}")
        make_receipt(make_contract(row, instalments=[make_instalment(), make_instalment()]), shares=[(1, 1)])
        make_renewal(make_contract(row, "expiring"))
        invitation = InvitationFactory(campaign=campaign, account=row)
        FollowUpFactory(campaign=campaign, account=row, response=answer(invitation, answers={"recommend": 3}))
        make_health(row, 30 + number, 0.5)
        make_alert(row, rank=number, due_at=timezone.now())
        make_playbook_run(row, make_playbook(f"{number}"))
        PlanningGap.objects.create(account=row, duty="manager", due_date=TODAY, as_of=TODAY, reason="no_free_day")
        CoverageMonth.objects.create(month="2026-03-01", account=row, manager=manager, due_date=TODAY, covered=True)
    AccountSummary.objects.update(contact_due_date=TODAY)
    make_leave(alice, 3, length=1)
    make_rule("superior")
    make_request(alice, 1, now=timezone.now())
    make_run(make_policy("p"), actor=lee)
    make_scorecard(alice, lee)
    make_scorecard(None, root, team=lee.team)
    for person in (alice, lee):
        person.may_export = True
        person.save()
    return {"campaign": campaign, "account": account}


def asked_by(user, query=""):
    now = timezone.now()
    return Asked(user, QueryDict(query), now, timezone.localdate(now))


def test_every_page_with_a_filter_bar_is_exported_or_says_why_not(cast, client_for, dora):
    dora.may_export = True
    dora.save()
    client, missing, seen = client_for(dora), [], set()
    for route in all_routes():
        if "GET" not in route.methods or route.is_api or route.is_public or route.kind() in ("private", "own", "lee's"):
            continue
        if route.name == "schema":  # the document of the API, which takes seconds to make
            continue
        answer_ = client.get(route.url(cast))
        if answer_.status_code != 200 or answer_.streaming or b"data-filter-bar" not in answer_.content:
            continue
        seen.add(route.name)
        if (b"data-export" in answer_.content) == (route.name in NO_LIST):
            missing.append(route.name)
    assert not missing, "register them in <app>/exports.py, or say in NO_LIST why they are no list"
    assert len(seen) > 30
    assert not set(NO_LIST) - {route.name for route in all_routes()}


@pytest.mark.parametrize("person", ["alice", "lee"])
def test_the_file_has_the_rows_of_the_page(request, everything, cast, client_for, person):
    user = request.getfixturevalue(person)
    client, routes = client_for(user), {route.name: route for route in all_routes()}
    pages = [(page, export) for export in exports.all_lists() for page in export.pages if export.may(user)]
    for page, export in pages:
        if page == "contracts:contract_board":  # columns of cards, of the same contracts
            continue
        response = client.get(routes[page].url(cast))
        context: Any = response.context
        shown = [row.pk for row in context["page"].rows]
        query = exports.parameters_of(export, page, response.resolver_match.kwargs, context)
        asked = asked_by(user, "&".join(f"{key}={value}" for key, value in query.items()))
        assert list(export.keys(asked)) == shown, page
        assert len(export.rows(shown, asked)) == len(shown), page


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_list_can_be_written(everything, settings, tmp_path, dora, language):
    """Every column of every list has a heading and takes the rows that there are."""
    settings.MEDIA_ROOT = tmp_path
    dora.may_export = True
    dora.save()
    campaign, run = everything["campaign"], exports.get("tier_proposals").model.objects.first().run
    needed = {"campaign": campaign.pk, "run": run.pk, "month": "2026-03"}
    empty: list[str] = []
    for export in exports.all_lists():
        query = QueryDict("&".join(f"{name}={needed[name]}" for name in export.needed))
        query = QueryDict(NOT_AT_ONCE.get(export.name, query.urlencode()))
        if not export.keys(asked_by(dora, query.urlencode())):
            empty.append(export.name)
            continue
        job = services.ask_for_export(
            export.name, query, form="xlsx", language=language, actor=dora, now=timezone.now()
        )
        services.run_export(job.pk, clock=timezone.now)
        job.refresh_from_db()
        assert (job.status, job.message) == ("done", ""), export.name
        assert job.rows_done == job.rows_expected > 0, export.name
        columns = export.columns(asked_by(dora, query.urlencode()))
        assert len({column.heading for column in columns}) == len(columns), export.name
    assert empty == ["renewals_to_come"]


def test_lines_of_the_orders_that_are_shown(alice, account, foreign_account):
    other = AccountFactory(manager=alice, code="B-2")
    for number, row in enumerate((account, other, foreign_account)):
        make_order(row, 100 + number, product=f"P{number}")
    export = exports.get("order_lines")
    asked = asked_by(alice, f"account={account.pk}")
    rows = export.rows(export.keys(asked), asked)
    assert {row[0] for row in rows} == {account.code}
    assert len(export.keys(asked_by(alice))) == 2 * len(rows)


def test_nothing_of_anonymous_campaigns(everything, dora):
    campaign = everything["campaign"]
    before = len(exports.get("survey_responses").keys(asked_by(dora)))
    answer(InvitationFactory(campaign=CampaignFactory(anonymous=True)), answers={"recommend": 3})
    assert before == 3
    assert len(exports.get("survey_responses").keys(asked_by(dora))) == before
    campaign.anonymous = True
    campaign.save()
    headings = [
        column.heading
        for column in exports.get("survey_invitations").columns(asked_by(dora, f"campaign={campaign.pk}"))
    ]
    assert "Answered on" not in headings
    assert "Status" not in headings


def test_a_parent_that_the_reader_does_not_see_stays_unnamed(alice, account, foreign_account):
    account.parent = foreign_account
    account.save()
    export, asked = exports.get("accounts"), asked_by(alice)
    place = [cell.heading for cell in export.cells(asked)].index("parent account")
    assert export.rows([account.pk], asked)[0][place] is None


def test_the_button_keeps_filters_and_goes_without_the_page(everything, alice, client_for):
    campaign = everything["campaign"]
    page = client_for(alice).get(reverse("surveys:campaign_invitations", args=[campaign.pk]) + "?tier=A&cursor=x")
    assert page.status_code in (200, 400)
    page = client_for(alice).get(reverse("surveys:campaign_invitations", args=[campaign.pk]) + "?tier=none")
    assert f"list=survey_invitations&amp;campaign={campaign.pk}&amp;tier=none" in page.content.decode()


def test_a_scorecard_is_a_row_with_its_measures_side_by_side(alice, lee):
    make_scorecard(alice, lee, Wanted("coverage", Decimal("0.9"), 60), Wanted("revenue", Decimal(50_000), 40))
    export, asked = exports.get("scorecards"), asked_by(alice)
    headings = [column.heading for column in export.columns(asked)]
    row = dict(zip(headings, export.rows(export.keys(asked), asked)[0], strict=True))
    assert row["Coverage: target"] == Decimal("0.9")
    assert row["Revenue (CNY): target"] == Decimal(50_000)
    assert row["NPS: target"] is None
    assert row["Person"] == alice
