"""The shapes of what machines tell us, and of what they are answered. Times bear their offset (ISO 8601)."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from ninja import Schema
from pydantic import AfterValidator, AwareDatetime, ConfigDict, Field, StringConstraints


def _printable(value: str) -> str:
    if any(ord(sign) < 32 and sign not in "\t\n\r" for sign in value):
        raise ValueError("control characters are not allowed")
    return value


def _in_utc(value: datetime) -> datetime:
    """PostgreSQL takes no offset beyond sixteen hours, and no telephone rang before this century."""
    if not EARLIEST <= value.replace(tzinfo=UTC) <= LATEST:
        raise ValueError("the year must be between 2000 and 2100")
    return value.astimezone(UTC)


EARLIEST, LATEST = datetime(2000, 1, 2, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
Text = Annotated[str, AfterValidator(_printable)]
Line = Annotated[Text, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
Code = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z._:-]{1,16}$")]


class TelephonyEvent(Schema):
    """One step of one call, in the neutral form that every telephone system is brought to."""

    call_key: Line = Field(
        description="The telephone system's own name for the call; the same in all its steps."
    )
    state: Literal["ringing", "answered", "ended", "missed"]
    from_: Annotated[Text, StringConstraints(max_length=60)] = Field(
        default="",
        alias="from",
        description="The caller's number as the telephone system writes it; empty when hidden.",
    )
    to: Annotated[Text, StringConstraints(max_length=60)] = ""
    agent_ext: Annotated[Text, StringConstraints(max_length=20)] = Field(
        default="", description="The extension that answered."
    )
    at: Moment


class TelecareEvent(Schema):
    """One event of one unit. Numbers and times only: anything else is refused (TEL-08)."""

    model_config = ConfigDict(extra="forbid")

    unit: Code = Field(description="The unit's number at the operator (SCAIP `cid`).")
    reference: Code = Field(
        description="The event's own reference (SCAIP `ref`); the same twice is one event."
    )
    status_code: int = Field(ge=0, le=9999, description="SCAIP `stc`, as a number.")
    message_type: Literal["ME", "RE", "IN", "PI"] = "ME"
    marked_as_visit: bool = Field(default=False, description="The operator spoke with a visitor.")
    at: Moment


class InboundSms(Schema):
    """One text message received."""

    id: Line = Field(description="The provider's number for the message; the same twice is one message.")
    from_: Line = Field(alias="from")
    text: Annotated[Text, StringConstraints(max_length=1600)]


class SmsReceipt(Schema):
    """What became of one text message that we sent."""

    id: Annotated[Text, StringConstraints(max_length=80)] = Field(
        default="", description="The provider's number."
    )
    key: Annotated[Text, StringConstraints(max_length=120)] = Field(
        default="", description="Our own key, where the provider repeats it."
    )
    state: Literal["sent", "delivered", "failed"]
    error: Annotated[Text, StringConstraints(max_length=200)] = ""
    at: Moment | None = None


class Taken(Schema):
    """The event was taken in; the same web-hook again gets the same answer."""

    state: str = Field(description="What it was understood as.")
    id: int | None = Field(default=None, description="Our number for it.")


class Problem(Schema):
    """Why it was not taken. `code` is for machines, `detail` for people, `field` where one is wrong."""

    detail: str
    code: str
    field: str = ""


class Wrong(Schema):
    """Which fields have not the form described here. What was sent is not repeated."""

    detail: list["WrongField"]


class WrongField(Schema):
    type: str
    loc: list[str | int]
    msg: str
