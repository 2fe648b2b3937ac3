"""Two at once at the same questionnaire: on PostgreSQL, where they really meet."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from core.errors import DomainError
from surveys.checking import problems
from surveys.models import QuestionnaireVersion
from surveys.services import questionnaires as services
from tests.factories.surveys import NOW, VersionFactory, definition, page, question

pytestmark = [
    pytest.mark.skipif(connection.vendor != "postgresql", reason="rows are locked on PostgreSQL only"),
    pytest.mark.django_db(transaction=True),
]


def together(*calls):
    """What each call gave, or the code of its refusal; they begin at the same moment."""
    barrier = Barrier(len(calls))

    def run(call):
        barrier.wait()
        try:
            return call()
        except DomainError as error:
            return error.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_one_new_version_is_begun(dora):
    questionnaire = VersionFactory().questionnaire
    results = together(*[lambda: services.new_draft(questionnaire, actor=dora)] * 4)
    assert sorted(map(str, results)).count("draft_exists") == 3
    assert list(questionnaire.versions.values_list("number", flat=True)) == [2, 1]


def test_one_of_two_editors_is_told(dora, admin_user):
    version = VersionFactory(status="draft")
    seen = services.mark_of(version)
    data = {actor: definition(page("one", question(f"q_{actor.pk}", "nps"))) for actor in (dora, admin_user)}
    results = together(
        *[lambda actor=actor: services.save_draft(version, data[actor], actor=actor, seen=seen) for actor in data]
    )
    assert results.count("draft_changed") == 1


@pytest.mark.parametrize("attempt", range(5))
def test_what_is_published_is_what_was_checked(dora, attempt):
    """Saving a draft that is not ready, while it is published: one of the two comes too late."""
    version = VersionFactory(status="draft")
    unready = definition(page("one", question("a", "single")))
    saved, published = together(
        lambda: services.save_draft(version, unready, actor=dora),
        lambda: services.publish(version, actor=dora, now=NOW),
    )
    row = QuestionnaireVersion.objects.get(pk=version.pk)
    if row.status == "published":
        assert saved == "version_published"
        assert problems(row.definition) == []
    else:
        assert published == "questionnaire_incomplete"
        assert row.definition == unready
