"""Understanding a short answer by text message. What is not plainly yes or no is not guessed."""

from palier.kernel.text import fold

YES = frozenset(
    "oui ouais oi yes ok okay daccord accord volontiers plaisir partant partante viens vais irai serai possible peux".split()
)
NO = frozenset("non no nan nope impossible indisponible absent absente".split())
# Words that turn a yes round, or put a condition on it.
TURNS = frozenset(
    "ne n pas plus mais sauf si seulement peut etre sinon demain apres avant quand ou comment qui combien".split()
)
# What surrounds an answer without changing it.
POLITE = frozenset(
    "merci bonjour bonsoir salut madame monsieur desole desolee avec d je j y la bien sur sans probleme tres bonne journee"
    " soiree a bientot cordialement svp et c est entendu note parfait cette fois moi".split()
)
_PLAIN_NO = (
    "pas cette fois",
    "je ne peux pas",
    "je peux pas",
    "ne peux pas",
    "pas possible",
    "pas disponible",
    "pas libre",
    "je ne suis pas disponible",
    "je ne suis pas libre",
    "pas aujourd hui",
)


def understand(body: str) -> bool | None:
    """True for yes, False for no, None for anything else: a condition, a question, both words, neither."""
    text = fold(body)
    for phrase in _PLAIN_NO:
        if phrase in text:
            rest = set(text.replace(phrase, " ").split())
            return False if rest <= NO | POLITE else None
    words = set(text.split())
    if not words:
        return None
    if words & NO:
        return False if words <= NO | POLITE else None
    if words & YES and words <= YES | POLITE and not words & TURNS:
        return True
    return None
