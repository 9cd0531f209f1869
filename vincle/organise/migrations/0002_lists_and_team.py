"""Indexes for the list of people, and what the team's verbs need to be taken back."""

from typing import Any

import django.db.models.deletion
import vincle.organise.sql
from django.conf import settings
from django.db import DatabaseError, migrations, models, transaction


def search_by_trigrams(apps: Any, editor: Any) -> None:
    """On PostgreSQL, where its trigram extension can be had: search without a scan. Without it the search still works, slower."""
    if editor.connection.vendor != "postgresql":
        return
    try:
        with transaction.atomic(using=editor.connection.alias):
            editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    except DatabaseError:
        return
    editor.execute("CREATE INDEX profile_by_trigram ON organise_profile USING gin (search gin_trgm_ops)")


def forget_trigrams(apps: Any, editor: Any) -> None:
    if editor.connection.vendor == "postgresql":
        editor.execute("DROP INDEX IF EXISTS profile_by_trigram")


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_cache'),
        ('organise', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Handover',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('person', models.BigIntegerField()),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.RemoveIndex(
            model_name='profile',
            name='profile_by_last',
        ),
        migrations.RemoveIndex(
            model_name='profile',
            name='profile_by_name',
        ),
        migrations.RemoveIndex(
            model_name='profile',
            name='profile_by_activities',
        ),
        migrations.RemoveIndex(
            model_name='profile',
            name='profile_by_known_since',
        ),
        migrations.AddField(
            model_name='customfield',
            name='hidden_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='customfield',
            name='label',
            field=models.CharField(blank=True, help_text='As the team calls it.', max_length=120),
        ),
        migrations.AddField(
            model_name='tag',
            name='removed_at',
            field=models.DateTimeField(help_text='Taken off the list by the team; an import may bring it again.', null=True),
        ),
        migrations.AddField(
            model_name='tagging',
            name='removed_at',
            field=models.DateTimeField(help_text='Taken off by the team. The row stays, so that no import puts the tag back.', null=True),
        ),
        migrations.AlterField(
            model_name='customfield',
            name='name',
            field=models.CharField(help_text='As sources call it.', max_length=120),
        ),
        migrations.AddIndex(
            model_name='profile',
            index=models.Index(fields=['workspace', 'last_at', 'person'], name='profile_by_last'),
        ),
        migrations.AddIndex(
            model_name='profile',
            index=models.Index(fields=['workspace', 'activities', 'person'], name='profile_by_activities'),
        ),
        migrations.AddIndex(
            model_name='profile',
            index=models.Index(fields=['workspace', 'known_since', 'person'], name='profile_by_known_since'),
        ),
        migrations.AddIndex(
            model_name='profile',
            index=models.Index(fields=['workspace', 'purchases', 'person'], name='profile_by_purchases'),
        ),
        migrations.AddIndex(
            model_name='profile',
            index=models.Index(models.F('workspace'), vincle.organise.sql.NameKey('search'), models.F('channels'), models.F('stage'), models.F('country'), models.F('is_identified'), models.F('owner'), models.F('purchases'), models.F('activities'), models.F('last_at'), models.F('known_since'), models.F('person'), name='profile_by_search'),
        ),
        migrations.AddIndex(
            model_name='tagging',
            index=models.Index(fields=['tag', 'removed_at', 'person'], name='tagging_by_tag'),
        ),
        migrations.AddField(
            model_name='handover',
            name='after',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='handover',
            name='before',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='handover',
            name='by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='handover',
            name='workspace',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.workspace'),
        ),
        migrations.AddIndex(
            model_name='handover',
            index=models.Index(fields=['workspace', 'at'], name='handover_by_time'),
        ),
        migrations.RunPython(search_by_trigrams, forget_trigrams),
    ]
