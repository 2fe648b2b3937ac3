from django.db import migrations, models

POSTGRESQL = [
    "CREATE INDEX search_by_tokens ON search_searchentry USING gin (string_to_array(tokens, ' '))",
]
# The tokens live in the entry; FTS5 holds the index alone, and triggers keep it right for every kind of write.
# The ascii tokenizer splits at spaces and takes every other character as it is.
SQLITE = [
    """
    CREATE VIRTUAL TABLE search_tokens USING fts5(
        tokens, content='search_searchentry', content_rowid='id', tokenize='ascii', detail='none', columnsize=0
    )
    """,
    """
    CREATE TRIGGER search_entry_added AFTER INSERT ON search_searchentry BEGIN
        INSERT INTO search_tokens (rowid, tokens) VALUES (new.id, new.tokens);
    END
    """,
    """
    CREATE TRIGGER search_entry_removed AFTER DELETE ON search_searchentry BEGIN
        INSERT INTO search_tokens (search_tokens, rowid, tokens) VALUES ('delete', old.id, old.tokens);
    END
    """,
    """
    CREATE TRIGGER search_entry_changed AFTER UPDATE OF tokens ON search_searchentry BEGIN
        INSERT INTO search_tokens (search_tokens, rowid, tokens) VALUES ('delete', old.id, old.tokens);
        INSERT INTO search_tokens (rowid, tokens) VALUES (new.id, new.tokens);
    END
    """,
]
SQLITE_BACK = ["DROP TABLE search_tokens"]


def forwards(apps, schema_editor):
    run(schema_editor, POSTGRESQL, SQLITE)


def backwards(apps, schema_editor):
    run(schema_editor, ["DROP INDEX search_by_tokens"], SQLITE_BACK)


def run(schema_editor, postgresql, sqlite):
    for statement in postgresql if schema_editor.connection.vendor == "postgresql" else sqlite:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="SearchEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=20, verbose_name="kind")),
                ("object_id", models.BigIntegerField(verbose_name="row")),
                ("title", models.CharField(max_length=250, verbose_name="title")),
                ("text", models.TextField()),
                ("tokens", models.TextField()),
            ],
            options={
                "verbose_name": "search entry",
                "verbose_name_plural": "search entries",
                "constraints": [models.UniqueConstraint(fields=("kind", "object_id"), name="search_entry_once")],
            },
        ),
        migrations.RunPython(forwards, backwards),
    ]
