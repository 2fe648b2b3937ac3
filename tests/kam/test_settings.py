"""The one settings file, read in processes of their own."""

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
PRODUCTION = {
    "DATABASE_URL": "postgres://kam@127.0.0.1/kam",
    "REDIS_URL": "redis://127.0.0.1/0",
    "SECRET_KEY": "x" * 60,
    "ALLOWED_HOSTS": "crm.example.com",
}


def read(expression: str, folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", f"from django.conf import settings; print({expression})"],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "kam.settings",
            "KAM_DATA_DIR": str(folder),
            "ENV_FILE": os.devnull,
            **env,
        },
        capture_output=True,
        text=True,
        check=False,
    )


class TestEmbedded:
    def test_makes_a_key_of_its_own_and_keeps_it(self, tmp_path):
        first, second = (read("settings.SECRET_KEY", tmp_path).stdout for _ in range(2))
        assert len(first.strip()) >= 50
        assert first == second
        assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600

    def test_answers_to_this_machine_only(self, tmp_path):
        assert read("settings.ALLOWED_HOSTS", tmp_path).stdout.strip() == "['localhost', '127.0.0.1', '[::1]']"

    def test_reads_a_file_of_variables(self, tmp_path):
        (tmp_path / "my.env").write_text("REPORTING_CURRENCY=EUR\n")
        assert read("settings.REPORTING_CURRENCY", tmp_path, ENV_FILE=str(tmp_path / "my.env")).stdout == "EUR\n"


class TestProduction:
    def test_has_no_default_key(self, tmp_path):
        answer = read("settings.SECRET_KEY", tmp_path, **{**PRODUCTION, "SECRET_KEY": ""})
        assert answer.returncode != 0
        assert "SECRET_KEY" in answer.stderr

    def test_answers_to_nobody_without_names(self, tmp_path):
        assert read("settings.ALLOWED_HOSTS", tmp_path, **{**PRODUCTION, "ALLOWED_HOSTS": ""}).stdout == "[]\n"

    def test_is_closed_by_default(self, tmp_path):
        expression = (
            "settings.DEBUG, settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE, settings.SECURE_SSL_REDIRECT,"
            "settings.SECURE_HSTS_SECONDS > 0, settings.SECURE_PROXY_SSL_HEADER, settings.EMBEDDED"
        )
        assert read(expression, tmp_path, **PRODUCTION).stdout == "False True True True True None False\n"

    def test_shares_the_cache_between_processes(self, tmp_path):
        assert "RedisCache" in read("settings.CACHES", tmp_path, **PRODUCTION).stdout


def test_the_example_names_every_variable_that_is_read():
    sources = [*ROOT.glob("kam/*.py"), *ROOT.glob("kam/management/commands/*.py"), ROOT / "bin" / "setup.py"]
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    read_here = set(re.findall(r"""env\.[a-z_]+\(\s*"([A-Z_]+)\"""", text))
    read_here |= set(re.findall(r"""environ(?:\.get\(|\[)\s*["']([A-Z_]+)["']""", text))
    compose = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    read_here |= set(re.findall(r"\$\{([A-Z_]+)", compose))
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    named = set(re.findall(r"^# ?([A-Z_]+)=", example, re.MULTILINE))
    assert read_here - named - {"PATH", "DJANGO_SETTINGS_MODULE"} == set()
    assert named - read_here == set()
