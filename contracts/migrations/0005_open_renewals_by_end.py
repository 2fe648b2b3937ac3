from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contracts", "0004_indexes_for_sums"),
        ("interactions", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="renewal",
            index=models.Index(
                condition=models.Q(("outcome", "open")),
                fields=["term_end", "id"],
                name="contracts_renewals_open_by_end",
            ),
        ),
    ]
