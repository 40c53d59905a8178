"""Partners' services are no personal data: the name of a body, its switchboard."""

from palier.journal.retention import Rule

RULES: list[Rule] = []
