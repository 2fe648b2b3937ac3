"""Forms of imports: the file, and how it is read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.money import CURRENCY_CHOICES
from integrations.services.imports import MAX_UPLOAD
from orders.intake.columns import FIELDS, PRICES, REQUIRED
from orders.intake.problems import FIELD_NAMES
from orders.intake.profile import CHOICES, Profile, make_profile
from orders.services.profiles import profile_names
from users.models import Role, User

COLUMN = "column_"

RULE_CHOICES = {
    "encoding": {"auto": _("find out"), "utf-8": "UTF-8", "gb18030": "GB18030", "utf-16": "UTF-16", "big5": "Big5",
                 "cp1252": "Windows-1252"},
    "delimiter": {"auto": _("find out"), ",": _("comma"), ";": _("semicolon"), "\t": _("tab"), "|": "|"},
    "numbers": {"auto": _("find out"), "point": "1,234.56", "comma": "1.234,56"},
    "dates": {"auto": _("find out"), "ymd": _("2026-03-31 only"), "dmy": _("31/03/2026"), "mdy": _("03/31/2026")},
    "without_account": {"reject": _("are bad"), "skip": _("are left out")},
    "zero_price": {"accept": _("count"), "skip": _("are left out")},
    "negative_quantity": {"return": _("are returns"), "skip": _("are left out")},
}  # fmt: skip


class UploadForm(forms.Form):
    """A file, and the profile to begin with."""

    file = forms.FileField(
        label=_("File"),
        help_text=format_lazy(_("CSV, CSV.gz or XLSX, at most {size}."), size=filesizeformat(MAX_UPLOAD)),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.gz,.txt,.tsv,.xlsx"}),
    )
    profile = forms.ChoiceField(
        label=pgettext_lazy("of an import", "Profile"),
        initial="generic",
        help_text=_("How files of this kind are read; you can change it next."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["profile"].choices = [(name, name) for name in profile_names()]

    def clean_file(self) -> UploadedFile:
        """Refuse what is too large before it is kept."""
        file: UploadedFile = self.cleaned_data["file"]
        if file.size is not None and file.size > MAX_UPLOAD:
            raise forms.ValidationError(
                _("The file is too large: at most %(limit)s."), params={"limit": filesizeformat(MAX_UPLOAD)}
            )
        return file


class MappingForm(forms.Form):
    """Which column is which field, how the file writes things, which rows count, and what to do with it."""

    currency = forms.ChoiceField(
        label=_("Currency"),
        required=False,
        choices=[("", "–"), *CURRENCY_CHOICES],
        help_text=_("Of amounts where the file has no currency."),
    )
    source = forms.CharField(
        label=_("Source system"),
        max_length=40,
        required=False,
        help_text=_("Order numbers are unique within it: the same number from the same source is the same order."),
    )
    create_accounts = forms.BooleanField(label=_("Create accounts that do not exist yet"), required=False)
    manager = forms.ModelChoiceField(
        label=_("Account manager of new accounts"),
        required=False,
        queryset=User.objects.filter(is_active=True, role__in=[Role.ACCOUNT_MANAGER, Role.SUPERVISOR]).order_by("name"),
    )
    good_only = forms.BooleanField(
        label=_("Import the good rows, give me the bad ones back"),
        required=False,
        help_text=_("Otherwise one bad row stops the whole import and nothing is written."),
    )

    encoding = forms.ChoiceField(label=_("Encoding"), required=False)
    delimiter = forms.ChoiceField(label=_("Columns are separated by"), required=False)
    numbers = forms.ChoiceField(label=_("Numbers are written"), required=False)
    dates = forms.ChoiceField(label=_("Dates are written"), required=False)
    without_account = forms.ChoiceField(label=_("Rows without an account"), required=False)
    zero_price = forms.ChoiceField(label=_("Rows with a price of zero"), required=False)
    negative_quantity = forms.ChoiceField(label=_("Negative quantities"), required=False)
    goods = forms.CharField(
        label=_("Product codes of goods"),
        required=False,
        max_length=300,
        help_text=_("A regular expression; other products are left out. Empty: all count."),
    )
    credit_prefixes = forms.CharField(
        label=_("Credit notes begin with"), required=False, max_length=100, help_text=_("Several: with spaces between.")
    )
    ignored_prefixes = forms.CharField(label=_("Left out: numbers that begin with"), required=False, max_length=100)
    void_hours = forms.IntegerField(
        label=_("Void within hours"),
        required=False,
        min_value=0,
        max_value=2160,
        help_text=_("A line and the credit that cancels it within so many hours are both left out; 0: never."),
    )
    duplicates = forms.BooleanField(label=_("Leave out rows that occur twice"), required=False)
    profile_name = forms.CharField(
        label=_("Save as profile"), max_length=60, required=False, help_text=_("For the next file of this kind.")
    )

    def __init__(self, *args: Any, header: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        headings = [("", "–"), *[(heading, heading) for heading in dict.fromkeys(header) if heading]]
        for name in FIELDS:
            field = forms.ChoiceField(label=FIELD_NAMES[name], choices=headings, required=False)
            field.is_needed = name in REQUIRED or name in PRICES  # shown by the template
            self.fields[COLUMN + name] = field
        for name in CHOICES:
            self.fields[name].choices = list(RULE_CHOICES[name].items())

    @classmethod
    def initial_of(cls, profile: Profile, columns: dict[str, str]) -> dict[str, Any]:
        """What the form shows for a profile with these columns."""
        rules = profile.rules
        shown = {name: getattr(rules, name) for name in (*CHOICES, "goods", "void_hours", "duplicates", "source")}
        return {
            **shown,
            "currency": rules.currency or settings.REPORTING_CURRENCY,
            "credit_prefixes": " ".join(rules.credit_prefixes),
            "ignored_prefixes": " ".join(rules.ignored_prefixes),
            **{COLUMN + name: heading for name, heading in columns.items()},
        }

    @property
    def column_fields(self) -> list[forms.BoundField]:
        return [self[COLUMN + name] for name in FIELDS]

    @property
    def rule_fields(self) -> list[forms.BoundField]:
        names = (*CHOICES, "goods", "credit_prefixes", "ignored_prefixes", "void_hours", "duplicates")
        return [self[name] for name in names]

    def profile(self, base: Profile) -> Profile:
        """`base` with what the form says. Raises BadProfile. Only after is_valid()."""
        data = self.cleaned_data
        columns = {name: data[COLUMN + name] for name in FIELDS if data.get(COLUMN + name)}
        rules = {name: data[name] for name in CHOICES if data.get(name)}
        rules |= {"goods": data["goods"], "source": data["source"], "duplicates": data["duplicates"]}
        rules |= {name: data[name].split() for name in ("credit_prefixes", "ignored_prefixes")}
        rules |= {"void_hours": data["void_hours"] or 0, "currency": data["currency"]}
        rules["product_lines"] = base.rules.product_lines
        return make_profile(data["profile_name"] or base.name, columns, rules)
