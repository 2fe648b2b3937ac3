"""vCards: names, folding, numbers, birthdays, wishes."""

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Account
from contacts.models import Contact, Employment
from contacts.vcard import fold, split_name, vcard


def card(version="4.0", job=None, **fields) -> list[str]:
    contact = Contact(pk=7, updated_at=timezone.now(), **{"name": "王建国", **fields})
    return vcard(contact, job, version=version).replace("\r\n ", "").split("\r\n")


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("王建国", ("王", "建国")),
        ("王伟", ("王", "伟")),
        ("欧阳明", ("欧阳", "明")),
        ("司馬相如", ("司馬", "相如")),
        ("东方", ("东", "方")),
        ("诸葛 亮", ("诸葛", "亮")),
        ("李", ("李", "")),
        ("John Smith", ("Smith", "John")),
        ("Anna Maria de Vries", ("Vries", "Anna Maria de")),
        ("阿卜杜拉·买买提", ("阿卜杜拉·买买提", "")),
        ("Cher", ("Cher", "")),
    ],
)
def test_split_name(name, parts):
    assert split_name(name) == parts


@given(st.text(st.characters(blacklist_categories=["Cs", "Cc"])))
def test_folding_loses_nothing_and_keeps_to_75_octets(text):
    folded = fold(text)
    assert all(len(line.encode()) <= 75 for line in folded.split("\r\n"))
    assert folded.replace("\r\n ", "") == text


class TestVersions:
    def test_4(self):
        job = Employment(account=Account(name="晨光机械, 上海"), position="总监", department="采购")
        lines = card(job=job, mobile="+8613800138000", work_phone="+862161234567;ext=8", email="w@example.com")
        assert lines[:4] == ["BEGIN:VCARD", "VERSION:4.0", "FN:王建国", "N:王;建国;;;"]
        assert "ORG:晨光机械\\, 上海;采购" in lines
        assert 'TEL;VALUE=uri;TYPE="cell,voice":tel:+8613800138000' in lines
        assert 'TEL;VALUE=uri;TYPE="work,voice":tel:+862161234567;ext=8' in lines
        assert lines[-2:] == ["END:VCARD", ""]

    def test_3(self):
        lines = card("3.0", mobile="+8613800138000", birthday_month=2, birthday_day=29)
        assert "TEL;TYPE=CELL,VOICE:+8613800138000" in lines
        assert not [line for line in lines if line.startswith("BDAY")]

    @pytest.mark.parametrize(
        ("version", "fields", "line"),
        [
            ("4.0", {"birthday_month": 2, "birthday_day": 29}, "BDAY:--0229"),
            ("4.0", {"birthday_year": 1980, "birthday_month": 2, "birthday_day": 29}, "BDAY:19800229"),
            ("3.0", {"birthday_year": 1980, "birthday_month": 2, "birthday_day": 9}, "BDAY:1980-02-09"),
        ],
    )
    def test_solar_birthdays(self, version, fields, line):
        assert line in card(version, **fields)

    @pytest.mark.parametrize("version", ["3.0", "4.0"])
    def test_lunar_birthdays_stay_here(self, version):
        text = str(card(version, birthday_calendar="lunar", birthday_month=8, birthday_day=15, birthday_year=1980))
        assert "BDAY" not in text

    def test_wishes_are_a_note(self):
        assert "NOTE:Please respect: no calls\\, no greetings" in card(no_phone=True, no_greetings=True)

    def test_no_line_of_its_own_can_be_smuggled_in(self):
        lines = card(name="A\r\nTEL:+1;B,C\\", wechat="x\nEND:VCARD")
        assert [line for line in lines if line.startswith(("TEL", "END"))] == ["END:VCARD"]
