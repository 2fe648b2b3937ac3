"""Fixtures of the tests about people."""

import pytest

from kam.celery import app

PASSWORD = "correct horse battery"


@pytest.fixture
def tasks_at_once(django_capture_on_commit_callbacks):
    """`with tasks_at_once():` runs what is enqueued inside, after the (pretended) commit."""
    app.conf.update(task_always_eager=True, task_eager_propagates=True)
    yield lambda: django_capture_on_commit_callbacks(execute=True)
    app.conf.update(task_always_eager=False, task_eager_propagates=False)


@pytest.fixture
def login(client):
    """`login(name, password)` posts the login form, by default with the right password."""

    def post(name, password=PASSWORD, **extra):
        return client.post("/auth/login/", {"login": name, "password": password}, **extra)

    return post
