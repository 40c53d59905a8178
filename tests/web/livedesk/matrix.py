"""Which roles may ask what changed."""

MATRIX = {"live_poll": {"agent", "coordinator", "head"}}
