"""Addresses of what was handed to a partner."""

from django.urls import path

from palier.web.referrals import views

urlpatterns = [
    path("confies/", views.referrals, name="referrals"),
    path("confies/<int:pk>/reponse/", views.referral_answer, name="referral_answer"),
    path("confies/<int:pk>/fait/", views.referral_done, name="referral_done"),
]
