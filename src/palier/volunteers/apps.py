from django.apps import AppConfig


class VolunteersConfig(AppConfig):
    name = "palier.volunteers"
