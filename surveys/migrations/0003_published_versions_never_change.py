"""Published versions never change: the database refuses it, whoever asks."""

from django.db import migrations

TABLE = "surveys_questionnaireversion"
COLUMNS = ("questionnaire_id", "number", "status", "definition", "published_at", "author_id")
MESSAGE = "a published version of a questionnaire never changes"


def add_trigger(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        changed = " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in COLUMNS)
        schema_editor.execute(f"""
            CREATE FUNCTION {TABLE}_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF OLD.status = 'published' AND (TG_OP = 'DELETE' OR ({changed})) THEN
                    RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'integrity_constraint_violation';
                END IF;
                RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
            END $$""")
        schema_editor.execute(
            f"CREATE TRIGGER {TABLE}_fixed BEFORE UPDATE OR DELETE ON {TABLE} "
            f"FOR EACH ROW EXECUTE FUNCTION {TABLE}_fixed()"
        )
        return
    changed = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in COLUMNS)
    for event, condition in (("UPDATE", f" AND ({changed})"), ("DELETE", "")):
        schema_editor.execute(
            f"CREATE TRIGGER {TABLE}_fixed_{event.lower()} BEFORE {event} ON {TABLE} "
            f"WHEN OLD.status = 'published'{condition} BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
        )


def remove_trigger(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP TRIGGER {TABLE}_fixed ON {TABLE}")
        schema_editor.execute(f"DROP FUNCTION {TABLE}_fixed()")
    else:
        for event in ("update", "delete"):
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {TABLE}_fixed_{event}")


class Migration(migrations.Migration):
    dependencies = [("surveys", "0002_claimed_mails")]
    operations = [migrations.RunPython(add_trigger, remove_trigger)]
