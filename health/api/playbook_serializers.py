"""Playbooks, those at work and their tasks, as JSON. Every text is `{language: text}` in the product's languages."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.choices import Stage
from accounts.models import Account
from core.api.serializers import NamedRelatedField, ScopedModelSerializer, ScopedRelatedField, StrictSerializer
from health.choices import Reason, StepRole
from health.models import Alert, Playbook, PlaybookRun, PlaybookTask
from health.playbook_steps import LANGUAGES, MAX_DAYS, MAX_ITEMS, MAX_STEPS, Step
from users.models import User

TEXTS = {
    "type": "object",
    "properties": {language: {"type": "string"} for language in LANGUAGES},
    "additionalProperties": False,
    "example": {"zh-hans": "致电采购", "en": "Call purchasing"},
}


@extend_schema_field(TEXTS)
class TextsField(serializers.DictField):
    """A text by language."""

    child = serializers.CharField(allow_blank=True, max_length=5000)


class PlaybookStepSerializer(StrictSerializer):
    """A step: who does it, within how many working days after the start, what belongs to it."""

    titles = TextsField()
    role = serializers.ChoiceField(choices=StepRole.choices, default=StepRole.MANAGER)
    due_days = serializers.IntegerField(min_value=0, max_value=MAX_DAYS, default=1)
    checklist = serializers.ListField(child=TextsField(), max_length=MAX_ITEMS, default=list)
    template = TextsField(default=dict, help_text="A text to send or to say.")


class PlaybookSerializer(ScopedModelSerializer):
    """A playbook with its steps in their order; `steps` take the place of all its steps."""

    name = serializers.CharField(source="__str__", read_only=True, help_text="In the caller's language.")
    names = TextsField()
    descriptions = TextsField(required=False)
    reasons = serializers.ListField(
        child=serializers.ChoiceField(choices=Reason.choices), required=False, help_text="Alerts it is recommended for."
    )
    stages = serializers.ListField(
        child=serializers.ChoiceField(choices=Stage.choices), required=False, help_text="An empty list: every stage."
    )
    steps = PlaybookStepSerializer(many=True, min_length=1, max_length=MAX_STEPS)

    class Meta:
        model = Playbook
        fields = [
            "id", "code", "name", "names", "descriptions", "reasons", "stages", "starts_at_stage", "is_active", "steps",
            "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = ("code", "created_at", "updated_at")

    def taken(self) -> tuple[Playbook, list[Step] | None]:
        """The playbook with what was sent, unsaved; its steps, None where none were sent."""
        values: dict[str, Any] = dict(self.validated_data)
        steps = values.pop("steps", None)
        playbook: Playbook = self.instance or Playbook()
        for name, value in values.items():
            setattr(playbook, name, value)
        return playbook, None if steps is None else [Step(**step) for step in steps]


class EffectSerializer(serializers.Serializer):
    """What came of a playbook within `days`: shares from 0 to 1, the 95% interval of their difference."""

    days = serializers.IntegerField()
    cases = serializers.IntegerField(help_text="Starts that were compared.")
    alone = serializers.IntegerField(help_text="Starts without a similar account.")
    unknown = serializers.IntegerField(help_text="Starts without a score before or after.")
    accounts = serializers.IntegerField()
    similar_accounts = serializers.IntegerField()
    share = serializers.FloatField(allow_null=True, help_text="Of the starts, how many recovered.")
    similar_share = serializers.FloatField(allow_null=True, help_text="Of the similar accounts.")
    difference = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    verdict = serializers.ChoiceField(choices=[(code, code) for code in ("few", "better", "unclear", "worse")])


class EffectivenessSerializer(serializers.Serializer):
    """How often a playbook was used, and whether it helped."""

    started = serializers.IntegerField()
    running = serializers.IntegerField()
    finished = serializers.IntegerField()
    stopped = serializers.IntegerField()
    median_days = serializers.FloatField(allow_null=True)
    judged_on = serializers.DateField(
        allow_null=True, help_text="The night that judged the effects; null before the first."
    )
    effects = EffectSerializer(many=True)


class ChecklistItemSerializer(serializers.Serializer):
    """An item of a checklist."""

    text = TextsField()
    done = serializers.BooleanField()


class PlaybookTaskSerializer(ScopedModelSerializer):
    """A step at an account."""

    run = ScopedRelatedField(read_only=True)
    account = NamedRelatedField(source="run.account", read_only=True)
    playbook = NamedRelatedField(source="run.playbook", read_only=True)
    title = serializers.CharField(source="__str__", read_only=True, help_text="In the caller's language.")
    titles = TextsField(read_only=True)
    owner = NamedRelatedField(read_only=True, allow_null=True)
    done_by = NamedRelatedField(read_only=True, allow_null=True)
    checklist = ChecklistItemSerializer(many=True, read_only=True)
    template = TextsField(read_only=True)

    class Meta:
        model = PlaybookTask
        fields = [
            "id", "run", "account", "playbook", "position", "title", "titles", "role", "owner", "due_date", "checklist",
            "template", "status", "note", "done_at", "done_by", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields


class RunTaskSerializer(ScopedModelSerializer):
    """A task within its run, in short."""

    title = serializers.CharField(source="__str__", read_only=True)
    owner = NamedRelatedField(read_only=True, allow_null=True)

    class Meta:
        model = PlaybookTask
        fields = ["id", "position", "title", "role", "owner", "due_date", "status"]
        read_only_fields = fields


class PlaybookRunSerializer(ScopedModelSerializer):
    """A playbook at work at an account, with its tasks in short."""

    playbook = NamedRelatedField(queryset=Playbook.objects.all())
    account = NamedRelatedField(queryset=Account.objects.all())
    alert = ScopedRelatedField(queryset=Alert.objects.all(), required=False, allow_null=True)
    started_by = NamedRelatedField(read_only=True, allow_null=True)
    tasks = RunTaskSerializer(many=True, read_only=True)

    class Meta:
        model = PlaybookRun
        fields = [
            "id", "playbook", "account", "alert", "status", "started_on", "started_by", "score_at_start", "ended_at",
            "tasks", "created_at", "updated_at",
        ]  # fmt: skip
        validators = ()  # the service says that it is at work already
        read_only_fields = ("status", "started_on", "score_at_start", "ended_at", "created_at", "updated_at")


class StopSerializer(StrictSerializer):
    """Why it is not gone on with."""

    reason = serializers.CharField(max_length=300)


class TaskNoteSerializer(StrictSerializer):
    """What is noted; a task that is skipped needs it."""

    note = serializers.CharField(max_length=5000, required=False, allow_blank=True)


class TickSerializer(StrictSerializer):
    """An item of the checklist, counted from 0."""

    item = serializers.IntegerField(min_value=0, max_value=MAX_ITEMS)
    done = serializers.BooleanField(default=True)


class TaskChangeSerializer(StrictSerializer):
    """Whose it is, when it is due; what is not sent stays."""

    owner = NamedRelatedField(queryset=User.objects.all(), required=False)
    due_date = serializers.DateField(required=False)
