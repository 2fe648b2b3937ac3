"""The unified social credit code of GB 32100-2015."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from accounts.credit_code import ALPHABET, check_character, is_valid, normalise
from accounts.models import Account

# The first is the example of the standard itself, the others are public registrations.
PUBLISHED = [
    "91350100M000100Y43",
    "9144030071526726XG",
    "91330100799655058B",
    "914403001922038216",
    "91110000802100433B",
    "9111000071093123XX",
    "12100000400002259P",
    "11100000000013338W",
]
letters = st.sampled_from(ALPHABET)
FIRST_17 = st.builds(
    lambda office, area, body: office + area + body,
    st.text(letters, min_size=2, max_size=2),
    st.text(st.sampled_from("0123456789"), min_size=6, max_size=6),
    st.text(letters, min_size=9, max_size=9),
)
CODES = FIRST_17.map(lambda first: first + check_character(first))


class TestIsValid:
    @pytest.mark.parametrize("code", PUBLISHED)
    def test_accepts_published_codes(self, code):
        assert is_valid(code)

    @pytest.mark.parametrize(
        "code",
        [
            "",
            "91350100M000100Y4",  # too short
            "91350100M000100Y433",  # too long
            "91350100M000100Y44",  # wrong check character
            "91350100m000100y43",  # not normalised
            "9135010OM000100Y43",  # the letter O for a zero
            "91I50100M000100Y43",
            "9135010AM000100Y43",  # a letter in the area code
            "9135010١M000100Y43",  # an Arabic-Indic digit, which \d would take
            "91350100M000100Y43\n",
            "００００００００００００００００００",
            "客户客户客户客户客户客户客户客户客户",
        ],
    )
    def test_refuses(self, code):
        assert not is_valid(code)

    @given(CODES)
    def test_accepts_every_code_with_its_check_character(self, code):
        assert is_valid(code)

    @given(CODES, st.integers(0, 17), letters)
    def test_any_one_changed_character_is_detected(self, code, place, letter):
        changed = code[:place] + letter + code[place + 1 :]
        assert is_valid(changed) == (changed == code)

    @given(CODES, st.integers(0, 16))
    def test_any_two_swapped_neighbours_among_the_first_17_are_detected(self, code, place):
        left, right = code[place : place + 2] if place < 16 else (code[15], code[16])
        place = min(place, 15)
        swapped = code[:place] + right + left + code[place + 2 :]
        assert is_valid(swapped) == (left == right)

    @given(st.text(max_size=20))
    def test_never_breaks(self, text):
        assert is_valid(normalise(text)) in (True, False)


class TestNormalise:
    @pytest.mark.parametrize(
        "typed",
        [
            "91350100m000100y43",
            " 91350100 M000100Y43 ",
            "91350100-M000100Y-43",
            "９１３５０１００Ｍ０００１００Ｙ４３",
            "91350100M000100Y43\n",
        ],
    )
    def test_what_people_paste(self, typed):
        assert normalise(typed) == "91350100M000100Y43"

    @given(st.text(max_size=30))
    def test_twice_is_once(self, text):
        assert normalise(normalise(text)) == normalise(text)


class TestField:
    def test_saves_the_normalised_code(self, account):
        account.credit_code = "91350100-m000100y43"
        account.full_clean()
        assert account.credit_code == "91350100M000100Y43"

    def test_empty_is_null_so_that_many_may_be_empty(self, account, foreign_account):
        for row in (account, foreign_account):
            row.credit_code = "  "
            row.full_clean()
            row.save()
        assert Account.objects.filter(credit_code=None).count() == 2

    def test_says_what_is_wrong(self, account):
        account.credit_code = "91350100M000100Y44"
        with pytest.raises(ValidationError) as caught:
            account.full_clean()
        assert caught.value.message_dict["credit_code"] == [
            "91350100M000100Y44 is not a unified social credit code: 18 characters, the last one a check digit."
        ]
