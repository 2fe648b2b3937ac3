"""Which column of a file is what: facts by their headings in any language, questions by key or by their words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from surveys.choices import QuestionKind
from surveys.definition import Definition

ACCOUNT, CONTACT, EMAIL, DATE, NUMBER, LANGUAGE = "account", "contact", "email", "date", "number", "language"
HEADINGS = {
    ACCOUNT: ("account code", "account", "code", "客户编号", "客户代码", "客户编码", "客戶編號", "客戶代碼"),
    CONTACT: ("contact", "contact name", "name", "联系人", "联系人姓名", "姓名", "聯絡人", "聯絡人姓名"),
    EMAIL: ("e-mail", "email", "contact e-mail", "contact email", "邮箱", "电子邮件", "电子邮箱", "電子郵件", "郵箱"),
    DATE: ("date", "answered on", "日期", "答卷日期", "调查日期", "填写日期", "答卷時間", "調查日期"),
    NUMBER: ("number", "id", "response id", "external id", "编号", "答卷编号", "序号", "編號", "答卷編號"),
    LANGUAGE: ("language", "语言", "語言"),
}  # fmt: skip
NEEDED = (ACCOUNT, DATE)


@dataclass(frozen=True)
class Target:
    """A question, or one row of a matrix, that a column answers."""

    question: str
    row: str = ""


@dataclass
class Columns:
    """Position -> what it is; `unknown` headings are left out, `twice` name questions that
    another column answers already."""

    facts: dict[str, int] = field(default_factory=dict)
    answers: dict[int, Target] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)

    @property
    def missing(self) -> list[str]:
        return [name for name in NEEDED if name not in self.facts]


def recognise(header: Sequence[str], asked: Definition) -> Columns:
    """What each heading stands for: the words of a question before a fact, a question's key where no other column has
    its words (a key may be “contact” or “date”)."""
    by_words, by_key = dict(_words_of(asked)), dict(_keys_of(asked))
    facts = {_plain(word): name for name, words in HEADINGS.items() for word in words}
    columns = Columns()
    plain = [_plain(heading) for heading in header]
    for position, word in enumerate(plain):
        if (target := by_words.get(word)) is not None:
            _answer(columns, position, target, header)
    for position, word in enumerate(plain):
        if not word or position in columns.answers or header[position] in columns.twice:
            continue
        target, fact = by_key.get(word), facts.get(word)
        if target is not None and (fact is None or target not in columns.answers.values()):
            _answer(columns, position, target, header)
        elif fact is not None and fact not in columns.facts:
            columns.facts[fact] = position
        else:
            columns.unknown.append(header[position])
    columns.answers = dict(sorted(columns.answers.items()))
    return columns


def _answer(columns: Columns, position: int, target: Target, header: Sequence[str]) -> None:
    if target in columns.answers.values():
        columns.twice.append(header[position])
    else:
        columns.answers[position] = target


def _words_of(asked: Definition) -> Iterator[tuple[str, Target]]:
    """The words of questions, and of the rows of a matrix behind those of the question, in every language."""
    for question in asked.questions:
        for language, text in question.text.by_language.items():
            if question.kind != QuestionKind.MATRIX:
                yield _plain(text), Target(question.key)
            for row in question.rows:
                yield _plain(f"{text} · {row.text.into(language)}"), Target(question.key, row.key)


def _keys_of(asked: Definition) -> Iterator[tuple[str, Target]]:
    for question in asked.questions:
        if question.kind != QuestionKind.MATRIX:
            yield _plain(question.key), Target(question.key)
        for row in question.rows:
            yield _plain(f"{question.key}.{row.key}"), Target(question.key, row.key)


def _plain(text: str) -> str:
    return " ".join(str(text).replace("\u3000", " ").split()).casefold()
