"""The house rules of templates as code: nothing inline, nothing unescaped, each where its app is."""

import re
from pathlib import Path

import pytest

from tests.test_architecture import APPS, ROOT, report

UNESCAPED = {
    "components/field.html": "help texts are the programme's own, and Django's are lists in HTML",
}


class TestTemplates:
    """The Content-Security-Policy allows no inline code; what it would block must not be written."""

    HASHED = {
        "surveys/answer/base.html": "one request for the whole page: its style is allowed by its hash",
        "surveys/answer/page.html": "as above, its script",
    }
    INLINE = {
        "inline style": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
        "style element": re.compile(r"<style\b", re.IGNORECASE),
        "inline script": re.compile(r"<script\b(?![^>]*\bsrc\s*=)(?![^>]*application/json)", re.IGNORECASE),
        "event attribute": re.compile(r"<[^>]*\s(on[a-z]+|hx-on[\w:.-]*)\s*=", re.IGNORECASE),
        "script address": re.compile(r"javascript:", re.IGNORECASE),
        "htmx expression": re.compile(r"hx-(vals|headers)\s*=\s*['\"]\s*js(on)?:", re.IGNORECASE),
        "other host": re.compile(r"<(script|link|img)[^>]*(src|href)\s*=\s*[\"'](https?:)?//", re.IGNORECASE),
        "unescaped": re.compile(r"\|\s*safe\b|autoescape off"),
    }

    @staticmethod
    def pages() -> list[Path]:
        """All but e-mails, whose readers know no policy and no style sheet."""
        return [path for path in (ROOT / "templates").rglob("*.html") if "email" not in path.parts]

    @pytest.mark.parametrize("name", INLINE)
    def test_no(self, name):
        found = []
        for path in self.pages():
            text = re.sub(r"\{#.*?#\}|\{% comment.*?endcomment %\}", "", path.read_text(), flags=re.DOTALL)
            # Tags may hold quotes and angles: to the pattern they are one word.
            text = re.sub(
                r"\{%.*?%\}|\{\{.*?\}\}", lambda m: "X" if "safe" not in m[0] else m[0], text, flags=re.DOTALL
            )
            if name == "unescaped" and str(path.relative_to(ROOT / "templates")) in UNESCAPED:
                continue
            if name in ("style element", "inline script") and str(path.relative_to(ROOT / "templates")) in self.HASHED:
                continue
            found += [f"{path.relative_to(ROOT)}: {match[0][:80]}" for match in self.INLINE[name].finditer(text)]
        report(found)

    def test_templates_lie_where_their_app_is(self):
        folders = {path.name for path in (ROOT / "templates").iterdir() if path.is_dir()}
        assert folders <= {*APPS, "account", "components", "admin", "django", "registration", "errors"}

    def test_scripts_evaluate_no_text(self):
        bad = re.compile(r"\beval\(|new Function\(|document\.write\(|\.innerHTML\s*=|insertAdjacentHTML")
        scripts = [path for path in (ROOT / "static").rglob("*.js") if "build" not in path.parts]
        report([f"{path.relative_to(ROOT)}: {m[0]}" for path in scripts for m in bad.finditer(path.read_text())])
