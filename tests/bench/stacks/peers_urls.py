"""The views of the peers: the document in BENCH_DOCUMENT, for whoever is let in."""

import json
import os

from django.urls import path
from knox.auth import TokenAuthentication
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_api_key.permissions import HasAPIKey

DOCUMENT = json.loads(os.environ["BENCH_DOCUMENT"])


class ByApiKey(APIView):
    permission_classes = (HasAPIKey,)

    def get(self, _request):
        return Response(DOCUMENT)


class ByKnox(APIView):
    authentication_classes = (TokenAuthentication,)
    permission_classes = (IsAuthenticated,)

    def get(self, _request):
        return Response(DOCUMENT)


urlpatterns = [path("api-key", ByApiKey.as_view()), path("knox", ByKnox.as_view())]
