from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0002_calendarday_calendaryear")]

    operations = [
        migrations.CreateModel(
            name="KeptAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("owner", models.CharField(max_length=40, verbose_name="owner")),
                ("key", models.CharField(max_length=200, verbose_name="key")),
                ("fingerprint", models.CharField(max_length=64)),
                ("status", models.PositiveSmallIntegerField(default=0, verbose_name="status")),
                ("body", models.JSONField(blank=True, null=True, verbose_name="answer")),
                ("created_at", models.DateTimeField(auto_now_add=True, db_index=True, verbose_name="created")),
            ],
            options={
                "verbose_name": "kept answer",
                "verbose_name_plural": "kept answers",
                "ordering": ["-pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("owner", "key"), name="core_answer_once_per_key"),
                ],
            },
        ),
    ]
