"""What changed, for desks without a stream: asked every two seconds, answered in three small reads."""

from django.http import HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from palier.web.livedesk import queries
from palier.web.pages import DeskRequest, at_the_desk, permission


@require_safe
@permission(at_the_desk)
def live_poll(request: DeskRequest) -> HttpResponse:
    news = queries.news_since(request.GET.get("after", ""))
    return JsonResponse({"events": news.events, "last": news.last})
