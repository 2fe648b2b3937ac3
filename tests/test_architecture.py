"""The house rules as code: floors, doors, scoped reads, writes in services only, sizes."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command

ROOT = Path(settings.BASE_DIR)

# From the ground up; the rooms of one floor know nothing of each other.
FLOORS = [
    {"core"},
    {"audit"},
    {"users"},
    {"search", "notifications"},
    {"approvals"},
    {"accounts"},
    {"contacts"},
    {"interactions"},
    {"orders"},
    {"contracts", "cases", "plans"},
    {"surveys"},
    {"tiers", "health"},
    {"dashboards", "integrations"},
    {"kam"},
]
FLOOR = {app: number for number, floor in enumerate(FLOORS) for app in floor}
APPS = sorted(app for app in FLOOR if (ROOT / app / "__init__.py").exists())

# Files that speak HTTP; everything else is rules and rows.
DOORS = {"views", "api", "urls", "admin", "pages", "http", "middleware", "auth_urls", "adapter", "forms", "filters"}
DOORS |= {"templatetags", "health", "apps"}
# What each kind of file may not import of its own app.
UPPER = {"views", "api", "urls", "admin", "pages"}
NOT_IMPORTED_BY = {
    "access": {"services", "forms", "filters", "tasks"} | UPPER,
    "querysets": {"services", "forms", "filters", "tasks"} | UPPER,
    "models": {"services", "forms", "filters", "tasks"} | UPPER,
    "services": {"forms", "filters", "tasks"} | UPPER,
    "forms": {"tasks"} | UPPER,
    "filters": {"tasks"} | UPPER,
    "tasks": {"forms", "filters"} | UPPER,
    "views": {"api", "urls", "admin"},
    "api": {"views", "urls", "admin"},
}
HTTP = (
    "django.http",
    "django.shortcuts",
    "django.views",
    "django.contrib.messages",
    "rest_framework",
    "drf_spectacular",
)

# Exceptions, each with its reason.
SPEAKS_HTTP_ALL_THE_SAME = {
    "core/filterbar.py": "part of the page: takes a query string apart and puts it together again",
    "core/exports.py": "a list is asked for by the query string of its page, which its FilterSet reads",
    "dashboards/models/exports.py": "keeps that query string",
    "dashboards/services/exports.py": "as above",
}
POINTS_UP_BY_NAME = {
    "audit/filters.py accounts": "finds an account by its code, as an entry finds its own row: by name, when asked",
}
READS_UNSCOPED = {
    "accounts/api/views.py ManagerAssignment": "the answer to an assignment just made to an account that was scoped",
    "accounts/views/accounts.py Account": "asks only whether the group has more accounts than the user sees",
    "core/api/writing.py model": "holds a row for the update that follows, which looks it up among what is visible",
    "health/pages.py Alert": "all of the rows of a page that were found among what is visible",
    "orders/api/views.py ExchangeRate": "rates are the company's, as its calendar is: known to everybody who logs in",
    "orders/api/views.py OrderLine": "prefetched for orders that are scoped",
    "orders/views/catalogue.py ExchangeRate": "as above",
}
WRITES_OUTSIDE_SERVICES: dict[str, str] = {
    "contracts/documents/docx.py": "saves a Word file into memory, no row",
    "contracts/documents/standard.py": "saves a Word file into memory, no row",
    "core/idempotency.py": "answers of the API under keys; what was done is recorded where it happens",
}
AUDITED_ELSEWHERE = {
    "contracts/services/numbers.py": "a number is part of the draft that drafts.py records",
    "contracts/services/parts.py": "writes the rows of versions that drafts.py and amendments.py record",
    "contracts/services/settling.py": "derived from receipts and plans whose change is recorded",
    "audit/services.py": "writes the audit entries themselves",
    "dashboards/services/company.py": "sums of orders, coverage, scores and answers, whose making is recorded",
    "health/services/jobs.py": "how far a night is; what it raises is recorded by alerting.py",
    "health/services/playbook_comparing.py": "derived from scores and runs of playbooks whose start is recorded",
    "health/services/storing.py": "scores are derived from rows whose change is recorded",
    "integrations/services/contract_rejects.py": "the file beside an import whose end contract_imports.py records",
    "integrations/services/contact_rejects.py": "the file beside an import whose end contact_imports.py records",
    "interactions/services/coverage.py": "derived from interactions whose change is recorded",
    "notifications/services/inbox.py": "a user's own box; what its notes tell about is recorded where it happens",
    "notifications/services/outbox.py": "how far a message is; what people do with it is recorded by deliveries.py",
    "notifications/services/routing.py": "the outbox follows from notifications, and what they tell about is recorded",
    "orders/services/rows.py": "puts rows into tables for upsert.py, which records",
    "surveys/services/folding.py": "sums of answers, derived from responses whose making is recorded",
    "surveys/services/holders.py": "as above",
    "surveys/services/satisfaction.py": "as above, of accounts",
    "surveys/services/outbox.py": "how far mails are whose invitation is recorded, as is what came back",
    "health/services/alert_summary.py": "derived from alerts whose change is recorded",
    "search/services.py": "the index is derived from rows whose change is recorded",
}
READS_THE_CLOCK = {
    "accounts/querysets.py": "the access rule is asked everywhere; `today` is an argument for tests and jobs",
    "audit/services.py": "the time of the entry, which auto_now_add sets where there is no COPY",
    "contacts/duties.py": "a duty is what one answers for today; the registry asks without a date",
    "contracts/search.py": "a hit says the state of the day; the search asks without a date",
    "notifications/channels/signing.py": "a signature carries the second in which it is sent, which no caller knows",
    "orders/services/rows.py": "created and updated, which auto_now sets where there is no COPY",
}
NOT_SCOPED_MODELS = {
    "accounts.AccountSummary": "one row beside the account, read by joining from accounts that are scoped",
}
SCOPED_OTHERWISE = {
    "accounts/views/accounts.py account_lookup": "fills in the text only",
}


@cache
def sources() -> dict[str, ast.Module]:
    """Path from the root -> syntax tree, for every Python file of the apps but migrations."""
    files = [path for app in APPS for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts]
    return {str(path.relative_to(ROOT)): ast.parse(path.read_text()) for path in sorted(files)}


def part_of(path: str) -> str:
    """Which file of the app: `accounts/services/profile.py` is `services`."""
    pieces = Path(path).with_suffix("").parts
    return pieces[1] if len(pieces) > 1 else pieces[0]


def is_typing_only(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def walk(tree: ast.AST) -> Iterator[ast.AST]:
    """Every node that runs: annotations' imports under TYPE_CHECKING do not."""
    for child in ast.iter_child_nodes(tree):
        if not is_typing_only(child):
            yield child
            yield from walk(child)


def imports(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """(module, line), where `from a.b import c` is `a.b.c`; a model fetched by name counts as well."""
    for node in walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("get_model", "import_string")):
            yield from ((arg.value, node.lineno) for arg in node.args[:1] if isinstance(arg, ast.Constant))


def report(found: list[str]) -> None:
    assert not found, "\n" + "\n".join(found)


class TestFloors:
    def test_every_app_has_a_floor(self):
        ours = {config.label for config in apps.get_app_configs() if Path(config.path).parent == ROOT}
        assert ours <= set(FLOOR), "Give the new room its floor here and in pyproject.toml."

    def test_imports_point_down(self):
        found = []
        for path, tree in sources().items():
            app = path.split("/", 1)[0]
            for module, line in imports(tree):
                other = module.split(".", 1)[0]
                up = other != app and other in FLOOR and FLOOR[other] >= FLOOR[app]
                if up and f"{path} {module}" not in POINTS_UP_BY_NAME:
                    found.append(f"{path}:{line} imports {module}, which is not below {app}")
        report(found)

    def test_foreign_keys_point_down(self):
        found = []
        for model in apps.get_models(include_auto_created=True):
            app = model._meta.app_label
            for field in model._meta.get_fields():
                other = field.related_model._meta.app_label if field.concrete and field.related_model else app
                to_actor = app == "audit" and field.related_model == apps.get_model(settings.AUTH_USER_MODEL)
                if app in FLOOR and other in FLOOR and other != app and FLOOR[other] >= FLOOR[app] and not to_actor:
                    found.append(f"{model._meta.label}.{field.name} points up or across to {other}")
        report(found)


class TestOrderInsideAnApp:
    def test_lower_files_do_not_import_upper_ones(self):
        found = []
        for path, tree in sources().items():
            app, part = path.split("/", 1)[0], part_of(path)
            for module, line in imports(tree):
                pieces = module.split(".")
                if pieces[0] == app and len(pieces) > 1 and pieces[1] in NOT_IMPORTED_BY.get(part, ()):
                    found.append(f"{path}:{line} imports {module}")
        report(found)

    def test_rules_speak_no_http(self):
        found = []
        for path, tree in sources().items():
            door = part_of(path) in DOORS or path.startswith(("kam/", "core/api/")) or path in SPEAKS_HTTP_ALL_THE_SAME
            if not door:
                found += [f"{path}:{line} imports {m}" for m, line in imports(tree) if m.startswith(HTTP)]
        report(found)

    def test_rules_do_not_read_the_clock(self):
        """Clock and actor are arguments: only views, tasks and commands read the clock."""
        clocks = re.compile(
            r"\b(timezone\.(now|localdate|localtime)\(\)|(date|datetime)\.(today|now|utcnow)\b|time\.time\()"
        )
        free = DOORS | {"tasks", "management"}
        found = []
        for path, tree in sources().items():
            if part_of(path) in free or path.startswith("kam/") or path in READS_THE_CLOCK:
                continue
            calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
            found += [
                f"{path}:{call.lineno} {ast.unparse(call)}"
                for call in calls
                if clocks.search(ast.unparse(call.func) + "()" * (not call.args))
            ]
        report(found)

    def test_exceptions_name_files_that_exist(self):
        lists = [SPEAKS_HTTP_ALL_THE_SAME, POINTS_UP_BY_NAME, READS_UNSCOPED, WRITES_OUTSIDE_SERVICES]
        lists += [AUDITED_ELSEWHERE, READS_THE_CLOCK, SCOPED_OTHERWISE]
        report([name for exceptions in lists for name in exceptions if name.split(" ")[0] not in sources()])

    def test_no_signals(self):
        report([f"{path} uses signals" for path, tree in sources().items() if "django.dispatch" in ast.unparse(tree)])


def chains(tree: ast.Module) -> Iterator[tuple[ast.AST, str, list[str]]]:
    """Every use of a model's manager: (node, model, names called on it), as `Order.objects.visible_to(u).first()`."""
    parents = {child: node for node in walk(tree) for child in ast.iter_child_nodes(node)}
    for node in walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in ("objects", "_base_manager", "_default_manager"):
            names, top = [], node
            while isinstance(parent := parents.get(top), ast.Attribute | ast.Call):
                if isinstance(parent, ast.Call) and parent.func is not top:
                    break
                if isinstance(parent, ast.Attribute):
                    names.append(parent.attr)
                top = parent
            yield top, ast.unparse(node.value), names


class TestReads:
    def test_doors_read_scoped_rows(self):
        """Views and APIs begin at visible_to or editable_by; serializers name a set that they scope per request."""
        found = []
        for path, tree in sources().items():
            if part_of(path) not in ("views", "api", "pages"):
                continue
            named = {
                id(key.value)
                for node in ast.walk(tree)
                for key in getattr(node, "keywords", ())
                if key.arg == "queryset"
            }
            for top, model, names in chains(tree):
                # `of(row)` and `of_account(id)` are the audit's: the row has been found by its own scope.
                scoped = {"visible_to", "editable_by", "of", "of_account"} & set(names)
                choices = "/api/" in path and path.endswith("serializers.py") and id(top) in named
                if not scoped and not choices and f"{path} {model}" not in READS_UNSCOPED:
                    found.append(f"{path}:{top.lineno} {ast.unparse(top)}")
            for node in walk(tree):
                bare = isinstance(node, ast.Call) and re.match(
                    r"get_(object|list)_or_404\([A-Z]\w*[,)]", ast.unparse(node)
                )
                found += [f"{path}:{node.lineno} {ast.unparse(node)}"] if bare else []
        report(found)

    def test_what_belongs_to_an_account_is_scoped(self):
        account = apps.get_model("accounts.Account")
        found = []
        for model in apps.get_models():
            fields = [f for f in model._meta.concrete_fields if f.many_to_one or f.one_to_one]
            direct = [f for f in fields if f.related_model is account and f.name == "account"]
            if direct and model._meta.label not in NOT_SCOPED_MODELS:
                manager = model._meta.default_manager
                found += [] if hasattr(manager, "visible_to") else [f"{model._meta.label} has no visible_to"]
                found += [] if hasattr(manager, "editable_by") else [f"{model._meta.label} has no editable_by"]
        report(found)

    def test_every_form_of_a_page_is_scoped(self):
        """A view that fills a form with related rows narrows the choices to what the user sees."""
        found = []
        for path, tree in sources().items():
            if part_of(path) != "views":
                continue
            choosers = {
                node.name
                for form in sources().items()
                if part_of(form[0]) in ("forms", "filters") and form[0].split("/")[0] == path.split("/")[0]
                for node in ast.walk(form[1])
                if isinstance(node, ast.ClassDef) and "ModelChoice" in ast.unparse(node)
            }
            for function in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]:
                text = ast.unparse(function)
                used = {name for name in choosers if re.search(rf"\b{name}\(", text)}
                if used and "scope_form(" not in text and f"{path} {function.name}" not in SCOPED_OTHERWISE:
                    found.append(f"{path}:{function.lineno} {function.name} does not scope {', '.join(sorted(used))}")
        report(found)


class TestWrites:
    MAKERS = frozenset({"create", "bulk_create", "bulk_update", "get_or_create", "update_or_create"})

    def written(self, tree: ast.Module) -> Iterator[ast.Call]:
        for node in walk(tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            verb, receiver = node.func.attr, ast.unparse(node.func.value)
            of_rows = ".objects" in receiver or ".filter(" in receiver or ".all()" in receiver
            unsaved = any(key.arg == "commit" and ast.unparse(key.value) == "False" for key in node.keywords)
            if (
                (verb in self.MAKERS and (of_rows or receiver.endswith(("objects", "_manager"))))
                or (verb in ("update", "delete") and of_rows)
                or (verb == "delete" and not node.args and not node.keywords)
                or (verb == "save" and not unsaved and receiver != "super()")
            ):
                yield node

    def test_only_services_write(self):
        found = []
        for path, tree in sources().items():
            if part_of(path) == "services" or path.startswith("kam/demo/") or path in WRITES_OUTSIDE_SERVICES:
                continue
            found += [f"{path}:{call.lineno} {ast.unparse(call)[:100]}" for call in self.written(tree)]
        report(found)

    def test_services_leave_an_audit_entry(self):
        """Every module of services that writes rows records it, itself or through the services it calls."""
        found = []
        for path, tree in sources().items():
            if part_of(path) == "services" and list(self.written(tree)):
                names = {module.rsplit(".", 1)[-1] for module, _line in imports(tree)}
                if not names & {"record", "record_many", "entry"} and path not in AUDITED_ELSEWHERE:
                    found.append(f"{path} writes and imports nothing of audit.services")
        report(found)


class TestSizeAndStyle:
    def test_files_up_to_400_lines(self):
        files = [path for name in [*APPS, "tests", "benchmarks", "bin"] for path in (ROOT / name).rglob("*.py")]
        files = [path for path in files if path.parent.name != "migrations"]
        lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in files}
        report([f"{path}: {length} lines" for path, length in lengths.items() if length > 400])

    def test_functions_up_to_40_lines(self):
        report(
            [
                f"{path}:{node.lineno} {node.name}: {node.end_lineno - node.lineno + 1} lines"
                for path, tree in sources().items()
                for node in ast.walk(tree)
                if isinstance(node, ast.FunctionDef) and node.end_lineno - node.lineno + 1 > 40
            ]
        )

    def test_nothing_is_left_to_do_and_nothing_prints(self):
        found = []
        for path, tree in sources().items():
            text = (ROOT / path).read_text()
            found += [f"{path}: {word}" for word in ("TODO", "FIXME", "XXX", "HACK") if re.search(rf"\b{word}\b", text)]
            calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
            found += [f"{path}:{call.lineno} prints" for call in calls if ast.unparse(call.func) in ("print", "pprint")]
        report(found)

    def test_migrations_are_up_to_date(self, db):
        out = StringIO()
        try:
            call_command("makemigrations", check=True, dry_run=True, stdout=out)
        except SystemExit:
            pytest.fail(f"Models have changed:\n{out.getvalue()}")
