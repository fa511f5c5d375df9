class Refusal(Exception):
    """What was given cannot be converted; the message is for the person who gave it."""
