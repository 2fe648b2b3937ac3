"""Every write to interactions, visits, the contact policy and what follows from them."""
