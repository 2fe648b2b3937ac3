import pytest
from django import forms

from core.forms import LookupSelect
from tests.factories.users import UserFactory
from users.models import User

pytestmark = pytest.mark.django_db


def form(value=None):
    class WithColleague(forms.Form):
        colleague = forms.ModelChoiceField(
            User.objects.order_by("pk"), required=False, widget=LookupSelect("users:user_lookup")
        )

    return WithColleague({"colleague": value} if value else None)


class TestLookupSelect:
    def test_writes_a_few_out(self, alice, lee):
        html = str(form(str(lee.pk))["colleague"])
        assert html.count("<option") == 3
        assert f'value="{lee.pk}" selected' in html
        assert "data-search" in html

    def test_writes_the_chosen_one_of_many(self, alice, lee, monkeypatch, django_assert_max_num_queries):
        monkeypatch.setattr(LookupSelect, "few", 1)
        with django_assert_max_num_queries(3):
            html = str(form(str(lee.pk))["colleague"])
        assert html.count("<option") == 2
        assert f'value="{lee.pk}" selected' in html
        assert 'data-lookup="/people/lookup/"' in html

    def test_bad_values_choose_nothing(self, alice, lee, monkeypatch):
        monkeypatch.setattr(LookupSelect, "few", 1)
        for value in ("x", "999999999", "' OR 1"):
            bound = form(value)
            assert str(bound["colleague"]).count("selected") == 0
            assert not bound.is_valid()

    def test_any_of_the_rows_is_valid_however_many(self, alice, lee, monkeypatch):
        monkeypatch.setattr(LookupSelect, "few", 1)
        UserFactory.create_batch(3)
        assert form(str(lee.pk)).is_valid()
