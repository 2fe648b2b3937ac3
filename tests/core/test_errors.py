"""What the domain refuses: a stable code, a translated sentence, the field, the HTTP status."""

from importlib import import_module
from importlib.util import find_spec

import pytest
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, DomainError, Forbidden

APPS = ["accounts", "audit", "core", "integrations", "orders", "search", "tiers", "users"]


def all_errors(base: type[DomainError] = DomainError) -> set[type[DomainError]]:
    """Every error class of ours that is loaded; `<app>/errors.py` is where they live."""
    return {base}.union(*(all_errors(child) for child in base.__subclasses__()))


for app in APPS:
    if find_spec(f"{app}.errors"):
        import_module(f"{app}.errors")
OURS = sorted((e for e in all_errors() if not e.__module__.startswith("tests.")), key=lambda error: error.__qualname__)


class TestDomainError:
    def test_speaks_its_own_sentence(self):
        assert str(DomainError()) == "Invalid."

    def test_fills_in_what_it_is_about(self):
        error = DomainError(_("%(name)s is gone."), field="account", name="晨光")
        assert (str(error), error.field, error.params) == ("晨光 is gone.", "account", {"name": "晨光"})

    def test_percent_without_parameters_is_a_percent(self):
        assert str(DomainError("100% wrong")) == "100% wrong"

    def test_is_translated_into_the_language_of_the_moment(self):
        class Sample(DomainError):
            message = _("Monday")  # a word that Django itself translates

        with translation.override("zh-hans"):
            assert str(Sample()) == "星期一"
        with translation.override("en"):
            assert str(Sample()) == "Monday"

    @pytest.mark.parametrize(("error", "status"), [(DomainError, 400), (Forbidden, 403), (Conflict, 409)])
    def test_status(self, error, status):
        assert error.status == status


class TestEveryError:
    def test_has_a_code_of_its_own_or_its_parents_and_a_status(self):
        for error in OURS:
            assert error.code, error
            assert error.code.replace("_", "").isascii(), error
            assert error.code == error.code.lower(), error
            assert 400 <= error.status < 500, error

    def test_codes_are_not_shared(self):
        own = [error.code for error in OURS if "code" in vars(error)]
        assert sorted(own) == sorted(set(own))
