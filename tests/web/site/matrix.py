"""Pages of no screen."""

EVERYBODY = {"agent", "caller", "coordinator", "head", "administrator", "operator", "partner"}
MATRIX = {"accessibility": {"open"}, "health": {"open"}, "catalogue": EVERYBODY}
