"""The machine interface: four web-hooks, signed, each taken once."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from palier.api import operations
from palier.api.models import Endpoint
from palier.api.schemas import (
    InboundSms,
    Problem,
    SmsReceipt,
    Taken,
    TelecareEvent,
    TelephonyEvent,
    Wrong,
)
from palier.api.signatures import Caller, Signed
from palier.calls import operations as calls
from palier.kernel.errors import BadInput, NotAllowed, NotPossibleNow, Refusal
from palier.matching.operations import read_inbound
from palier.messaging import operations as messages
from palier.telecare.operations import receive_event
from palier.territories import walls

ENDPOINT = {
    "name": "endpoint",
    "in": "query",
    "required": True,
    "description": "Who calls: the territory's code, a dot, the endpoint's code.",
    "schema": {"type": "string", "example": "belrive.standard"},
}
SIGNED_WITH = [
    {
        "name": name,
        "in": "header",
        "required": True,
        "description": description,
        "schema": {"type": "string", "minLength": 1, "maxLength": 100},
    }
    for name, description in (
        ("webhook-id", "Unique for one event; the same id again has no second effect."),
        ("webhook-timestamp", "Seconds since 1970, within five minutes of our clock."),
    )
]
ANSWERS: dict[int, Any] = {
    200: Taken,
    400: Problem,
    401: Problem,
    409: Problem,
    413: Problem,
    422: Wrong | Problem,
}

api = NinjaAPI(
    title="Palier",
    version="1",
    description="Signed web-hooks after Standard Webhooks. Each is answered once it is stored, and stored once.",
    docs_url=None,
    # Served below, by a view that says where it comes from: what surrounds requests asks views for that.
    openapi_url=None,
    urls_namespace="api",
)


def description(request: HttpRequest) -> JsonResponse:
    """What this interface takes and answers (OpenAPI): open to all, it says nothing about anybody."""
    return JsonResponse(api.get_openapi_schema(path_prefix="/api/"))


def hook(path: str, kind: str, summary: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return api.post(
        path,
        auth=Signed(kind),
        response=ANSWERS,
        summary=summary,
        openapi_extra={"parameters": [ENDPOINT, *SIGNED_WITH]},
    )


def _taken(request: HttpRequest, take: Callable[[Caller], tuple[str, int | None]]) -> dict[str, Any]:
    """Do it behind the caller's wall, once per web-hook; nothing is answered before the commit (TEL-06)."""
    caller: Caller = request.auth  # type: ignore[attr-defined]  # set by ninja once the signature was checked

    def answer() -> dict[str, Any]:
        state, number = take(caller)
        return {"state": state, "id": number}

    with walls.inside(caller.actor.territory_id):
        return operations.once(caller.endpoint_id, caller.webhook_id, answer)


@hook("telephony/events", Endpoint.Kind.TELEPHONY, "The telephone rings, is answered, ends")
def telephony_event(request: HttpRequest, event: TelephonyEvent) -> dict[str, Any]:
    def take(caller: Caller) -> tuple[str, int]:
        about: dict[str, Any] = {"provider": caller.code, "call_key": event.call_key, "actor": caller.actor}
        # Every step may be the first to arrive, and any may bring the number.
        call = calls.ring(number_raw=event.from_, line=event.to, at=event.at, **about)
        if event.state == "answered":
            call = calls.answer(extension=event.agent_ext, at=event.at, **about)
        elif event.state in ("ended", "missed"):
            call = calls.hang_up(at=event.at, **about)
        return call.state, call.pk

    return _taken(request, take)


@hook("telecare/events", Endpoint.Kind.TELECARE, "A button was pressed, or a unit told something")
def telecare_event(request: HttpRequest, event: TelecareEvent) -> dict[str, Any]:
    def take(caller: Caller) -> tuple[str, int]:
        taken = receive_event(
            organisation_id=caller.organisation_id,
            unit=event.unit,
            reference=event.reference,
            status_code=event.status_code,
            message_type=event.message_type,
            marked_as_visit=event.marked_as_visit,
            at=event.at,
            actor=caller.actor,
        )
        return taken.state, taken.pk

    return _taken(request, take)


@hook("sms/inbound", Endpoint.Kind.SMS, "Somebody wrote to us")
def sms_inbound(request: HttpRequest, message: InboundSms) -> dict[str, Any]:
    def take(caller: Caller) -> tuple[str, int | None]:
        inbound = messages.receive(
            provider=caller.code,
            provider_id=message.id,
            sender=message.from_,
            body=message.text,
            actor=caller.actor,
        )
        if inbound is None:
            return "known", None
        if not inbound.understood_as:
            read_inbound(inbound, actor=caller.actor)
            inbound.refresh_from_db()
        return inbound.understood_as, inbound.pk

    return _taken(request, take)


@hook("sms/receipts", Endpoint.Kind.SMS, "What became of a text message we sent")
def sms_receipt(request: HttpRequest, receipt: SmsReceipt) -> dict[str, Any]:
    def take(caller: Caller) -> tuple[str, int]:
        message = messages.note_receipt(
            caller.code,
            receipt.id,
            receipt.state,
            key=receipt.key,
            error=receipt.error,
            at=receipt.at,
            actor=caller.actor,
        )
        if message is None:
            # A receipt can be faster than the answer to the sending: said again later, it will be known.
            raise HttpError(409, "This message is not known yet; send the receipt again later.")
        return message.state, message.pk

    return _taken(request, take)


# --- Refusals ---------------------------------------------------------------------------------------------------

_CODES = {400: "bad_request", 401: "not_signed", 409: "not_possible_now", 413: "too_large"}


@api.exception_handler(HttpError)
def refused(request: HttpRequest, error: HttpError) -> HttpResponse:
    # Whether the name, the signature or the time was wrong is nobody's business who cannot sign.
    detail = "The signature was not accepted." if error.status_code == 401 else str(error)
    answer = {"detail": detail, "code": _CODES.get(error.status_code, "error"), "field": ""}
    return api.create_response(request, answer, status=error.status_code)


@api.exception_handler(ValidationError)
def not_the_form(request: HttpRequest, error: ValidationError) -> HttpResponse:
    fields = [{"type": one["type"], "loc": list(one["loc"]), "msg": one["msg"]} for one in error.errors]
    return api.create_response(request, {"detail": fields}, status=422)


@api.exception_handler(Refusal)
def refused_by_a_rule(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    if isinstance(refusal, BadInput):
        status, code, field = 422, refusal.code, refusal.field
    elif isinstance(refusal, NotPossibleNow):
        status, code, field = 409, "not_possible_now", ""
    else:
        assert isinstance(refusal, NotAllowed)
        # The signature was good, the endpoint is not one that may tell this.
        status, code, field = 401, "not_allowed", ""
    return api.create_response(request, {"detail": str(refusal), "code": code, "field": field}, status=status)
