from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("inbox", "0003_service")]

    operations = [
        migrations.AddIndex(
            model_name="piece",
            index=models.Index(
                fields=["workspace", "direction", "at", "thread", "connection", "is_machine", "is_spam", "state"], name="piece_by_time"
            ),
        ),
        migrations.AddIndex(
            model_name="thread",
            index=models.Index(
                condition=models.Q(is_here=True, state="open", waiting_since__isnull=False),
                fields=["workspace", "waiting_since", "key", "channel"],
                name="thread_since",
            ),
        ),
    ]
