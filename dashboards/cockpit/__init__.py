"""The supervisor cockpit: where the accounts of a team are in danger, in numbers that open their rows."""
