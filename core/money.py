"""Currencies: ISO 4217 codes, their minor units, and rounding to them."""

from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext_lazy as _

# ISO 4217: code -> (name, number of decimals of the minor unit)
CURRENCIES = {
    "CNY": (_("Chinese yuan"), 2),
    "USD": (_("US dollar"), 2),
    "EUR": (_("Euro"), 2),
    "GBP": (_("Pound sterling"), 2),
    "JPY": (_("Japanese yen"), 0),
    "HKD": (_("Hong Kong dollar"), 2),
    "TWD": (_("New Taiwan dollar"), 2),
    "MOP": (_("Macanese pataca"), 2),
    "SGD": (_("Singapore dollar"), 2),
    "KRW": (_("South Korean won"), 0),
    "THB": (_("Thai baht"), 2),
    "VND": (_("Vietnamese dong"), 0),
    "MYR": (_("Malaysian ringgit"), 2),
    "IDR": (_("Indonesian rupiah"), 2),
    "INR": (_("Indian rupee"), 2),
    "AUD": (_("Australian dollar"), 2),
    "NZD": (_("New Zealand dollar"), 2),
    "CAD": (_("Canadian dollar"), 2),
    "CHF": (_("Swiss franc"), 2),
    "SEK": (_("Swedish krona"), 2),
    "NOK": (_("Norwegian krone"), 2),
    "DKK": (_("Danish krone"), 2),
    "PLN": (_("Polish zloty"), 2),
    "CZK": (_("Czech koruna"), 2),
    "BRL": (_("Brazilian real"), 2),
    "MXN": (_("Mexican peso"), 2),
    "ZAR": (_("South African rand"), 2),
    "AED": (_("UAE dirham"), 2),
    "SAR": (_("Saudi riyal"), 2),
    "KWD": (_("Kuwaiti dinar"), 3),
    "BHD": (_("Bahraini dinar"), 3),
    "RUB": (_("Russian rouble"), 2),
    "TRY": (_("Turkish lira"), 2),
}
CURRENCY_CHOICES = [(code, name) for code, (name, _digits) in CURRENCIES.items()]


def minor_digits(currency: str) -> int:
    """Decimals of the currency's minor unit (ISO 4217): 2 for CNY, 0 for JPY, 3 for KWD. Raises KeyError if unknown."""
    return CURRENCIES[currency][1]


def round_amount(amount: Decimal, currency: str) -> Decimal:
    """`amount` rounded half up to the currency's minor unit."""
    return amount.quantize(Decimal(1).scaleb(-minor_digits(currency)), rounding=ROUND_HALF_UP)
