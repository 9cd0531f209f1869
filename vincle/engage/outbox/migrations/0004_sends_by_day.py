"""What was sent in some days is counted without looking at all that was ever sent."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("outbox", "0003_own_pace")]

    operations = [
        migrations.AddIndex(
            model_name="send",
            index=models.Index(condition=models.Q(("state", "sent")), fields=["workspace", "sent_at"], name="send_by_day"),
        ),
    ]
