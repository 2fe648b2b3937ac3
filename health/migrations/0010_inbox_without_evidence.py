"""Indexes that find a page of the inbox, and count the matrix, without the wide rows of evidence."""

from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):

    dependencies = [
        ("health", "0009_traditional_names"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="accounthealth", name="health_for_sums"),
        migrations.RemoveIndex(model_name="alert", name="health_inbox"),
        migrations.RemoveIndex(model_name="alert", name="health_alerts_due"),
        migrations.RemoveIndex(model_name="alert", name="health_alerts_resolved"),
        migrations.AddIndex(
            model_name="alert",
            index=models.Index(
                F("rank").desc(), F("id").desc(), condition=Q(status__in=["open", "acknowledged"]),
                name="health_inbox_ranked",
                include=("account", "owner", "reason", "severity", "due_at", "escalation", "status"),
            ),
        ),
        migrations.AddIndex(
            model_name="alert",
            index=models.Index(
                F("opened_at").desc(), F("id").desc(), condition=~Q(status="resolved"), name="health_inbox_newest",
                include=("account", "owner", "reason", "severity", "due_at", "escalation", "status"),
            ),
        ),
        migrations.AddIndex(
            model_name="alert",
            index=models.Index(
                fields=["due_at", "id"], condition=~Q(status="resolved"), name="health_inbox_due",
                include=("account", "owner", "reason", "severity", "escalation", "status"),
            ),
        ),
        migrations.AddIndex(
            model_name="alert",
            index=models.Index(
                F("resolved_at").desc(), F("id").desc(), condition=Q(resolved_at__isnull=False),
                name="health_inbox_resolved", include=("account", "owner", "reason", "severity", "status"),
            ),
        ),
        migrations.AddIndex(
            model_name="accounthealth",
            index=models.Index(
                fields=["account"], name="health_numbers",
                include=("probability", "value_at_risk_amount", "score", "band", "profile"),
            ),
        ),
    ]
