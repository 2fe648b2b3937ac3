"""Jobs for users: mail."""

from smtplib import SMTPException

from celery import shared_task

from users.mail import send_password_link
from users.models import User


@shared_task(autoretry_for=(SMTPException, OSError), retry_backoff=10, max_retries=5)
def mail_password_link(user_id: int, invited: bool = False) -> None:  # noqa: FBT001, FBT002  Celery's arguments are JSON
    """Send the link to choose a password; to a user who was deactivated meanwhile, nothing."""
    user = User.objects.active().filter(pk=user_id).first()
    if user is not None:
        send_password_link(user, invited=invited)
