"""Playbooks and their work at accounts."""

from __future__ import annotations

from django.urls import URLPattern, path

from health.views import effectiveness, playbook_runs, playbook_tasks, playbooks

urlpatterns: list[URLPattern] = [
    path("playbooks/", playbooks.playbook_list, name="playbook_list"),
    path("playbooks/new/", playbooks.playbook_create, name="playbook_create"),
    path("playbooks/effectiveness/", effectiveness.effectiveness, name="effectiveness"),
    path("playbooks/<int:pk>/", playbooks.playbook_detail, name="playbook_detail"),
    path("playbooks/<int:pk>/edit/", playbooks.playbook_update, name="playbook_update"),
    path("playbooks/<int:pk>/copy/", playbooks.playbook_copy, name="playbook_copy"),
    path("playbooks/<int:pk>/switch/", playbooks.playbook_switch, name="playbook_switch"),
    path("playbooks/<int:pk>/delete/", playbooks.playbook_delete, name="playbook_delete"),
    path("playbooks/at-work/", playbook_runs.playbook_run_list, name="playbook_run_list"),
    path("playbooks/at-work/new/", playbook_runs.playbook_run_create, name="playbook_run_create"),
    path("playbooks/at-work/<int:pk>/", playbook_runs.playbook_run_detail, name="playbook_run_detail"),
    path("playbooks/at-work/<int:pk>/stop/", playbook_runs.playbook_run_stop, name="playbook_run_stop"),
    path("playbooks/tasks/<int:pk>/settle/", playbook_tasks.playbook_task_settle, name="playbook_task_settle"),
    path("playbooks/tasks/<int:pk>/reopen/", playbook_tasks.playbook_task_reopen, name="playbook_task_reopen"),
    path("playbooks/tasks/<int:pk>/tick/", playbook_tasks.playbook_task_tick, name="playbook_task_tick"),
    path("playbooks/tasks/<int:pk>/edit/", playbook_tasks.playbook_task_update, name="playbook_task_update"),
    path("accounts/<int:account_pk>/playbooks/", playbook_runs.account_playbooks, name="account_playbooks"),
]
