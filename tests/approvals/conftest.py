"""A row's app in place of the one that registered itself."""

import pytest

from approvals import registry
from approvals.choices import Subject
from tests.factories.approvals import Recorder


@pytest.fixture
def owner_app(monkeypatch):
    """What the app that owns the rows is told; see Recorder."""
    recorder = Recorder()
    handlers = {subject.value: recorder.handler for subject in Subject}
    monkeypatch.setattr(registry, "_handlers", handlers)
    return recorder
