from django.db import migrations, models
from django.db.models import OuterRef, Subquery

from core.money import CURRENCY_CHOICES


def take_over(apps, schema_editor):
    """The currency of each renewal's contract."""
    contract = apps.get_model("contracts", "Contract").objects.filter(pk=OuterRef("contract"))
    renewals = apps.get_model("contracts", "Renewal").objects.filter(value_currency="")
    renewals.update(value_currency=Subquery(contract.values("currency")[:1]))


class Migration(migrations.Migration):
    dependencies = [("contracts", "0002_signed_versions_never_change")]

    operations = [
        migrations.AddField(
            model_name="renewal",
            name="value_currency",
            field=models.CharField(choices=CURRENCY_CHOICES, default="", max_length=3, verbose_name="currency"),
            preserve_default=False,
        ),
        migrations.RunPython(take_over, migrations.RunPython.noop, elidable=True),
    ]
