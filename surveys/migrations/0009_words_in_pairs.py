from django.db import migrations

# Every two neighbouring characters of a text, in capitals as in `icontains`: two Chinese characters are a word, and
# three would be too many for an index of threes. `surveys_pairs_of` gives every second pair of what is looked for (and
# the last), which is as good to find it by; from fewer pairs the planner guesses better how many rows have them all.
PAIRS = """
CREATE FUNCTION surveys_pairs(words text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT array_agg(DISTINCT a || b)
    FROM (SELECT string_to_array(upper(words), NULL) AS chars) split,
        unnest(chars[:cardinality(chars) - 1], chars[2:]) AS pair(a, b)
$$
"""
PAIRS_OF = """
CREATE FUNCTION surveys_pairs_of(words text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT array_agg(DISTINCT a || b)
    FROM (SELECT string_to_array(upper(words), NULL) AS chars) split,
        unnest(chars[:cardinality(chars) - 1], chars[2:]) WITH ORDINALITY AS pair(a, b, place)
    WHERE place % 2 = 1 OR place = cardinality(chars) - 1
$$
"""
INDEX = "CREATE INDEX surveys_answers_pairs ON surveys_answer USING gin (surveys_pairs(text)) WHERE text <> ''"
# The planner takes no numbers from an index of a part of the rows: these tell it which words are rare.
FREQUENCIES = "CREATE STATISTICS surveys_answers_pairs_counts ON (surveys_pairs(text)) FROM surveys_answer"
BACK = [
    "DROP STATISTICS surveys_answers_pairs_counts",
    "DROP INDEX surveys_answers_pairs",
    "DROP FUNCTION surveys_pairs_of(text)",
    "DROP FUNCTION surveys_pairs(text)",
]


def forwards(apps, schema_editor):
    run(schema_editor, [PAIRS, PAIRS_OF, INDEX, FREQUENCIES])


def backwards(apps, schema_editor):
    run(schema_editor, BACK)


def run(schema_editor, statements):
    """SQLite, on which small companies run, reads its texts one by one."""
    if schema_editor.connection.vendor == "postgresql":
        for statement in statements:
            # Without parameters: the statement has per cent signs.
            schema_editor.execute(statement, None)


class Migration(migrations.Migration):
    dependencies = [("surveys", "0008_team_sums")]

    operations = [migrations.RunPython(forwards, backwards)]
