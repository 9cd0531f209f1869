from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("touchpoints", "0001_initial")]

    operations = [
        migrations.RemoveConstraint("touchcost", "one_touch_cost"),
        migrations.RenameField("touchcost", "monthly", "amount"),
        migrations.AlterField("touchcost", "kind", models.CharField(max_length=200)),
        migrations.AddField(
            "touchcost",
            "month",
            models.DateField(null=True, help_text="Its first day; none: each month that has no sum of its own."),
        ),
        migrations.AddConstraint("touchcost", models.UniqueConstraint(fields=["workspace", "kind", "month"], name="one_touch_cost")),
        migrations.AddConstraint(
            "touchcost",
            models.UniqueConstraint(fields=["workspace", "kind"], name="one_usual_touch_cost", condition=models.Q(month=None)),
        ),
    ]
