"""What a questionnaire may not be: shape, texts, keys, kinds, conditions; and which questions can be shown at all."""

import copy

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from surveys.checking import malformed, problems
from tests.factories.surveys import DEFINITION, choices, definition, page, question, texts


def codes(data):
    """What is wrong, by place."""
    return {problem.place: problem.code for problem in problems(data)}


def of(*questions):
    """What is wrong with a page of these questions, by place in the page."""
    found = codes(definition(page("one", *questions)))
    return {place.removeprefix("pages.0.questions."): code for place, code in found.items()}


def asks(key, op="eq", value=1, **fields):
    return {"question": key, "op": op, "value": value, **fields}


class TestShape:
    def test_the_standard_one_is_in_order(self):
        assert problems(DEFINITION) == []

    @pytest.mark.parametrize("data", [None, [], "x", 1, {"pages": {}}, {"pages": [1]}, {"pages": [{"questions": 1}]}])
    def test_any_json_is_answered(self, data):
        assert malformed(data)

    @settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(
                        ["pages", "questions", "key", "kind", "show_if", "all", "op", "text", "choices", "x"]
                    ),
                    inner,
                    max_size=5,
                )
            ),
            max_leaves=25,
        )
    )
    def test_no_json_breaks_it(self, data):
        problems(data)

    def test_a_thousand_groups_inside_each_other(self):
        condition = asks("a")
        for _ in range(900):
            condition = {"all": [condition]}
        data = definition(page("one", question("a", "nps"), question("b", "text", show_if=condition)))
        assert {problem.code for problem in problems(data)} <= {"not_json", "condition_too_deep"}
        assert problems(data)

    def test_too_much_of_something(self):
        rows = [question(f"q{n}", "text") for n in range(101)]
        both = definition(page("one", *rows), page("two", *[{**row, "key": f"{row['key']}x"} for row in rows]))
        assert codes(both) == {"pages": "too_many_questions"}
        assert codes(definition(*[page(f"p{n}", question(f"q{n}", "text")) for n in range(51)])) == {
            "pages": "too_many_rows"
        }
        assert of(question("a", "single", choices=choices(*[f"c{n}" for n in range(101)]))) == {
            "0.choices": "too_many_rows"
        }
        assert of(question("a", "text", text=texts("字" * 501))) == dict.fromkeys(
            ("0.text.zh-hans", "0.text.zh-hant", "0.text.en"), "text_too_long"
        )

    def test_a_typing_error_does_not_hide(self):
        assert of(question("a", "text", requird=True)) == {"0": "unknown_field"}
        assert of(question("a", "smiley")) == {"0.kind": "unknown_kind"}
        assert of({"kind": "text", "text": texts("x")}) == {"0": "field_missing"}
        assert of(question("a", "text", required="yes")) == {"0.required": "not_a_flag"}
        assert of(question("a", "text", text={"fr": "oui"})) == {"0.text": "unknown_language"}

    @pytest.mark.parametrize(
        "condition",
        [
            {"all": [], "any": []},
            {"question": "a", "op": "eq"},
            {"question": "a", "op": "like", "value": 1},
            {"question": "a", "op": "in", "value": 1},
            {"question": ["a"], "op": "eq", "value": 1},
            {"not": [asks("a")]},
            [asks("a")],
            "a = 1",
        ],
    )
    def test_a_condition_has_one_of_three_shapes(self, condition):
        found = malformed(definition(page("one", question("a", "nps"), question("b", "text", show_if=condition))))
        assert {problem.code for problem in found} <= {"condition_malformed", "unknown_operator"}
        assert found


class TestRules:
    def test_every_text_in_every_language(self):
        data = copy.deepcopy(DEFINITION)
        del data["title"]["zh-hant"]
        data["pages"][0]["questions"][2]["help"]["en"] = "  "
        data["thanks"] = {}
        found = problems(data)
        assert {p.place: p.code for p in found} == {
            "title.zh-hant": "text_missing",
            "pages.0.questions.2.help.en": "text_missing",
        }
        assert found[1].message == "The text in English is missing."

    def test_without_questions(self):
        assert codes(definition()) == {"pages": "no_questions"}
        assert codes(definition(page("one"))) == {"pages.0": "page_empty"}

    def test_keys(self):
        assert of(question("A", "text"), question("ok", "text"), question("ok", "nps")) == {
            "0.key": "key_malformed",
            "2.key": "key_twice",
        }
        assert of(question("a" * 41, "text"), question("ｋ", "text")) == {
            "0.key": "key_malformed",
            "1.key": "key_malformed",
        }
        assert codes(definition(page("p", question("a", "text")), page("p", question("b", "text")))) == {
            "pages.1.key": "key_twice"
        }
        assert of(question("a", "single", choices=choices("x", "x"))) == {"0.choices.1.key": "key_twice"}

    @pytest.mark.parametrize(
        ("fields", "expected"),
        [
            ({"kind": "single"}, {"choices": "choices_missing"}),
            ({"kind": "multiple", "choices": choices("one")}, {"choices": "choices_missing"}),
            ({"kind": "matrix"}, {"rows": "choices_missing"}),
            ({"kind": "nps", "choices": choices("one", "two")}, {"choices": "field_unfit"}),
            ({"kind": "text", "minimum": 1, "randomise": True}, {"minimum": "field_unfit", "randomise": "field_unfit"}),
            ({"kind": "text", "max_length": 9000}, {"max_length": "bound_malformed"}),
            ({"kind": "number", "minimum": 5, "maximum": 4}, {"maximum": "bounds_reversed"}),
            ({"kind": "number", "minimum": "10", "maximum": "9"}, {"maximum": "bounds_reversed"}),
            ({"kind": "number", "minimum": "many"}, {"minimum": "bound_malformed"}),
            ({"kind": "date", "minimum": "2026-02-30"}, {"minimum": "bound_malformed"}),
            ({"kind": "date", "minimum": "20260201"}, {"minimum": "bound_malformed"}),
            ({"kind": "date", "minimum": "2026-02-02", "maximum": "2026-02-01"}, {"maximum": "bounds_reversed"}),
            ({"kind": "multiple", "choices": choices("x", "y"), "maximum": 3}, {"maximum": "bound_malformed"}),
            (
                {"kind": "multiple", "choices": choices("x", "y"), "minimum": 2, "maximum": 1},
                {"maximum": "bounds_reversed"},
            ),
            (
                {"kind": "single", "choices": choices("x", "y", other=("x", "y"))},
                {"choices.1.other": "other_twice"},
            ),
            ({"kind": "ranking", "choices": choices("x", "y", other=("x",))}, {"choices.0.other": "other_unfit"}),
            (
                {"kind": "ranking", "choices": choices(*[f"c{n}" for n in range(21)])},
                {"choices": "too_many_ranked"},
            ),
        ],
    )
    def test_what_each_kind_needs(self, fields, expected):
        assert of(question("a", **fields)) == {f"0.{place}": code for place, code in expected.items()}

    def test_problems_come_in_the_order_of_the_questionnaire(self):
        data = definition(
            page("one", question("a", "single"), question("a", "text", show_if=asks("a"))),
            page("two"),
        )
        assert [p.place for p in problems(data)] == [
            "pages.0.questions.0.choices",
            "pages.0.questions.1.key",
            "pages.0.questions.1.show_if.question",
            "pages.1",
        ]


class TestConditions:
    def with_condition(self, condition, *before):
        before = before or (
            question("score", "nps"),
            question("why", "single", choices=choices("price", "speed")),
            question("all", "multiple", choices=choices("x", "y")),
            question("rows", "matrix", rows=choices("r1", "r2")),
            question("rank", "ranking", choices=choices("x", "y")),
            question("count", "number", minimum=0, maximum=10),
            question("day", "date", maximum="2026-12-31"),
            question("words", "text"),
        )
        place = f"{len(before)}.show_if"
        found = of(*before, question("last", "text", show_if=condition), question("later", "nps"))
        return {name.removeprefix(place).lstrip("."): code for name, code in found.items()}

    @pytest.mark.parametrize(
        ("condition", "expected"),
        [
            (asks("last", "answered"), {"question": "condition_asks_itself"}),
            (asks("later"), {"question": "condition_asks_later"}),
            (asks("nobody"), {"question": "condition_asks_unknown"}),
            (asks(""), {"question": "condition_incomplete"}),
            ({"any": [asks("score"), asks("last")]}, {"any.1.question": "condition_asks_itself"}),
            ({"all": []}, {"": "condition_empty"}),
            (asks("score", "contains", 1), {"op": "operator_unfit"}),
            (asks("score", "eq", 11), {"value": "value_out_of_range"}),
            (asks("score", "in", [1, 11]), {"value": "value_out_of_range"}),
            (asks("score", "in", []), {"value": "value_missing"}),
            (asks("score", "eq", ""), {"value": "value_missing"}),
            (asks("score", "eq", "+3"), {"value": "value_not_plain"}),
            (asks("score", "eq", "6"), {}),
            (asks("score", "lt", 0), {"": "condition_contradictory"}),
            (asks("why", "eq", "prize"), {"value": "value_unknown_choice"}),
            (asks("why", "lt", "price"), {"op": "operator_unfit"}),
            (asks("why", "eq", "price", part="x"), {"part": "part_unfit"}),
            (asks("all", "eq", "x"), {"op": "operator_unfit"}),
            (asks("all", "contains", "x"), {}),
            (asks("rows", "le", 2), {"part": "part_unknown"}),
            (asks("rows", "le", 2, part="r1"), {}),
            (asks("rank", "contains", "x"), {"op": "operator_unfit"}),
            (asks("rank", "answered"), {}),
            (asks("count", "gt", 10), {"": "condition_contradictory"}),
            (asks("count", "gt", "9.9999"), {}),
            (asks("count", "eq", 11), {"value": "value_out_of_range"}),
            (asks("count", "eq", "3.0"), {"value": "value_not_plain"}),
            (asks("day", "ge", "2026-12-31"), {}),
            (asks("day", "gt", "2026-12-31"), {"": "condition_contradictory"}),
            (asks("day", "eq", "tomorrow"), {"value": "value_out_of_range"}),
            (asks("words", "eq", "yes"), {"op": "operator_unfit"}),
            ({"all": [asks("score", "le", 3), asks("score", "ge", 4)]}, {"": "condition_contradictory"}),
            ({"all": [asks("score", "answered"), asks("score", "not_answered")]}, {"": "condition_contradictory"}),
            (
                {"any": [asks("score", "le", 3), {"all": [asks("why", "eq", "price"), asks("why", "eq", "speed")]}]},
                {"any.1": "condition_contradictory"},
            ),
            ({"all": [asks("score", "ne", n) for n in range(11)]}, {"": "condition_contradictory"}),
            ({"all": [asks("score", "ne", n) for n in range(10)]}, {}),
        ],
    )
    def test_what_a_condition_may_ask(self, condition, expected):
        assert self.with_condition(condition) == expected

    def test_a_page_asks_earlier_pages(self):
        data = definition(
            page("one", question("a", "nps")),
            page("two", question("b", "nps"), show_if=asks("b")),
            page("three", question("c", "nps"), show_if=asks("b", "ge", 9)),
        )
        assert codes(data) == {"pages.1.show_if.question": "condition_asks_own_page"}

    def test_never_shown_because_of_what_it_asks(self):
        """`b` shows after 6 or less only; `c` asks `b` but wants 9 or more; `d` is on a page that wants 5 or less."""
        data = definition(
            page("one", question("a", "nps"), question("b", "csat", show_if=asks("a", "le", 6))),
            page("two", question("c", "text", show_if={"all": [asks("b", "eq", 1), asks("a", "ge", 9)]})),
            page("three", question("d", "text", show_if=asks("a", "gt", 5)), show_if=asks("a", "le", 5)),
        )
        assert codes(data) == {
            "pages.1.questions.0.show_if": "question_unreachable",
            "pages.2.questions.0.show_if": "question_unreachable",
        }

    def test_what_is_required_is_answered_where_it_is_shown(self):
        assert of(question("a", "nps", required=True), question("b", "text", show_if=asks("a", "not_answered"))) == {
            "1.show_if": "question_unreachable"
        }
        assert of(question("a", "nps"), question("b", "text", show_if=asks("a", "not_answered"))) == {}

    def test_a_page_that_nobody_sees_is_named_once(self):
        data = definition(
            page("one", question("a", "nps", required=True)),
            page("two", question("b", "nps", show_if=asks("a", "le", 6)), show_if=asks("a", "not_answered")),
            page("three", question("c", "text", show_if=asks("b", "le", 6))),
        )
        assert codes(data) == {
            "pages.1.show_if": "page_unreachable",
            "pages.2.questions.0.show_if": "question_unreachable",
        }

    def test_what_follows_from_a_wrong_condition_is_not_guessed(self):
        found = of(
            question("a", "nps"),
            question("b", "nps", show_if=asks("b", "le", 6)),
            question("c", "text", show_if={"all": [asks("b", "le", 6), asks("a", "ge", 9)]}),
        )
        assert found == {"1.show_if.question": "condition_asks_itself"}

    def test_too_involved_is_said_instead_of_computed(self):
        """Every one of 3^14 ways fails only at its end."""
        many = [question(f"q{n}", "single", choices=choices("x", "y")) for n in range(40)]
        groups = [
            {"any": [asks(f"q{n}", "eq", "x"), asks(f"q{n}", "eq", "y"), asks(f"q{n}", "answered")]} for n in range(14)
        ]
        clash = {"any": [asks("q39", "eq", "y"), asks("q39", "not_answered")]}
        last = question("last", "text", show_if={"all": [clash, *groups, asks("q39", "eq", "x")]})
        found = of(*many, last)
        assert found == {"40.show_if": "condition_too_involved"}
