"""The API's accounts and secrets: a router for each."""

from .accounts import router as accounts
from .secrets import router as secrets

routers = (accounts, secrets)
