"""Which questions somebody can see: the search equals trying every answer."""

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from surveys.checking import problems
from surveys.checking.reach import Search
from surveys.conditions import holds
from surveys.definition import read
from tests.factories.surveys import choices, definition, page, question

KINDS = ("csat", "single", "multiple", "number", "date", "matrix", "text")
VALUES = {
    "csat": [1, 2, 3, 4, 5],
    "single": ["x", "y"],
    "number": ["0", "0.5", "1"],
    "date": ["2026-01-01", "2026-01-02", "2026-01-03"],
}
ANSWERED = {
    **VALUES,
    "single": [{"choice": "x"}, {"choice": "y"}],
    "multiple": [{"choices": list(keys)} for keys in ("x", "y", "z", "xy", "xz", "yz", "xyz")],
    "number": ["0", "0.25", "0.5", "0.75", "1"],
    "matrix": [
        {row: point for row, point in (("r", n), ("s", m)) if point}
        for n in (0, 1, 3, 5)
        for m in (0, 1, 3, 5)
        if n or m
    ],
    "text": ["words"],
}
OPS = {
    "csat": ["eq", "ne", "lt", "le", "gt", "ge", "in"],
    "single": ["eq", "ne", "in"],
    "number": ["eq", "ne", "lt", "le", "gt", "ge"],
    "date": ["eq", "ne", "lt", "le", "gt", "ge"],
    "multiple": ["contains"],
    "matrix": ["eq", "le", "ge"],
    "text": [],
}


@st.composite
def conditions(draw, asked, depth=0):
    """Some condition over the questions asked."""
    if depth < 2 and draw(st.integers(0, 2)) == 0:
        name = draw(st.sampled_from(["all", "any"]))
        return {name: draw(st.lists(conditions(asked, depth + 1), min_size=1, max_size=3))}
    key, kind = draw(st.sampled_from(asked))
    op = draw(st.sampled_from([*OPS[kind], "answered", "not_answered"]))
    comparison = {"question": key, "op": op}
    if kind == "matrix":
        comparison["part"] = draw(st.sampled_from("rs"))
    if op in ("answered", "not_answered"):
        return comparison
    values = {"multiple": list("xyz"), "matrix": [1, 5], **VALUES}[kind]
    one = st.sampled_from(values)
    return {**comparison, "value": draw(st.lists(one, min_size=1, max_size=3) if op == "in" else one)}


@st.composite
def questions(draw, asked):
    """A question of some kind, perhaps with a condition."""
    key, kind = f"q{len(asked)}", draw(st.sampled_from(KINDS))
    bounds = st.sampled_from([None, 2])
    own = {
        "single": {"choices": choices("x", "y")},
        "multiple": {"choices": choices("x", "y", "z"), "minimum": draw(bounds), "maximum": draw(bounds)},
        "matrix": {"rows": choices("r", "s")},
        "number": {"minimum": "0", "maximum": "1"},
        "date": {"minimum": "2026-01-01", "maximum": "2026-01-03"},
    }
    show_if = draw(conditions(asked)) if asked and draw(st.integers(0, 2)) else None
    return question(key, kind, required=draw(st.booleans()), show_if=show_if, **own.get(kind, {}))


@st.composite
def questionnaires(draw):
    """Up to four questions on up to three pages, with conditions."""
    pages, asked = [], []
    for number in range(draw(st.integers(1, 3))):
        show_if = draw(conditions(asked)) if asked and draw(st.booleans()) else None
        rows = []
        for _ in range(min(draw(st.integers(1, 2)), 4 - len(asked))):
            rows.append(draw(questions(asked)))
            asked.append((rows[-1]["key"], rows[-1]["kind"]))
        if rows:
            pages.append(page(f"p{number}", *rows, show_if=show_if))
    return definition(*pages)


def possible(asked):
    """Every answer that counts as different, None for none."""
    for answer in ANSWERED[asked.kind]:
        if asked.kind == "multiple":
            if (asked.minimum or 1) <= len(answer["choices"]) <= (asked.maximum or 3):
                yield answer
        elif asked.kind != "matrix" or not asked.required or len(answer) == 2:
            yield answer
    if not asked.required:
        yield None


def seen_by_somebody(asked):
    """The keys of the questions that some complete set of answers shows: by trying them all."""
    steps = [(page_, one) for page_ in asked.pages for one in page_.questions]
    seen = set()

    def go(number, values, first_of_page):
        if number == len(steps):
            return
        page_, one = steps[number]
        shown = first_of_page if number and steps[number - 1][0] is page_ else holds(page_.show_if, values)
        if shown and holds(one.show_if, values):
            seen.add(one.key)
            for answer in possible(one):
                go(number + 1, {**values, one.key: answer} if answer is not None else values, shown)
        else:
            go(number + 1, values, shown)

    go(0, {}, True)
    return seen


class TestReach:
    @settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(questionnaires())
    def test_equals_trying_every_answer(self, data):
        asked = read(data)
        search = Search(asked)
        found = {
            one.key
            for page_ in asked.pages
            for one in page_.questions
            if search.satisfiable(page_.show_if, one.show_if)
        }
        assert found == seen_by_somebody(asked), json.dumps(data["pages"])

    @settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(questionnaires())
    def test_says_nothing_exactly_where_everything_can_be_seen(self, data):
        asked = read(data)
        unseen = set(asked.by_key) - seen_by_somebody(asked)
        found = problems(data)
        assert {p.code for p in found} <= {"condition_contradictory", "page_unreachable", "question_unreachable"}
        if unseen:
            assert found, (unseen, json.dumps(data["pages"]))
