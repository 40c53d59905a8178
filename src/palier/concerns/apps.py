from django.apps import AppConfig


class ConcernsConfig(AppConfig):
    name = "palier.concerns"
