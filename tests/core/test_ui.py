"""The widget set: what each tag writes."""

import datetime as dt
from decimal import Decimal
from types import SimpleNamespace

import django_filters
import pytest
from django import forms
from django.contrib.auth.models import AnonymousUser
from django.template import Context, Template, TemplateSyntaxError
from django.test import RequestFactory
from django.utils import timezone, translation

from core.paging import Page
from core.templatetags import ui
from users.models import User


def render(text, query="", language="en", **context):
    request = RequestFactory().get(f"/list/{query}")
    request.user = AnonymousUser()
    with translation.override(language):
        return Template(text).render(Context({"request": request, **context}))


class ColourForm(forms.Form):
    name = forms.CharField(label="name", help_text="As on the contract.")
    since = forms.DateField(label="since", required=False, initial=dt.date(2026, 3, 1))
    colour = forms.ChoiceField(label="colour", choices=[("r", "Red"), ("b", "Blue")])
    keep = forms.BooleanField(label="keep", required=False)
    notes = forms.CharField(label="notes", widget=forms.Textarea, required=False)
    sections = [("Looks", ["colour", "keep"])]


class PeopleFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label="Search", method="nothing")
    role = django_filters.MultipleChoiceFilter(label="role", choices=[("a", "Ann"), ("b", "Bob")])
    active = django_filters.BooleanFilter(label="active", field_name="is_active")
    joined = django_filters.DateFromToRangeFilter(label="joined", field_name="date_joined")

    class Meta:
        model = User
        fields = []

    def nothing(self, queryset, name, value):
        return queryset


class TestBadgesAndNumbers:
    def test_a_tier_is_a_letter_with_a_name(self):
        html = render("{% tier_badge 'A' %}")

        assert ">A<" in html
        assert 'title="Tier A"' in html

    def test_no_tier_is_a_dash(self):
        assert "No tier" in render("{% tier_badge '' %}")

    def test_money_is_compact_with_all_digits_on_hover(self):
        html = render("{% money amount 'CNY' %}", amount=Decimal("1234567.89"))

        assert ">¥1.23M<" in html
        assert 'title="CNY\u00a01,234,567.89"' in html

    def test_money_in_chinese_counts_in_ten_thousands(self):
        assert ">¥123万<" in render("{% money amount 'CNY' %}", language="zh-hans", amount=Decimal("1234567.89"))

    def test_money_can_show_everything(self):
        assert ">GBP\u00a01,234,567.89<" in render("{% money amount 'GBP' full=True %}", amount=Decimal("1234567.89"))

    def test_nothing_is_a_dash(self):
        for tag in ("money", "number", "percent", "day", "when"):
            assert "–" in render(f"{{% {tag} nothing %}}", nothing=None)

    @pytest.mark.parametrize(
        ("share", "css", "text"), [("0.1", "up", "+10%"), ("-0.034", "down", "−3.4%"), ("0.001", "flat", "+0.1%")]
    )
    def test_a_trend_has_direction_and_sign(self, share, css, text):
        html = render("{% trend share %}", share=Decimal(share))

        assert f"trend-{css}" in html
        assert text in html

    def test_a_date_is_written_as_the_language_does(self):
        context = {"value": dt.date(2026, 3, 9)}

        assert "2026年3月9日" in render("{% day value %}", language="zh-hans", **context)
        assert 'datetime="2026-03-09"' in render("{% day value %}", **context)

    def test_a_moment_is_relative_with_the_exact_time_on_hover(self):
        now = timezone.now()

        assert "just now" in render("{% when value %}", value=now)
        html = render("{% when value %}", value=now - dt.timedelta(hours=3))
        assert "3\u00a0hours ago" in html
        assert "title=" in html
        assert "ago" not in render("{% when value %}", value=now - dt.timedelta(days=30))


class TestLists:
    def test_query_string_changes_one_parameter_and_leaves_the_page(self):
        assert render("{% query_string sort='name' %}", "?tier=A&cursor=xyz") == "?tier=A&amp;sort=name"

    def test_sort_header_turns_the_current_sort_round(self):
        html = render("{% sort_header 'name' 'Name' %}", sort_key="name")

        assert 'aria-sort="ascending"' in html
        assert 'href="?sort=-name"' in html

    def test_sort_header_of_another_column_starts_as_asked(self):
        html = render("{% sort_header 'revenue' 'Revenue' first='desc' class='text-end' %}", sort_key="name")

        assert "aria-sort" not in html
        assert 'href="?sort=-revenue"' in html
        assert 'class="text-end"' in html

    def test_pager_links_the_neighbours_and_keeps_the_filters(self):
        html = render(
            "{% pager page count %}",
            "?tier=A",
            page=Page([1], next_cursor="n", previous_cursor=None),
            count=(1000, False),
        )

        assert "tier=A&amp;cursor=n" in html
        assert "1,000+ rows" in html

    def test_pager_of_one_page_shows_only_the_count(self):
        html = render("{% pager page count %}", page=Page([1]), count=(1, True))

        assert "href" not in html
        assert "1 row<" in html.replace("\n", "")

    def test_empty_state_names_the_next_step(self):
        html = render("{% empty_state 'No orders' 'Import some.' '/x/' 'Import' %}")

        assert "No orders" in html
        assert 'href="/x/"' in html


@pytest.mark.django_db
class TestFilterBar:
    def bar(self, query=""):
        request = RequestFactory().get(f"/list/{query}")
        return render("{% filter_bar filter %}", query, filter=PeopleFilter(request.GET, queryset=User.objects.all()))

    def test_every_filter_has_a_labelled_control(self):
        html = self.bar()

        assert 'name="q"' in html
        assert 'type="checkbox" name="role" value="a"' in html
        assert 'for="id_active"' in html

    def test_active_filters_are_chips_that_remove_one_value(self):
        html = self.bar("?role=a&role=b&active=true&sort=name&cursor=c")

        assert 'href="?role=b&amp;active=true&amp;sort=name"' in html
        assert 'href="?role=a&amp;role=b&amp;sort=name"' in html
        assert '<span class="chip-label">Role</span>' in html

    def test_a_range_has_a_chip_for_each_end(self):
        html = self.bar("?joined_after=2026-01-01&joined_before=2026-02-01")

        assert 'href="?joined_before=2026-02-01"' in html
        assert "</span> ≥ 1 Jan 2026<" in html

    def test_an_invalid_value_is_said(self):
        assert 'role="alert"' in self.bar("?joined_after=yesterday")

    def test_what_the_page_itself_asks_for_is_kept_and_is_no_chip(self, monkeypatch):
        monkeypatch.setattr(PeopleFilter, "kept", ("role",), raising=False)
        html = self.bar("?role=a&active=true&sort=name")

        assert '<input type="hidden" name="role" value="a">' in html
        assert '<span class="chip-label">Role</span>' not in html
        assert 'class="chip-reset" href="?role=a&amp;sort=name"' in html


class TestForms:
    def test_labels_help_and_required_marks(self):
        html = str(ColourForm())

        assert '<label class="form-label" for="id_name">' in html
        assert 'id="id_name_helptext"' in html
        assert 'aria-describedby="id_name_helptext"' in html
        assert 'class="required"' in html

    def test_dates_are_native_inputs_in_iso(self):
        html = str(ColourForm())

        assert 'type="date"' in html
        assert 'value="2026-03-01"' in html

    def test_sections_come_under_their_heading(self):
        html = str(ColourForm())

        assert "<legend>Looks</legend>" in html
        assert html.index('name="notes"') < html.index("<legend>Looks") < html.index('name="colour"')

    def test_errors_stand_in_the_summary_and_beside_the_field_and_input_is_kept(self):
        html = str(ColourForm({"name": "", "since": "31 February", "notes": "kept <b>"}))

        assert 'role="alert"' in html
        assert '<a href="#id_name">Name</a>' in html
        assert 'class="field-error" id="id_name_error"' in html
        assert 'aria-invalid="true"' in html
        assert "kept &lt;b&gt;" in html


class TestCharts:
    OPTION = {
        "kam": {"number": "money", "currency": "CNY", "head": "Month"},
        "xAxis": {"type": "category", "data": ["2026-01", "2026-02"]},
        "series": [{"name": "Revenue", "type": "bar", "data": [1200000, None]}],
    }

    def test_the_option_travels_as_json(self):
        html = render("{% chart 'revenue' option title='Revenue' size='sm' %}{% endchart %}", option=self.OPTION)

        assert '<script id="revenue" type="application/json">' in html
        assert 'data-chart="revenue"' in html
        assert 'aria-label="Revenue"' in html

    def test_its_table_stands_behind_a_toggle_and_travels_as_numbers(self):
        html = render("{% chart 'revenue' option title='Revenue' %}{% endchart %}", option=self.OPTION)

        assert "As a table" in html
        assert "1.20M</span>" in html
        assert '{"head": ["Month", "Revenue (CNY)"], "rows": [["2026-01", 1200000], ["2026-02", null]]}' in html

    def test_the_page_may_have_a_table_of_its_own(self):
        html = render(
            "{% chart 'revenue' option title='R' open=True %}<table id='own'></table>{% endchart %}", option=self.OPTION
        )

        assert "<table id='own'>" in html
        assert "As a table" not in html

    def test_without_data_it_says_why(self):
        html = render("{% chart 'revenue' option title='R' empty=why %}{% endchart %}", option=None, why="No <b>")

        assert "No &lt;b&gt;" in html
        assert "data-chart=" not in html
        assert "data-chart-save" not in html

    def test_an_unknown_size_is_refused(self):
        with pytest.raises(TemplateSyntaxError):
            render("{% chart 'revenue' option size='huge' %}{% endchart %}", option=self.OPTION)


class TestInitials:
    @pytest.mark.parametrize(("name", "expected"), [("王小明", "小明"), ("Emma Smith", "ES"), ("Bob", "B"), ("", "?")])
    def test_fit_an_avatar(self, name, expected):
        assert render("{{ name|initials }}", name=name) == expected


class TestSelects:
    def test_are_written_as_django_does(self):
        class GroupForm(forms.Form):
            city = forms.ChoiceField(
                choices=[("", "---------"), ("Asia", [("sh", "Shanghai & co"), ("hk", "Hong Kong")]), ("x", "<Else>")]
            )

        bound = GroupForm({"city": "hk"})["city"]
        ours = render("{% control field %}", field=bound)

        assert '<optgroup label="Asia">' in ours
        assert '<option value="hk" selected>Hong Kong</option>' in ours
        assert "Shanghai &amp; co" in ours
        assert "&lt;Else&gt;" in ours
        assert 'id="id_city"' in ours
        assert '<option value="">–</option>' in ours


class TestUndo:
    @pytest.mark.parametrize(
        ("tags", "expected"),
        [("undo:/steps/1/reopen/", "/steps/1/reopen/"), ("undo:https://evil.example/", ""), ("other", ""), (None, "")],
    )
    def test_leads_only_to_ours(self, tags, expected):
        assert ui.undo_url(SimpleNamespace(extra_tags=tags)) == expected
