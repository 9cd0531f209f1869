import django.db.models.deletion
from datetime import UTC, datetime

from django.db import migrations, models

# On PostgreSQL the log and its words become tables of one partition a month of arrival; what stands in them is carried over, numbers
# and all. There is no way back: restore the backup that was made before the upgrade. On SQLite nothing changes.

KNOWN = """
CREATE TABLE listen_known (event_id bytea PRIMARY KEY, root_id bytea, received_at timestamptz NOT NULL);
COMMENT ON TABLE listen_known IS 'One row an event of listen_activity, over all its partitions: what is here does not go in again.';
"""
KNOWN_INDEX = "CREATE INDEX listen_known_root ON listen_known (root_id) WHERE root_id IS NOT NULL"
# Keys and words follow the rows of the log, whoever deletes them.
FOLLOW = """
CREATE FUNCTION listen_follow_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM listen_content c USING gone WHERE c.event_id = gone.event_id AND c.received_at = gone.received_at;
    DELETE FROM listen_known k USING gone WHERE k.event_id = gone.event_id;
    RETURN NULL;
END $$;
CREATE FUNCTION listen_follow_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    TRUNCATE listen_known;
    RETURN NULL;
END $$;
CREATE TRIGGER keys_and_words_follow AFTER DELETE ON listen_activity
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION listen_follow_delete();
CREATE TRIGGER keys_follow_truncate AFTER TRUNCATE ON listen_activity FOR EACH STATEMENT EXECUTE FUNCTION listen_follow_truncate();
"""


def partition(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; LOCK TABLE listen_activity, listen_content IN ACCESS EXCLUSIVE MODE")
        cursor.execute("SELECT date_trunc('month', MIN(received_at) AT TIME ZONE 'UTC')::date FROM listen_activity WHERE received_at > '2000-01-01'")
        months = _months(cursor.fetchone()[0])
        indexes, keys = _parts(cursor, "listen_activity"), _foreign_keys(cursor, "listen_activity")
        content_keys = _foreign_keys(cursor, "listen_content")
        _twin(cursor, "listen_activity", months)
        _twin(cursor, "listen_content", months, ", received_at timestamptz NOT NULL")
        cursor.execute(KNOWN)
        cursor.execute("SELECT COALESCE(MAX(seq), 0) FROM listen_activity_plain")
        newest = cursor.fetchone()[0]
        cursor.execute("CREATE SEQUENCE listen_activity_numbers AS bigint")
        cursor.execute("SELECT setval('listen_activity_numbers', GREATEST(last_value, %s), is_called OR %s > 0) FROM listen_activity_seq_seq", [newest, newest])
        cursor.execute("INSERT INTO listen_activity SELECT * FROM listen_activity_plain ORDER BY seq")
        cursor.execute("INSERT INTO listen_known (event_id, root_id, received_at) SELECT event_id, root_id, received_at FROM listen_activity_plain ORDER BY seq")
        cursor.execute("INSERT INTO listen_content SELECT c.*, COALESCE(a.received_at, now()) FROM listen_content_plain c LEFT JOIN listen_activity_plain a USING (event_id)")
        cursor.execute("DROP TABLE listen_activity_plain; DROP TABLE listen_content_plain")
        cursor.execute("ALTER SEQUENCE listen_activity_numbers RENAME TO listen_activity_seq_seq")
        cursor.execute("ALTER TABLE listen_activity ALTER COLUMN seq SET DEFAULT nextval('listen_activity_seq_seq')")
        cursor.execute("ALTER SEQUENCE listen_activity_seq_seq OWNED BY listen_activity.seq")
        cursor.execute("ALTER TABLE listen_activity ADD CONSTRAINT listen_activity_key PRIMARY KEY (seq, received_at)")
        cursor.execute("ALTER TABLE listen_content ADD CONSTRAINT listen_content_key PRIMARY KEY (event_id, received_at)")
        cursor.execute("CREATE INDEX activity_by_event ON listen_activity (event_id)")
        for statement in indexes:
            cursor.execute(statement)
        cursor.execute(KNOWN_INDEX)
        for table, name, definition in [*keys, *content_keys]:
            cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
        cursor.execute(FOLLOW)


def _months(first):
    """First days of the months from the oldest row to three months ahead."""
    now = datetime.now(UTC)
    until = now.year * 12 + now.month - 1 + 3
    start = first.year * 12 + first.month - 1 if first else until - 3
    return [f"{count // 12:04d}-{count % 12 + 1:02d}" for count in range(min(start, until - 3), until + 2)]


def _twin(cursor, table, months, more=""):
    """An empty table of the same columns in the place of a plain one, with a partition a month and one for the rest."""
    cursor.execute(f"ALTER TABLE {table} RENAME TO {table}_plain")
    cursor.execute(f"CREATE TABLE {table} (LIKE {table}_plain{more}) PARTITION BY RANGE (received_at)")
    for month, after in zip(months, months[1:]):
        name = f"{table}_y{month[:4]}m{month[5:]}"
        cursor.execute(f"CREATE TABLE {name} PARTITION OF {table} FOR VALUES FROM ('{month}-01+00') TO ('{after}-01+00')")
    cursor.execute(f"CREATE TABLE {table}_default PARTITION OF {table} DEFAULT")


def _parts(cursor, table):
    """What makes the table's indexes, but for those of its unique columns."""
    cursor.execute(
        "SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = %s::regclass AND NOT indisunique ORDER BY indexrelid", [table]
    )
    return [definition for (definition,) in cursor.fetchall()]


def _foreign_keys(cursor, table):
    cursor.execute(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'f' ORDER BY conname", [table]
    )
    return [(table, name, definition) for name, definition in cursor.fetchall()]


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_cache'),
        ('listen', '0005_sources'),
    ]

    operations = [
        migrations.RunPython(partition),
        migrations.AddField(
            model_name='delivery',
            name='raw_gone_at',
            field=models.DateTimeField(help_text='When retention took the bytes; they cannot be read again.', null=True),
        ),
        migrations.CreateModel(
            name='RetentionRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=20)),
                ('days', models.PositiveIntegerField(help_text='Days from arrival; empty: for ever.', null=True)),
                ('taken_until', models.DateTimeField(help_text='What arrived before is not let into the log any more, whatever brings it.', null=True)),
                ('done_until', models.DateTimeField(help_text='What arrived before is gone.', null=True)),
                ('workspace', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.workspace')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('workspace', 'kind'), name='one_retention_rule')],
            },
        ),
    ]
