from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_accountsummary_next_renewal_date"),
        ("contracts", "0005_open_renewals_by_end"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="contract",
            index=models.Index(
                condition=models.Q(("phase", "signed")),
                fields=["end_date", "id", "renewal_date", "currency", "net_amount", "account"],
                name="contracts_signed_by_end",
            ),
        ),
        migrations.AddIndex(
            model_name="contract",
            index=models.Index(
                condition=models.Q(("phase__in", ["signed", "terminated"]), ("predecessor__isnull", False)),
                fields=["predecessor"],
                name="contracts_followed",
            ),
        ),
    ]
