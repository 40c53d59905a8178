"""Addresses of the day board."""

from django.urls import path

from palier.web.today import views

urlpatterns = [
    path("", views.home, name="home"),
    path("aujourdhui/", views.today, name="today"),
    path("aujourdhui/<int:pk>/je-m-en-charge/", views.duty_take, name="duty_take"),
    path("aujourdhui/<int:pk>/confier/", views.duty_give, name="duty_give"),
    path("aujourdhui/<int:pk>/vu/", views.duty_acknowledge, name="duty_acknowledge"),
    path("aujourdhui/consigne/", views.note_of_the_day, name="note_of_the_day"),
    path("messages/recus/<int:pk>/", views.inbound_message, name="inbound_message"),
    path("messages/<int:pk>/", views.message, name="message"),
]
