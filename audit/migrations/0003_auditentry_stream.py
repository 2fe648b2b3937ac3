import audit.transactions
from django.db import migrations, models


class Migration(migrations.Migration):
    """First a constant, which rewrites no row of a large table; then the default of new ones."""

    dependencies = [("audit", "0002_initial")]

    operations = [
        migrations.AddField(
            model_name="auditentry",
            name="access",
            field=models.JSONField(blank=True, editable=False, null=True, verbose_name="access"),
        ),
        migrations.AddField(
            model_name="auditentry",
            name="xid",
            field=models.BigIntegerField(db_default=0, editable=False, verbose_name="transaction"),
        ),
        migrations.AlterField(
            model_name="auditentry",
            name="xid",
            field=models.BigIntegerField(
                db_default=audit.transactions.CurrentTransaction(), editable=False, verbose_name="transaction"
            ),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["xid"], name="audit_by_transaction"),
        ),
    ]
