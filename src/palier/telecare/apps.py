from django.apps import AppConfig


class TelecareConfig(AppConfig):
    name = "palier.telecare"
