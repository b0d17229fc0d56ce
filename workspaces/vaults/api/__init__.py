"""The API's accounts, collections and secrets: a router for each."""

from .accounts import router as accounts
from .collections import router as collections
from .secrets import router as secrets

routers = (accounts, collections, secrets)
