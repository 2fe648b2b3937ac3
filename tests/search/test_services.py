import pytest
from django.core.management import CommandError, call_command

from accounts.models import Account
from accounts.services import update_account
from search import services
from search.models import SearchEntry
from tests.factories.accounts import AccountFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def hualing(alice):
    account = AccountFactory(
        code="KA-00042",
        name="上海华岭精密机械有限公司",
        name_en="Hualing Precision Machinery Co., Ltd.",
        credit_code="91310115MA1K35KX08",
        manager=alice,
    )
    services.index_rows("account", [account.pk])
    return account


def ids(text):
    return set(services.matching_ids("account", text).values_list("object_id", flat=True))


class TestMatchingIds:
    @pytest.mark.parametrize(
        "text",
        [
            "华岭",
            "岭精密",
            "岭",
            "華嶺",
            "上海 机械",
            "hualing",
            "HuaLing",
            "ｈｕａｌｉｎｇ",
            "lingjingmi",
            "shhl",
            "hljm",
            "hl",
            "h",
            "sh",
            "KA-00042",
            "ka00042",
            "0042",
            "91310115MA1K35KX08",
            "ma1k35",
            "Precision Mach",
            "hualing 精密",
        ],
    )
    def test_finds_a_part_of_anything(self, hualing, text):
        assert ids(text) == {hualing.pk}

    @pytest.mark.parametrize(
        "text",
        ["华铃", "机械华岭", "hualong", "", "   ", "%", "_", "*", '"', "'", "华岭 矿业", "😀", "\x00", "a" * 5000],
    )
    def test_finds_nothing_else(self, hualing, text):
        assert ids(text) == set()

    @pytest.mark.parametrize(
        "text", ['华岭"', "华岭%", "华岭*", "(华岭", "华岭:A", "华岭 AND OR", "NOT 华岭", "华岭😀", "华\x00岭"]
    )
    def test_nothing_that_is_typed_breaks_the_query(self, hualing, text):
        assert ids(text) in (set(), {hualing.pk})

    def test_an_operator_is_a_word_like_any_other(self, hualing):
        assert ids("NEAR") == set()

    def test_narrows_a_list(self, hualing, foreign_account):
        assert list(Account.objects.filter(pk__in=services.matching_ids("account", "华岭"))) == [hualing]


class TestIndexRows:
    def test_follows_a_change(self, hualing, alice):
        hualing.name = "上海曾氏重工有限公司"
        hualing.name_en = ""
        update_account(hualing, actor=alice)
        assert ids("华岭") == ids("hualing") == set()
        assert ids("zengshi") == ids("zhonggong") == {hualing.pk}

    def test_forgets_rows_that_are_gone(self, hualing):
        pk = hualing.pk
        SearchEntry.objects.create(kind="account", object_id=pk + 1000, title="x", text="没有的", tokens="没有 有的")
        services.index_rows("account", [pk, pk + 1000])
        assert ids("没有的") == set()
        assert ids("华岭") == {pk}

    def test_twice_changes_nothing(self, hualing):
        services.index_rows("account", [hualing.pk])
        assert SearchEntry.objects.filter(object_id=hualing.pk).count() == 1


class TestReindex:
    def test_builds_everything_anew(self, hualing, foreign_account):
        SearchEntry.objects.all().delete()
        SearchEntry.objects.create(kind="account", object_id=999_999, title="x", text="没有的", tokens="没有 有的")
        call_command("reindex", verbosity=0)
        assert ids("华岭") == {hualing.pk}
        assert ids("南方") == {foreign_account.pk}
        assert ids("没有的") == set()

    def test_refuses_an_unknown_kind(self):
        with pytest.raises(CommandError, match="nothing of the kind"):
            call_command("reindex", "unicorn")

    def test_new_rows_alone(self, hualing):
        SearchEntry.objects.all().delete()
        assert services.index_new_rows("account") == 1
        assert services.index_new_rows("account") == 0
        assert ids("华岭") == {hualing.pk}


def titles(user, text, limit=8):
    return [hit.title for group in services.find(user, text, limit) for hit in group.hits]


class TestFind:
    @pytest.fixture
    def company_accounts(self, alice, mallory):
        rows = [
            ("北方华岭", "C", alice),
            ("华岭一号", "", mallory),
            ("大华岭", "A", mallory),
            ("华岭二号", "A", mallory),
            ("华岭三号", "B", mallory),
        ]
        made = [AccountFactory(name=name, name_en="", tier=tier, manager=manager) for name, tier, manager in rows]
        services.index_rows("account", [account.pk for account in made])

    def test_sees_only_what_the_user_sees(self, company_accounts, alice, lee):
        assert titles(alice, "华岭") == ["北方华岭"]
        assert titles(lee, "华岭") == ["北方华岭"]

    def test_own_accounts_then_tier_then_what_begins_with_it(self, company_accounts, mallory, dora):
        assert titles(mallory, "华岭") == ["华岭二号", "大华岭", "华岭三号", "华岭一号"]
        assert titles(dora, "hualing") == ["华岭二号", "大华岭", "华岭三号", "北方华岭", "华岭一号"]

    def test_own_accounts_come_first(self, company_accounts, dora):
        Account.objects.filter(name="北方华岭").update(manager=dora)
        assert titles(dora, "华岭")[0] == "北方华岭"

    def test_says_that_there_is_more(self, company_accounts, dora):
        (group,) = services.find(dora, "华岭", 2)
        assert (len(group.hits), group.more) == (2, True)
        (group,) = services.find(dora, "华岭", 5)
        assert (len(group.hits), group.more) == (5, False)

    def test_a_word_that_too_many_rows_have(self, company_accounts, alice, dora, monkeypatch):
        monkeypatch.setattr(services, "SCAN", 3)
        assert titles(alice, "华岭") == ["北方华岭"]
        assert titles(dora, "华岭", 2) == ["华岭二号", "大华岭"]

    def test_nothing_to_look_for(self, dora):
        assert services.find(dora, " %_ ") == []

    def test_the_same_number_of_queries_however_many_results(
        self, company_accounts, dora, django_assert_max_num_queries
    ):
        with django_assert_max_num_queries(8):
            titles(dora, "华岭")
