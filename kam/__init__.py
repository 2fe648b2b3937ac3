"""KAM, key-account management: composition of the apps."""

from kam.celery import app as celery_app

__all__ = ["celery_app"]
