"""Every write to interactions, visits, the contact policy and what follows from them."""

from interactions.services.greetings import close_greeting, propose_greetings

__all__ = [
    "close_greeting",
    "propose_greetings",
]
