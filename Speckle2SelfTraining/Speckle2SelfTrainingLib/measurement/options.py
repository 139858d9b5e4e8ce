"""What can be chosen for a measurement; imports nothing, so that a command may offer it."""

ALONG = ("auto", "position", "time", "frame")
MINIMUM_CONFIDENCE = 0.5
