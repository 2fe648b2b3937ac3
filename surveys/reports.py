"""What the results page, the summary, the files and the API show of a campaign or a questionnaire."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace

from surveys import metrics, results
from surveys.choices import Cut, QuestionKind
from surveys.cut_labels import labels
from surveys.definition import Definition, Question
from surveys.metrics import Difference, Score
from surveys.results import ALL_TIME, AnswerSum, Months, Scope, Tally, add_months, by_keys, together
from surveys.shielding import CUTS, Shield, shown_keys

RATED = (QuestionKind.NPS, QuestionKind.CSAT, QuestionKind.CES)
CHOSEN = (QuestionKind.SINGLE, QuestionKind.MULTIPLE)
GROUPS = {
    QuestionKind.NPS: (("bad", 0, 6), ("mid", 7, 8), ("good", 9, 10)),
    QuestionKind.CSAT: (("bad", 1, 2), ("mid", 3, 3), ("good", 4, 5)),
    QuestionKind.CES: (("bad", 1, 3), ("mid", 4, 4), ("good", 5, 7)),
    QuestionKind.MATRIX: (("bad", 1, 2), ("mid", 3, 3), ("good", 4, 5)),
}
"""(tone, lowest, highest value) of the parts that a scale is read in."""
MOST_MONTHS = 36


@dataclass(frozen=True)
class Where:
    """Which answers a number counted: values from `low` to `high`, or a choice; without either all that answered."""

    question: str = ""
    part: str = ""
    low: int | None = None
    high: int | None = None
    choice: str = ""


@dataclass(frozen=True)
class Bar:
    """One value, choice or group of values. `share` of those who answered (0 to 1)."""

    label: str
    answers: int
    share: float
    where: Where
    tone: str = "plain"


@dataclass
class Measure:
    """A question, or a row of a matrix or ranking: its score, how it is spread, and what it was in the other period."""

    label: str
    where: Where
    n: int = 0
    score: Score | None = None
    bars: list[Bar] = field(default_factory=list)
    groups: list[Bar] = field(default_factory=list)
    before: Score | None = None
    change: Difference | None = None


@dataclass
class QuestionReport(Measure):
    """`hidden`: fewer than five answers to an anonymous question. `rows`: of a matrix and of a ranking."""

    question: Question | None = None
    hidden: bool = False
    rows: list[Measure] = field(default_factory=list)

    @property
    def kind(self) -> str:
        return self.question.kind if self.question else ""

    @property
    def kind_label(self) -> str:
        return str(QuestionKind(self.kind).label) if self.question else ""


@dataclass(frozen=True)
class Point:
    """The score of a month, or of several where one alone has too few anonymous answers."""

    first: dt.date
    last: dt.date
    score: Score

    @property
    def months(self) -> Months:
        return Months(self.first, self.last)


@dataclass
class CutRow:
    """The score of one tier, team, manager, region or product line."""

    key: str
    label: str
    score: Score
    before: Score | None = None
    change: Difference | None = None


@dataclass
class CutTable:
    by: str
    rows: list[CutRow] = field(default_factory=list)
    hidden: int = 0
    """So many rows are not shown: they have too few anonymous answers, or would tell about those that have."""


@dataclass
class Report:
    scope: Scope
    months: Months
    other: Months | None
    responses: int = 0
    responses_before: int | None = None
    questions: list[QuestionReport] = field(default_factory=list)
    selected: QuestionReport | None = None
    trend: list[Point] = field(default_factory=list)
    cut: CutTable | None = None

    @property
    def headlines(self) -> list[QuestionReport]:
        """The measures that the page begins with: of each kind the first question."""
        found: dict[str, QuestionReport] = {}
        for row in self.questions:
            if row.kind in RATED:
                found.setdefault(row.kind, row)
        return list(found.values())


def asked_in(scope: Scope) -> Definition:
    """The questions of all campaigns of a scope: those of the newest, then what only older ones asked."""
    asked = results.definitions_of(sorted(scope.campaigns, key=lambda campaign: -campaign.pk))
    first, *others = asked.values()
    pages, known = list(first.pages), set(first.by_key)
    for definition in others:
        for page in definition.pages:
            new = tuple(question for question in page.questions if question.key not in known)
            known |= {question.key for question in new}
            pages += [replace(page, questions=new)] if new else []
    return replace(first, pages=tuple(pages))


def build(
    scope: Scope,
    *,
    language: str,
    months: Months = ALL_TIME,
    other: Months | None = None,
    question: str = "",
    by: str = "",
) -> Report:
    """The results of a scope in `months`, compared with `other` where given; the trend of one question (the first that
    rates, unless `question` names another) and its table `by` a cut. Texts in `language`."""
    with results.one_moment():
        return _build(scope, language, months, other, question, by)


def _build(scope: Scope, language: str, months: Months, other: Months | None, question: str, by: str) -> Report:
    asked = asked_in(scope)
    reader = _Reader(results.with_standing(scope), asked)
    report = Report(scope, months, other)
    now, then = together(reader.sums(months)), together(reader.sums(other)) if other else None
    report.responses, report.responses_before = now.responses, then.responses if then else None
    report.questions = [_report(each, now, then, language, shielded=scope.anonymous) for each in asked.questions]
    rated = [row for row in report.questions if row.kind in RATED]
    report.selected = next((row for row in rated if row.where.question == question), rated[0] if rated else None)
    if report.selected and report.selected.question:
        report.trend = _trend(report.selected.question, reader, months)
        if by and (not scope.anonymous or by in CUTS):
            report.cut = _cut(report.selected.question, reader, by, months, other)
    return report


class _Reader:
    """The sums of a scope, read once and shielded where the campaign is anonymous."""

    def __init__(self, scope: Scope, asked: Definition) -> None:
        self.scope, self.asked = scope, asked
        self._kinds = {question.key: question.kind for question in asked.questions}
        self._definitions = results.definitions_of(scope.campaigns)
        self.shield = Shield(asked) if scope.anonymous else None
        self._all = self._read_all()

    def _read_all(self) -> list[AnswerSum]:
        scope = self.scope
        if self.shield and scope.cut != Cut.ALL:
            if scope.cut not in CUTS:
                return []
            rows = self._comparable(results.read(replace(scope, cut=Cut.ALL, key=""), by=scope.cut))
            return self.shield.in_slice(rows, scope.key)
        return self._comparable(results.read(scope))

    def _comparable(self, sums: list[AnswerSum]) -> list[AnswerSum]:
        if len(self._definitions) == 1:
            return sums
        return results.comparable(sums, self._definitions, self._kinds)

    def sums(self, months: Months) -> list[AnswerSum]:
        """Those of a period. A slice of an anonymous campaign is shown for all its time only."""
        if self.shield is None:
            return [row for row in self._all if row.month and row.month in months]
        return self._all if self.scope.cut != Cut.ALL else self.shield.in_months(self._all, months)

    def blocks(self, question: str) -> list[tuple[dt.date, ...]]:
        """The months of a question that are shown, each by itself; put together where the campaign is anonymous."""
        if self.shield:
            return self.shield.blocks(self._all).get((question, ""), []) if self.scope.cut == Cut.ALL else []
        months = sorted({row.month for row in self._all if row.question == question and row.month})
        return [(month,) for month in months]

    def of(self, question: str) -> list[AnswerSum]:
        return [row for row in self._all if row.question == question]

    def by_key(self, question: str, by: str, months: Months) -> list[AnswerSum]:
        """The sums of one question by a cut, of the whole scope without its slice; of an anonymous campaign of all its
        time."""
        scope = replace(self.scope, cut=Cut.ALL, key="")
        wanted = ALL_TIME if self.shield else months
        return self._comparable(results.read(scope, months=wanted, question=question, by=by, monthly=False))


def _report(question: Question, now: Tally, then: Tally | None, language: str, *, shielded: bool) -> QuestionReport:
    """One question; the answers that an anonymous campaign hides are not in the tallies any more."""
    report = QuestionReport(question.text.into(language), Where(question.key), question=question)
    report.n = now.answered(question.key)
    report.hidden = shielded and not report.n
    if question.kind in RATED:
        _measure(report, question, "", now, then)
    elif question.kind in CHOSEN:
        report.bars = _chosen(question, now, language)
    elif question.kind in (QuestionKind.MATRIX, QuestionKind.RANKING):
        report.rows = _rows(question, now, then, language)
    return report


def _rows(question: Question, now: Tally, then: Tally | None, language: str) -> list[Measure]:
    """The rows of a matrix in their order, those of a ranking the best first."""
    rows = []
    for choice in question.rows or question.choices:
        row = Measure(choice.text.into(language), Where(question.key, choice.key))
        _measure(row, question, choice.key, now, then)
        rows.append(row)
    if question.kind == QuestionKind.RANKING:
        rows.sort(key=lambda row: row.score.value if row.score and row.score.value is not None else 1e9)
    return rows


def _measure(row: Measure, question: Question, part: str, now: Tally, then: Tally | None) -> None:
    counts = now.values(question.key, part)
    scale = question.scale or (1, max(len(question.choices), 1))
    row.n = sum(counts.values())
    row.score = metrics.score(question.kind, counts, (float(scale[0]), float(scale[1])))
    row.bars = [
        _bar(str(value), counts.get(value, 0), row.n, Where(question.key, part, value, value), _tone(question, value))
        for value in range(scale[0], scale[1] + 1)
    ]
    for tone, low, high in GROUPS.get(QuestionKind(question.kind), ()):
        number = sum(count for value, count in counts.items() if low <= value <= high)
        row.groups.append(_bar(f"{low}–{high}", number, row.n, Where(question.key, part, low, high), tone))
    if then is not None:
        before = then.values(question.key, part)
        row.before = metrics.score(question.kind, before, (float(scale[0]), float(scale[1])))
        row.change = metrics.difference(question.kind, before, counts)


def _tone(question: Question, value: int) -> str:
    groups = GROUPS.get(QuestionKind(question.kind), ())
    return next((tone for tone, low, high in groups if low <= value <= high), "plain")


def _bar(label: str, answers: int, n: int, where: Where, tone: str = "plain") -> Bar:
    return Bar(label, answers, answers / n if n else 0.0, where, tone)


def _chosen(question: Question, now: Tally, language: str) -> list[Bar]:
    """The choices in their order; of a multiple choice the shares add up to more than one."""
    counts, n = now.choices(question.key), now.answered(question.key)
    is_single = question.kind == QuestionKind.SINGLE
    return [
        _bar(
            choice.text.into(language),
            counts.get(choice.key, 0),
            n,
            Where(question.key, choice=choice.key) if is_single else Where(question.key, choice.key),
        )
        for choice in question.choices
    ]


def _trend(question: Question, reader: _Reader, months: Months) -> list[Point]:
    """The score month by month, the newest three years of the period."""
    rows, points = reader.of(question.key), []
    for block in reader.blocks(question.key):
        if all(month in months for month in block):
            tally = together(row for row in rows if row.month in block)
            points.append(Point(block[0], block[-1], metrics.score(question.kind, tally.values(question.key))))
    return points[-MOST_MONTHS:]


def _cut(question: Question, reader: _Reader, by: str, months: Months, other: Months | None) -> CutTable:
    now = reader.by_key(question.key, by, months)
    then = reader.by_key(question.key, by, other) if other and not reader.shield else []
    hidden = shown_keys(reader.shield.hidden(now), question.key) if reader.shield else set()
    tallies = [by_keys(now), by_keys(then)]
    keys = (tallies[0].keys() | tallies[1].keys()) - hidden
    names = labels(by, keys)
    table = CutTable(by, hidden=len(hidden))
    for key in keys:
        counts = [tally[key].values(question.key) if key in tally else {} for tally in tallies]
        row = CutRow(key, names[key], metrics.score(question.kind, counts[0]))
        if other and not reader.shield:
            row.before = metrics.score(question.kind, counts[1])
            row.change = metrics.difference(question.kind, counts[1], counts[0])
        table.rows.append(row)
    table.rows.sort(key=lambda row: (by not in (Cut.TIER,) and -row.score.n, row.key == "", row.label))
    return table


def previous(months: Months) -> Months:
    """The months just before, as many."""
    if months.first is None or months.last is None:
        return ALL_TIME
    length = (months.last.year - months.first.year) * 12 + months.last.month - months.first.month + 1
    return Months(add_months(months.first, -length), add_months(months.first, -1))


def year_before(months: Months) -> Months:
    """The same months a year earlier."""
    if months.first is None or months.last is None:
        return ALL_TIME
    return Months(add_months(months.first, -12), add_months(months.last, -12))
