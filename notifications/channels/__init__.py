"""The channels that there are besides the bell, by their code."""

from notifications.channels.base import (
    Channel,
    Dead,
    Line,
    Message,
    Outcome,
    Pace,
    Retry,
    Section,
    Sent,
    Target,
    Unsure,
)
from notifications.channels.dingtalk import DingTalk
from notifications.channels.email import EmailChannel
from notifications.channels.feishu import Feishu
from notifications.channels.robot import RobotChannel
from notifications.channels.slack import Slack
from notifications.channels.webhook import Webhook
from notifications.channels.wecom import WeCom

ROBOTS: dict[str, RobotChannel] = {robot.code: robot for robot in (WeCom(), DingTalk(), Feishu(), Slack(), Webhook())}
ROBOT_CHOICES = [(code, robot.label) for code, robot in ROBOTS.items()]
CHANNELS: dict[str, Channel] = {channel.code: channel for channel in (EmailChannel(), *ROBOTS.values())}

__all__ = [
    "CHANNELS",
    "ROBOTS",
    "ROBOT_CHOICES",
    "Channel",
    "Dead",
    "Line",
    "Message",
    "Outcome",
    "Pace",
    "Retry",
    "RobotChannel",
    "Section",
    "Sent",
    "Target",
    "Unsure",
]
