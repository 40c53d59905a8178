"""What an operation may raise. The web layer turns each into the page or the field it belongs to."""


class Refusal(Exception):
    """Something that cannot be done, with a sentence for the person who asked."""

    default = ""

    def __init__(self, sentence: object = None) -> None:
        super().__init__(sentence if sentence is not None else self.default)

    def __str__(self) -> str:
        return str(self.args[0])


class NotAllowed(Refusal):
    """The actor has no right to do this (403)."""


class NotPossibleNow(Refusal):
    """The right exists, the state of the thing does not allow it any more (409)."""


class BadInput(Refusal):
    """What was typed cannot be taken; `field` names where (422)."""

    def __init__(self, field: str, sentence: object, code: str = "bad_input") -> None:
        super().__init__(sentence)
        self.field = field
        self.code = code
