"""Products and product lines that orders bring along."""

from __future__ import annotations

from collections.abc import Iterable

from audit.services import entry, record_many
from orders.models import Product, ProductLine
from orders.services.batch import LineRow
from users.models import User

UNASSIGNED = ("UNASSIGNED", "未分类", "Unassigned")
_LOOKUP = 5000


def ensure_products(lines: Iterable[LineRow], *, actor: User | None) -> dict[str, int]:
    """Product code -> id for every line; products and product lines that are new are added, with audit entries.

    The first line that names a product gives its name and product line; products that exist are left alone.
    """
    wanted: dict[str, LineRow] = {}
    for line in lines:
        known = wanted.setdefault(line.product_code, line)
        if line.product_name and not known.product_name:
            wanted[line.product_code] = line
    ids = _product_ids(wanted)
    missing = [line for code, line in wanted.items() if code not in ids]
    if missing:
        line_ids = ensure_lines({line.product_line for line in missing}, actor=actor)
        new = Product.objects.bulk_create(
            Product(
                code=line.product_code,
                name=(line.product_name or line.product_code)[:200],
                line_id=line_ids[line.product_line],
            )
            for line in missing
        )
        record_many(entry("product.created", product, actor=actor) for product in new)
        ids |= {product.code: product.pk for product in new}
    return ids


def ensure_lines(
    codes: Iterable[str], *, actor: User | None, names: dict[str, tuple[str, str]] | None = None
) -> dict[str, int]:
    """Product line code -> id; lines that are new are added, named by `names` (code -> name, English name) or the code.

    No code ("") is the line of unassigned products.
    """
    stored_codes = {code: code or UNASSIGNED[0] for code in codes}
    ids = dict(ProductLine.objects.filter(code__in=stored_codes.values()).order_by().values_list("code", "pk"))
    known_names = {UNASSIGNED[0]: UNASSIGNED[1:], **(names or {})}
    new = ProductLine.objects.bulk_create(
        ProductLine(code=code, name=known_names.get(code, (code, ""))[0], name_en=known_names.get(code, (code, ""))[1])
        for code in sorted(set(stored_codes.values()).difference(ids))
    )
    record_many(entry("product_line.created", line, actor=actor) for line in new)
    ids |= {line.code: line.pk for line in new}
    return {code: ids[stored] for code, stored in stored_codes.items()}


def _product_ids(codes: Iterable[str]) -> dict[str, int]:
    ids: dict[str, int] = {}
    remaining = list(codes)
    for start in range(0, len(remaining), _LOOKUP):
        found = Product.objects.filter(code__in=remaining[start : start + _LOOKUP]).order_by()
        ids |= dict(found.values_list("code", "pk"))
    return ids
