"""Secrets in the database."""

import pytest

from core.sealing import SealBroken, seal, unseal


def test_opens_what_it_sealed():
    sealed = seal("https://oapi.dingtalk.com/robot/send?access_token=客户", purpose="robot.url")

    assert "dingtalk" not in sealed
    assert unseal(sealed, purpose="robot.url").endswith("客户")


def test_is_never_the_same_twice_and_leaves_nothing_as_it_is():
    assert seal("x", purpose="p") != seal("x", purpose="p")
    assert (seal("", purpose="p"), unseal("", purpose="p")) == ("", "")


@pytest.mark.parametrize("broken", ["1.", "1.AAAA", "nonsense", "1.ü", "1." + "A" * 80])
def test_says_when_it_cannot_be_read(broken):
    with pytest.raises(SealBroken):
        unseal(broken, purpose="p")


def test_a_changed_text_or_another_column_is_not_opened():
    sealed = seal("x" * 40, purpose="p")
    changed = sealed[:30] + ("A" if sealed[30] != "A" else "B") + sealed[31:]
    for text, purpose in ((changed, "p"), (sealed, "q")):
        with pytest.raises(SealBroken):
            unseal(text, purpose=purpose)


def test_keys_are_changed_by_putting_a_new_one_in_front(settings):
    settings.FIELD_KEYS = ["old"]
    before = seal("x", purpose="p")
    settings.FIELD_KEYS = ["new", "old"]
    after = seal("x", purpose="p")
    assert unseal(before, purpose="p") == unseal(after, purpose="p") == "x"

    settings.FIELD_KEYS = []
    plain = seal("x", purpose="p")
    settings.FIELD_KEYS = ["new"]
    assert unseal(plain, purpose="p") == "x"  # SECRET_KEY opens as well
    assert unseal(after, purpose="p") == "x"
    with pytest.raises(SealBroken):
        unseal(before, purpose="p")
