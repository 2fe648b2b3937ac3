"""Two people become one, and people are handed out and erased: nothing is lost, nothing is left."""

import datetime as dt

import pytest

from audit.models import AuditEntry
from contacts import services
from contacts.dossier import dossier
from contacts.errors import ContactErased, MergeWithItself, NotALeader
from contacts.models import CONTACT_FIELDS, Contact, ContactLink, Employment
from contacts.services.employments import closes_circle
from interactions.choices import Occasion
from interactions.models import Greeting
from search.services import index_rows, matching_ids
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory
from tests.factories.contacts import make_contact, make_link
from tests.factories.interactions import make_interaction, make_visit


def values_of(contact, **changes):
    return {**{name: getattr(contact, name) for name in CONTACT_FIELDS}, **changes}


@pytest.fixture
def pair(account):
    """Left and right: the same person twice."""
    return make_contact(account, "王建国", mobile="+8613800138000"), make_contact(
        account, "王建國", email="w@example.com"
    )


class TestMerge:
    def test_values_and_audit(self, pair, alice):
        left, right = pair
        index_rows("contact", [left.pk, right.pk])
        merged = services.merge_contacts(left, right, values=values_of(left, email="w@example.com"), actor=alice)
        assert (merged.mobile, merged.email) == ("+8613800138000", "w@example.com")
        assert list(Contact.objects.all()) == [left]
        assert list(matching_ids("contact", "王建国").values_list("object_id", flat=True)) == [left.pk]
        entry = AuditEntry.objects.of(left).first()
        assert entry.action == "contact.merged"
        assert entry.changes["email"] == ["", "w@example.com"]
        assert AuditEntry.objects.filter(action="contact.removed", object_label="王建國").exists()

    def test_what_other_apps_know_follows(self, pair, account, alice):
        left, right = pair
        both = make_interaction(account, 1, contacts=[left, right])
        only = make_interaction(account, 2, contacts=[right])
        visit = make_visit(account, 3)
        visit.contacts.add(right)
        for contact in pair:
            Greeting.objects.create(
                account=account, contact=contact, owner=alice, occasion=Occasion.values[0], date=TODAY
            )
        right_only = Greeting.objects.create(
            account=account, contact=right, owner=alice, occasion=Occasion.values[0], date=TODAY + dt.timedelta(1)
        )
        services.merge_contacts(left, right, values=values_of(left), actor=alice)
        assert [list(row.contacts.all()) for row in (both, only, visit)] == [[left]] * 3
        assert Greeting.objects.filter(contact=left).count() == 2
        right_only.refresh_from_db()
        assert right_only.contact == left

    def test_one_employment_of_two_at_the_same_account(self, pair, account, alice, ann):
        left, right = pair
        kept, gone = left.employments.get(), right.employments.get()
        Employment.objects.filter(pk=gone.pk).update(department="采购部", owner=ann)
        below = make_contact(account, "下属", reports_to=gone).employments.get()
        link = make_link(gone)
        services.merge_contacts(left, right, values=values_of(left), actor=alice)
        job = left.employments.get()
        assert (job.pk, job.department, job.owner) == (kept.pk, "采购部", ann)
        below.refresh_from_db()
        link.refresh_from_db()
        assert (below.reports_to, link.source) == (kept, kept)

    def test_employments_elsewhere_and_former_ones_stay(self, account, alice):
        other = AccountFactory(manager=alice)
        left, right = make_contact(account), make_contact(other)
        Employment.objects.create(contact=right, account=account, until_date=TODAY)
        services.merge_contacts(left, right, values=values_of(left), actor=alice)
        assert left.employments.count() == 3

    def test_lines_between_the_two_and_circles_go(self, pair, account, alice):
        left, right = (contact.employments.get() for contact in pair)
        middle = make_contact(account, "中", reports_to=left).employments.get()
        Employment.objects.filter(pk=right.pk).update(reports_to=middle)
        ContactLink.objects.create(account=account, source=left, target=right, kind="conflict")
        ContactLink.objects.create(account=account, source=left, target=middle, kind="influence")
        ContactLink.objects.create(account=account, source=right, target=middle, kind="influence")
        services.merge_contacts(*pair, values=values_of(pair[0]), actor=alice)
        assert ContactLink.objects.get().kind == "influence"
        for job in Employment.objects.all():
            assert job.reports_to_id is None or not closes_circle(job)

    def test_refuses_itself_and_the_erased(self, pair, alice, lee):
        left, right = pair
        with pytest.raises(MergeWithItself):
            services.merge_contacts(left, left, values={}, actor=alice)
        services.erase_contact(right, actor=lee, today=TODAY)
        with pytest.raises(ContactErased):
            services.merge_contacts(left, right, values={}, actor=alice)
        assert Contact.objects.count() == 2


class TestErase:
    @pytest.fixture
    def person(self, account, alice):
        contact = Contact(
            name="欧阳明",
            name_en="Ming Ouyang",
            mobile="+8613800138000",
            email="ming@example.com",
            wechat="ming",
            birthday_month=2,
            birthday_day=29,
            notes="秘密",
        )
        job = Employment(account=account, position="总监", attitude="mentor", owner=alice, seniority=3)
        services.create_contact(contact, job, actor=alice, today=TODAY)
        contact.wechat = "ming2"
        services.update_contact(contact, actor=alice)
        return contact

    def test_nothing_of_the_person_is_left(self, person, account, alice, lee):
        make_interaction(account, 1, contacts=[person])
        link = make_link(person.employments.get())
        services.remove_link(link, actor=alice)
        erased = services.erase_contact(person, actor=lee, today=TODAY)
        text = str([list(model.objects.values()) for model in (Contact, Employment, AuditEntry)])
        for secret in ("欧阳", "Ouyang", "13800138000", "ming", "秘密", "总监", "mentor"):
            assert secret not in text, secret
        assert not matching_ids("contact", "欧阳").exists()
        assert (str(erased), erased.erased, erased.no_greetings) == ("Erased person", True, True)

    def test_the_business_record_stays(self, person, account, lee):
        interaction = make_interaction(account, 1, contacts=[person])
        services.erase_contact(person, actor=lee, today=TODAY)
        job = person.employments.get()
        assert (job.account, job.seniority, job.until_date) == (account, 3, TODAY)
        assert list(interaction.contacts.all()) == [person]
        actions = list(AuditEntry.objects.of(person).values_list("action", flat=True))
        assert actions == ["contact.erased", "contact.updated", "contact.created"]

    def test_reaches_what_was_merged_into_the_person(self, person, account, alice, lee):
        other = make_contact(account, "欧阳小明", position="秘书")
        services.merge_contacts(person, other, values=values_of(person), actor=alice)
        services.erase_contact(person, actor=lee, today=TODAY)
        assert "欧阳" not in str(list(AuditEntry.objects.values()))

    def test_is_for_those_who_lead_and_once(self, person, alice, lee):
        with pytest.raises(NotALeader):
            services.erase_contact(person, actor=alice, today=TODAY)
        services.erase_contact(person, actor=lee, today=TODAY)
        with pytest.raises(ContactErased):
            services.erase_contact(person, actor=lee, today=TODAY)


def test_dossier_has_what_the_viewer_sees(account, foreign_account, alice, dora):
    contact = make_contact(account, mobile="+8613800138000")
    Employment.objects.create(contact=contact, account=foreign_account)
    make_interaction(account, 1, contacts=[contact])
    make_interaction(foreign_account, 1, contacts=[contact])
    mine, everything = dossier(contact, alice), dossier(contact, dora)
    assert mine["person"]["mobile"] == "+8613800138000"
    assert (len(mine["employments"]), len(everything["employments"])) == (1, 2)
    assert (len(mine["interactions"]), len(everything["interactions"])) == (1, 2)
