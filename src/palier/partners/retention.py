"""Partners' services are no personal data: a name of a body, its switchboard. Listed so that nobody wonders.
"""

from palier.journal.retention import Rule

RULES: list[Rule] = []
