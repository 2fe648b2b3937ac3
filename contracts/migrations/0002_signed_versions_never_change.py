"""Signed versions never change: the database refuses it, whoever asks."""

from django.db import migrations

# What is fixed once a version is signed: of instalments, not the due date of an event, invoice, settlement and `is_current`.
MESSAGE = "a signed version of a contract never changes"
FIXED = {
    "contracts_contractversion": (
        "contract_id", "number", "status", "reason", "effective_date", "start_date", "end_date", "notice_days",
        "auto_renewal_months", "tax_rate", "payment_terms", "terms", "list_amount", "net_amount", "tax_amount",
        "gross_amount", "signed_on", "author_id",
    ),
    "contracts_contractline": (
        "version_id", "position", "product_line_id", "description", "quantity", "unit", "unit_price", "discount", "amount",
    ),
    "contracts_signatory": ("version_id", "side", "user_id", "name", "position"),
    "contracts_instalment": ("contract_id", "version_id", "position", "title", "amount", "due_by", "event", "days_after"),
}


def _signed(table, row):
    if table == "contracts_contractversion":
        return f"{row}.status = 'signed'"
    return f"(SELECT status FROM contracts_contractversion WHERE id = {row}.version_id) = 'signed'"


def add_triggers(apps, schema_editor):
    for table, columns in FIXED.items():
        if schema_editor.connection.vendor == "postgresql":
            _postgresql(schema_editor, table, columns)
        else:
            _sqlite(schema_editor, table, columns)


def _postgresql(schema_editor, table, columns):
    changed = " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in columns)
    inserted = "" if table == "contracts_contractversion" else f"""
        IF TG_OP = 'INSERT' THEN
            IF {_signed(table, "NEW")} THEN RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'integrity_constraint_violation'; END IF;
            RETURN NEW;
        END IF;"""
    events = "UPDATE OR DELETE" if table == "contracts_contractversion" else "INSERT OR UPDATE OR DELETE"
    schema_editor.execute(f"""
        CREATE FUNCTION {table}_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN{inserted}
            IF {_signed(table, "OLD")} AND (TG_OP = 'DELETE' OR ({changed})) THEN
                RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
        END $$""")
    schema_editor.execute(
        f"CREATE TRIGGER {table}_fixed BEFORE {events} ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_fixed()"
    )


def _sqlite(schema_editor, table, columns):
    changed = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in columns)
    refuse = f"SELECT RAISE(ABORT, '{MESSAGE}')"
    schema_editor.execute(
        f"CREATE TRIGGER {table}_fixed_update BEFORE UPDATE ON {table} "
        f"WHEN {_signed(table, 'OLD')} AND ({changed}) BEGIN {refuse}; END"
    )
    schema_editor.execute(
        f"CREATE TRIGGER {table}_fixed_delete BEFORE DELETE ON {table} WHEN {_signed(table, 'OLD')} BEGIN {refuse}; END"
    )
    if table != "contracts_contractversion":
        schema_editor.execute(
            f"CREATE TRIGGER {table}_fixed_insert BEFORE INSERT ON {table} WHEN {_signed(table, 'NEW')} BEGIN {refuse}; END"
        )


def remove_triggers(apps, schema_editor):
    for table in FIXED:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"DROP TRIGGER {table}_fixed ON {table}")
            schema_editor.execute(f"DROP FUNCTION {table}_fixed()")
        else:
            for event in ("update", "delete", "insert"):
                schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_fixed_{event}")


class Migration(migrations.Migration):
    dependencies = [("contracts", "0001_initial")]
    operations = [migrations.RunPython(add_triggers, remove_triggers)]
