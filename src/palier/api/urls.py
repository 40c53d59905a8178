"""Addresses of the machine interface."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
