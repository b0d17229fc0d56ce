"""The address of the activities, below `/w/<slug>/activity/`."""

from django.urls import path

from . import views

app_name = "activity"
urlpatterns = [path("", views.index, name="list")]
