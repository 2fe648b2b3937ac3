"""Every write to interactions, visits, the contact policy and what follows from them."""

from interactions.services.files import attach_file, remove_file
from interactions.services.greetings import close_greeting, propose_greetings
from interactions.services.log import delete_interaction, log_interaction, update_interaction
from interactions.services.steps import add_step, complete_step, drop_step, reopen_step, update_step

__all__ = [
    "add_step",
    "attach_file",
    "close_greeting",
    "complete_step",
    "delete_interaction",
    "drop_step",
    "log_interaction",
    "propose_greetings",
    "remove_file",
    "reopen_step",
    "update_interaction",
    "update_step",
]
