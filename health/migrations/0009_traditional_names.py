"""A name in Traditional Chinese beside the others; what came with the product has one from now on."""

from django.db import migrations, models

RULES = {
    "A级客户：流失可能性四成以上": "A級客戶：流失可能性四成以上",
    "B级客户：流失可能性五成以上": "B級客戶：流失可能性五成以上",
    "其他客户：流失可能性七成以上": "其他客戶：流失可能性七成以上",
    "停止下单：明显超过自身的下单周期": "停止下單：明顯超過自身的下單週期",
    "采购额下滑：低于自身的季节水平": "採購額下滑：低於自身的季節水準",
    "业务流失：停购了产品线": "業務流失：停購了產品線",
    "不满意：评分低或明显下降": "不滿意：評分低或明顯下降",
    "A、B级客户：超过联系周期仍未联系": "A、B級客戶：超過聯繫週期仍未聯繫",
    "关键联系人离职": "關鍵聯絡人離職",
    "续约临近而无进展": "續約臨近而無進展",
    "回款逾期": "回款逾期",
    "关系间断": "關係間斷",
}
PROFILES = {
    "战略合作伙伴": "戰略合作夥伴",
    "A级客户": "A級客戶",
    "潜在客户": "潛在客戶",
    "通用": "通用",
}


def name_what_was_shipped(apps, schema_editor):
    """Only where it still has the name that it came with."""
    for model, names in (("AlertRule", RULES), ("HealthProfile", PROFILES)):
        rows = apps.get_model("health", model).objects
        for name, name_hant in names.items():
            rows.filter(name=name, name_hant="").update(name_hant=name_hant)


class Migration(migrations.Migration):

    dependencies = [
        ("health", "0008_bands_of_summaries"),
    ]

    operations = [
        migrations.AddField(
            model_name="alertrule",
            name="name_hant",
            field=models.CharField(blank=True, default="", max_length=120, verbose_name="Traditional Chinese name"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="healthprofile",
            name="name_hant",
            field=models.CharField(blank=True, default="", max_length=120, verbose_name="Traditional Chinese name"),
            preserve_default=False,
        ),
        migrations.RunPython(name_what_was_shipped, migrations.RunPython.noop),
    ]
