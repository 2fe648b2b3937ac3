"""English, simplified and traditional Chinese are equal: nothing untranslated, nothing hard-coded."""

import ast
import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils import translation

from tests.test_architecture import APPS, ROOT, report, sources

LANGUAGES = ["zh_Hans", "zh_Hant"]
HAN = re.compile(r"[\u4e00-\u9fff]")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")

# The same letter in both scripts of the pair; each string of the wrong script holds one of them sooner or later.
SIMPLIFIED = (
    "户级经历导应区间变从务价协单发号员团图场备复头对专业东与义优传体额产类确认订购时这个们来为说请输错误选择删创开"
    "关闭载页转换语简记录续结构办实现达过还进远边运动没无数据报权标组织终约统计设评审议该项预"
)
TRADITIONAL = (
    "戶級經歷導應區間變從務價協單發號員團圖場備復頭對專業東與義優傳體額產類確認訂購時這個們來為說請輸錯誤選擇刪創開"
    "關閉載頁轉換語簡記錄續結構辦實現達過還進遠邊運動沒無數據報權標組織終約統計設評審議該項預"
)

# Words of a template's text that are the same in every language.
SAME_EVERYWHERE = re.compile(
    r"\b(KAM|NPS|CSAT|CES|PDF|API|CSV|XLSX|REST|HTTP|JSON|OpenAPI|Ctrl|Esc|Enter|Bearer|curl|Authorization)\b|&\w+;|⌘K"
)


def catalogue(language: str):
    path = Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES" / "django.po"
    if not path.exists():
        pytest.fail(f"{path.relative_to(ROOT)} does not exist: make makemessages, then translate")
    with path.open("rb") as file:
        return [message for message in read_po(file, locale=language) if message.id]


def pairs(message) -> list[tuple[str, str]]:
    """(source, translation) of every form of a message; Chinese has one form for all numbers."""
    source = message.id if isinstance(message.id, str) else message.id[-1]
    return [(source, text) for text in ([message.string] if isinstance(message.string, str) else message.string)]


@pytest.mark.parametrize("language", LANGUAGES)
class TestCatalogues:
    def test_everything_is_translated(self, language):
        messages = catalogue(language)
        assert len(messages) > 100
        report([f"empty: {source!r}" for m in messages for source, text in pairs(m) if not text.strip()])
        report([f"fuzzy: {message.id!r}" for message in messages if message.fuzzy])

    def test_placeholders_are_those_of_the_source(self, language):
        report(
            [
                f"{source!r} -> {text!r}"
                for message in catalogue(language)
                for source, text in pairs(message)
                if sorted(PLACEHOLDER.findall(source)) != sorted(PLACEHOLDER.findall(text))
                or source.startswith("\n") != text.startswith("\n")
                or source.endswith("\n") != text.endswith("\n")
            ]
        )

    def test_words_are_in_its_own_script(self, language):
        wrong = TRADITIONAL if language == "zh_Hans" else SIMPLIFIED
        wrong = set(wrong) - set(SIMPLIFIED if language == "zh_Hans" else TRADITIONAL)
        texts = [(source, text) for message in catalogue(language) for source, text in pairs(message)]
        report([f"{text!r}: {found}" for _source, text in texts if (found := wrong & set(text))])
        words = re.compile(r"[A-Za-z]{4,} [A-Za-z]{2,}")
        report(
            [
                f"English: {text!r}"
                for source, text in texts
                if words.search(SAME_EVERYWHERE.sub(" ", source)) and not HAN.search(text)
            ]
        )

    def test_is_compiled_and_in_use(self, language):
        terms = {"zh_Hans": "客户", "zh_Hant": "客戶"}
        with translation.override(translation.to_language(language)):
            assert translation.gettext("accounts") == terms[language]


class TestTemplates:
    """Letters outside of translated blocks are text that nobody can translate."""

    @staticmethod
    def texts(source: str) -> str:
        """What a reader sees of a template that no tag translates: text and spoken attributes."""
        for pattern in (
            r"\{#.*?#\}",
            r"\{% comment %\}.*?\{% endcomment %\}",
            r"\{% blocktranslate.*?\{% endblocktranslate %\}",
            r"<(script|style|svg|code|pre|kbd)\b.*?</\1>",
            r"<!--.*?-->|<!doctype[^>]*>",
        ):
            source = re.sub(pattern, " ", source, flags=re.DOTALL | re.IGNORECASE)
        source = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", " ", source, flags=re.DOTALL)
        spoken = re.findall(r"\b(?:title|alt|placeholder|aria-label|data-label|data-confirm)=\"([^\"]*)\"", source)
        return " ".join([*spoken, re.sub(r"<[^>]*>", " ", source)])

    NO_TEXT = frozenset({"templates/components/log_about.html"})  # the query of an address

    def test_hold_no_text_of_their_own(self):
        found = []
        for path in sorted((ROOT / "templates").rglob("*.*")):
            if str(path.relative_to(ROOT)) in self.NO_TEXT:
                continue
            text = SAME_EVERYWHERE.sub(" ", self.texts(path.read_text()))
            words = re.findall(r"[A-Za-z]{2,}|[\u4e00-\u9fff]+", text)
            if words:
                found.append(f"{path.relative_to(ROOT)}: {' '.join(words)[:100]}")
        report(found)

    def test_the_test_sees_text(self):
        page = (
            '<p title="Hello">{% translate "Good" %} {{ x }} World</p>{% blocktranslate %}Fine{% endblocktranslate %}'
        )
        assert re.findall(r"\w+", self.texts(page)) == ["Hello", "World"]


class TestCode:
    """Labels, messages and errors go through gettext; Chinese stands in data and catalogues only."""

    # Where Chinese is data, not text of a page.
    CHINESE_IS_DATA = (
        "kam/settings.py",  # the names of the languages
        "kam/demo/",
        "search/",  # letters and their sounds
        "integrations/people/",  # days as files write them
        "notifications/channels/dingtalk.py",  # words of its answers
        "orders/intake/",  # headings and values as files have them
        "core/numbers.py",  # 万 and 亿
        "accounts/api/views.py",  # examples in the API reference
        "contacts/api/",  # likewise
        "interactions/api/",  # likewise
        "contracts/api/",  # likewise
        "contracts/documents/standard.py",  # names of fonts
        "contacts/birthdays.py",  # days of the lunar calendar, as they are written everywhere
        "contacts/vcard.py",  # compound surnames
        "contacts/forms.py",  # an example of a name in a help text
        "contacts/models.py",  # likewise
        "core/workdays.py",  # names of countries and of make-up days, as people write them
        "users/calendars.py",  # words of pasted lists of days
        "users/forms.py",  # an example of such a list in a help text
        "orders/services/catalogue.py",  # the name of a row, beside its English name
        "tiers/services/policies.py",  # likewise
        "surveys/api/",  # examples in the API reference
        "surveys/shipped/",  # questionnaires are written in every language, for the customer's people
        "surveys/earlier/columns.py",  # headings as files have them
        "health/api/",  # examples in the API reference
        "health/default_profiles.py",  # the names of rows, beside their English names
        "health/default_rules.py",  # likewise
    )
    LABELS = frozenset({"label", "help_text", "verbose_name", "verbose_name_plural", "violation_error_message"})

    def test_chinese_is_data(self):
        found = []
        for path, tree in sources().items():
            docs = {id(node.body[0].value) for node in ast.walk(tree) if hasattr(node, "body") and is_docstring(node)}
            for node in ast.walk(tree):
                text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
                if HAN.search(text) and id(node) not in docs and not path.startswith(self.CHINESE_IS_DATA):
                    found.append(f"{path}:{node.lineno} {text[:60]!r}")
        report(found)

    def test_labels_and_messages_are_translated(self):
        found = []
        for path, tree in sources().items():
            if path.startswith("kam/demo/") or "management" in path:
                continue
            for node in ast.walk(tree):
                if isinstance(node, ast.Call):
                    bare = [key for key in node.keywords if key.arg in self.LABELS and is_text(key.value)]
                    if "serializers" not in path and "api/" not in path:
                        found += [f"{path}:{key.value.lineno} {ast.unparse(key)}" for key in bare]
                    if re.match(r"messages\.(success|error|info|warning)\b", ast.unparse(node.func)):
                        found += [f"{path}:{node.lineno} {ast.unparse(a)}" for a in node.args[1:2] if is_text(a)]
                if isinstance(node, ast.ClassDef):
                    found += [f"{path}:{n.lineno} {ast.unparse(n)}" for n in node.body if is_bare_message(n)]
        report([line for line in found if not line.startswith("core/errors.py")])

    def test_scripts_hold_no_words(self):
        """Texts of scripts come from the page, in data attributes."""
        sentence = re.compile(r"[\"'`]([A-Z][a-z]+( [a-z]+){1,}[^\"'`]*|[^\"'`]*[\u4e00-\u9fff][^\"'`]*)[\"'`]")
        found = []
        for path in sorted((ROOT / "static" / "src").rglob("*.js")):
            code = re.sub(r"/\*.*?\*/|^\s*//.*?$|\s//\s.*?$", "", path.read_text(), flags=re.DOTALL | re.MULTILINE)
            code = re.sub(r"[\"'][万亿萬億][\"']", "", code)
            thrown = re.sub(r"(new Error|console\.\w+)\([^)]*\)", "", code)
            found += [f"{path.relative_to(ROOT)}: {match[0]}" for match in sentence.finditer(thrown)]
        report(found)


def is_docstring(node) -> bool:
    body = node.body if isinstance(node.body, list) else []
    return bool(body) and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant)


def is_text(node: ast.AST) -> bool:
    """A sentence or word in the code itself: a string, or an f-string with letters of its own."""
    if isinstance(node, ast.JoinedStr):
        return any(is_text(value) for value in node.values)
    return (
        isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(re.search(r"[A-Za-z]{3}", node.value))
    )


def is_bare_message(node: ast.AST) -> bool:
    """`message = "…"` or `default_detail = "…"` of an error class, without gettext."""
    named = isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in ("message", "default_detail")
    return named and is_text(node.value)


def test_every_app_is_looked_at():
    assert {path.split("/")[0] for path in sources()} == set(APPS)
