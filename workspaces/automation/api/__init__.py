"""The API's integrations and jobs: a router for each."""

from .integrations import router as integrations
from .jobs import router as jobs

routers = (integrations, jobs)
