from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_accountsummary_next_renewal_date"),
        ("contracts", "0003_renewal_value_currency"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="contract",
            index=models.Index(fields=["id", "currency", "account"], name="contracts_currency_account"),
        ),
        migrations.AddIndex(
            model_name="instalment",
            index=models.Index(
                condition=models.Q(("is_current", True), ("settled_amount__lt", models.F("amount"))),
                fields=["contract", "due_date", "amount", "settled_amount", "id"],
                name="contracts_open_by_contract",
            ),
        ),
    ]
