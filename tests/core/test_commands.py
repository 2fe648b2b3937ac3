"""The language of the terminal."""

import pytest
from django.core.management import call_command
from django.utils import translation

from core.commands import TerminalCommand, terminal_language


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ("C.UTF-8", "en"),
        ("de_DE.UTF-8", "en"),
        ("zh_CN.UTF-8", "zh-hans"),
        ("zh_SG", "zh-hans"),
        ("zh_TW.UTF-8", "zh-hant"),
        ("zh_HK", "zh-hant"),
        ("", "en"),
    ],
)
def test_language_of_the_locale(monkeypatch, locale, language):
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", locale)
    assert terminal_language() == language
    monkeypatch.setenv("LC_ALL", "zh_TW.UTF-8")
    assert terminal_language() == "zh-hant"


class Tell(TerminalCommand):
    requires_system_checks = ()
    languages: list[str | None] = []

    def handle(self, *_args, **_options):
        self.languages.append(translation.get_language())


def test_speaks_it_when_typed_and_the_caller_s_when_called(monkeypatch):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    Tell.languages.clear()
    Tell().run_from_argv(["manage.py", "tell"])
    with translation.override("zh-hant"):
        call_command(Tell())
    assert Tell.languages == ["zh-hans", "zh-hant"]
