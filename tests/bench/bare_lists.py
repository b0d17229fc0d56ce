"""Lists with no product around them: what those of the API are measured against.

A bare view runs the very SQL that the real operation ran, on the same connection, makes the same
resources of the rows and dumps the same document, byte for byte but for the order of things that
JSON leaves open. It knows nobody, checks nothing and plans nothing.
"""

from __future__ import annotations

import functools
import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.db import connection
from django.http import HttpResponse
from django.test import Client

# What tells a good key from a bad one is read under a lease, not by each request.
_OF_KEYS = re.compile(r'FROM "keys_(epoch|apikey)"')
_COLUMN = re.compile(r'"(\w+)"\."(\w+)"')


@dataclass(frozen=True)
class Captured:
    """What one request of the real operation did, and where its rows came from."""

    statements: list[Any]
    columns: dict[str, int]
    around: dict[str, Any]
    workspace: str


def bare(request, name):
    """The document of `/api/v1/<name>`, for the request's own query; no key is looked at.

    But for the first time in a process: with its `X-API-Key` the real operation is asked, and what
    that runs is kept.
    """
    path = f"/api/v1/{name}?{request.META.get('QUERY_STRING', '')}"
    return HttpResponse(
        as_json(document(name, path, request.META.get("HTTP_X_API_KEY", ""))),
        content_type="application/json; charset=utf-8",
    )


def document(name, path, key):
    """The same, before it is dumped."""
    captured = capture(path, key)
    rows = []
    with connection.cursor() as cursor:
        for sql, params in captured.statements:
            cursor.execute(sql, params)
            rows = cursor.fetchall()
    resource = RESOURCES[name]
    return {"data": [resource(row, captured) for row in rows], **captured.around}


@functools.cache
def capture(path, key):
    """What the real operation does for `key`, asked once it has all in mind that it remembers."""
    statements = []

    def note(execute, sql, params, many, context):
        if not _OF_KEYS.search(sql):
            statements.append((sql, params))
        return execute(sql, params, many, context)

    def ask(path):
        answer = Client().get(path, headers={"X-API-Key": key})
        assert answer.status_code == 200, answer.content
        return answer.json()

    ask(path)
    workspace = ask("/api/v1/key")["data"]["attributes"]["workspace"]
    with connection.execute_wrapper(note):
        around = ask(path)
    del around["data"]
    columns = _COLUMN.findall(statements[-1][0].partition(" FROM ")[0])
    places = {".".join(column): place for place, column in enumerate(columns)}
    return Captured(statements, places, around, workspace)


def as_json(content):
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def _user(row, captured):
    at = captured.columns
    role = row[at["directory_member.role"]]
    active = row[at["directory_user.is_active"]]
    changed = (row[at["directory_member.updated_at"]], row[at["directory_user.updated_at"]])
    return {
        "id": _id(row[at["directory_member.user_id"]]),
        "type": "user",
        "attributes": {
            "firstName": row[at["directory_user.first_name"]],
            "lastName": row[at["directory_user.last_name"]],
            "email": row[at["directory_user.email"]],
            "role": role,
            "status": row[at["directory_member.status"]] if active else "disabled",
            "isGuest": role == "workspace_guest_user",
            "mfaStatus": None,
            "createdAt": _moment(row[at["directory_member.created_at"]]),
            "updatedAt": _moment(max(changed)),
        },
    }


def _account(row, captured):
    at = captured.columns
    url = row[at["vaults_account.url"]]
    password_changed_at = _moment(row[at["vaults_account.password_changed_at"]])
    return {
        "id": _id(row[at["vaults_account.id"]]),
        "type": "account",
        "attributes": {
            "application": row[at["vaults_account.application"]],
            "label": row[at["vaults_account.label"]],
            "workspace": captured.workspace,
            "status": row[at["vaults_account.status"]],
            "businessId": row[at["vaults_account.business_id"]] or None,
            "url": url or None,
            "domain": (urlsplit(url).hostname or None) if url else None,
            "email": row[at["vaults_account.email"]] or None,
            "phone": row[at["vaults_account.phone"]] or None,
            "cerbyManagedEmail": bool(row[at["vaults_account.cerby_managed_email"]]),
            "cerbyManagedPhone": bool(row[at["vaults_account.cerby_managed_phone"]]),
            "hasBackupCode": bool(row[at["vaults_account.has_backup_code"]]),
            "hasPasskey": bool(row[at["vaults_account.has_passkey"]]),
            "hasTotp": bool(row[at["vaults_account.has_totp"]]),
            "mfaEnabled": bool(row[at["vaults_account.mfa_enabled"]]),
            "mfaTypes": json.loads(row[at["vaults_account.mfa_types"]]),
            "passwordSet": password_changed_at is not None,
            "lastLoginBy": _id(row[at["vaults_account.last_login_by_id"]]),
            "lastLoginDate": _moment(row[at["vaults_account.last_login_at"]]),
            "lastPasswordChange": password_changed_at,
            "createdAt": _moment(row[at["vaults_account.created_at"]]),
            "createdBy": _id(row[at["vaults_account.created_by_id"]]),
            "updatedAt": _moment(row[at["vaults_account.updated_at"]]),
        },
    }


def _activity(row, captured):
    at = captured.columns
    target_type = row[at["activity_activity.target_type"]]
    return {
        "id": _id(row[at["activity_activity.id"]]),
        "type": "activity",
        "attributes": {
            "timestamp": _moment(row[at["activity_activity.timestamp"]]),
            "eventName": row[at["activity_activity.event"]],
            "actor": {
                "type": row[at["activity_activity.actor_type"]],
                "id": _id(row[at["activity_activity.actor_id"]]),
                "email": row[at["activity_activity.actor_email"]] or None,
                "name": row[at["activity_activity.actor_name"]] or None,
            },
            "target": {
                "type": target_type,
                "id": row[at["activity_activity.target_id"]],
                "name": row[at["activity_activity.target_name"]],
            }
            if target_type
            else None,
            "ip": row[at["activity_activity.ip"]],
            "userAgent": row[at["activity_activity.user_agent"]] or None,
            "requestId": row[at["activity_activity.request_id"]] or None,
            "details": json.loads(row[at["activity_activity.details"]]),
            "sequence": row[at["activity_activity.sequence"]],
            "digest": row[at["activity_activity.digest"]],
        },
    }


RESOURCES = {"users": _user, "accounts": _account, "activities": _activity}


def _id(value):
    """A UUID: SQLite keeps its digits alone."""
    if isinstance(value, str):
        return f"{value[:8]}-{value[8:12]}-{value[12:16]}-{value[16:20]}-{value[20:]}"
    return None if value is None else str(value)


def _moment(value):
    """A time in UTC: SQLite does not say so."""
    if value is None:
        return None
    text = value.isoformat(timespec="microseconds")
    return text if value.tzinfo else f"{text}+00:00"
