"""What the server says: bodies of Status as upstream writes them (v1.35), and the forms that Accept can ask for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import msgspec

from kite_tui.objects.kinds import Kind

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole HTTP answer."""

    status: int
    body: bytes
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)


class Refused(Exception):
    """The request ends with this answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.body.decode())
        self.answer = answer


class Form(Enum):
    """How an object or a list is written; the value is the kind that Accept names."""

    OBJECT = ""
    TABLE = "Table"
    METADATA = "PartialObjectMetadata"
    METADATA_LIST = "PartialObjectMetadataList"


def encoded(document: object) -> Answer:
    """200 with a document as JSON."""
    return Answer(200, msgspec.json.encode(document) + b"\n")


def status_document(code: int, reason: str, message: str, details: object = None, token: str = "") -> dict[str, Any]:
    """A Status of failure. `token` is a continue token to go on with."""
    document: dict[str, Any] = {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {"continue": token} if token else {},
        "status": "Failure",
        "message": message,
    }
    if reason:
        document["reason"] = reason
    if details is not None:
        document["details"] = details
    return document | {"code": code}


def refuse(
    code: int, reason: str, message: str, details: object = None, *, token: str = "", retry_after_s: int = 0
) -> Refused:
    """An error answer to raise."""
    body = msgspec.json.encode(status_document(code, reason, message, details, token)) + b"\n"
    headers = {"Retry-After": str(retry_after_s)} if retry_after_s else {}
    return Refused(Answer(code, body, headers=headers))


def bad_request(message: str) -> Refused:
    """400."""
    return refuse(400, "BadRequest", message)


def unauthorized() -> Refused:
    """401."""
    return refuse(401, "Unauthorized", "Unauthorized")


def forbidden(user: str, verb: str, kind: Kind[Any], namespace: str, name: str) -> Refused:
    """403 for a resource."""
    what = f'{kind.plural} "{name}"' if name else kind.plural
    scope = f'in the namespace "{namespace}"' if namespace else "at the cluster scope"
    group = f'in API group "{kind.group}" {scope}'
    message = f'{what} is forbidden: User "{user}" cannot {verb} resource "{kind.resource}" {group}'
    return refuse(403, "Forbidden", message, _details(kind, name))


def forbidden_path(user: str, path: str) -> Refused:
    """403 for what is no resource."""
    return refuse(403, "Forbidden", f'forbidden: User "{user}" cannot get path "{path}"', {})


def not_found(kind: Kind[Any], name: str) -> Refused:
    """404 for an object."""
    return refuse(404, "NotFound", f'{kind.plural} "{name}" not found', _details(kind, name))


def no_resource() -> Refused:
    """404 for a resource that a served group doesn't have."""
    return refuse(404, "NotFound", "the server could not find the requested resource", {})


def no_page() -> Refused:
    """404 for a path that no group stands at."""
    return Refused(Answer(404, b"404 page not found\n", "text/plain; charset=utf-8"))


def unavailable() -> Refused:
    """503 for a group whose own server does not answer."""
    return Refused(Answer(503, b"service unavailable\n", "text/plain; charset=utf-8"))


def method_not_allowed() -> Refused:
    """405."""
    message = "the server does not allow this method on the requested resource"
    return refuse(405, "MethodNotAllowed", message, {})


def not_acceptable(message: str) -> Refused:
    """406."""
    return refuse(406, "NotAcceptable", message)


def unknown_format() -> Refused:
    """415 for a body that isn't JSON."""
    message = "the body of the request was in an unknown format - accepted media types include: application/json"
    return refuse(415, "UnsupportedMediaType", message)


def invalid_options(*wrong: tuple[str, str, str]) -> Refused:
    """422 for parameters that exclude each other: of each the field, the cause's reason, and what is said of it."""
    said = ", ".join(f"{field}: {text}" for field, _, text in wrong)
    message = 'ListOptions.meta.k8s.io "" is invalid: ' + (said if len(wrong) == 1 else f"[{said}]")
    causes = [{"reason": reason, "message": text, "field": field} for field, reason, text in wrong]
    return refuse(422, "Invalid", message, {"group": "meta.k8s.io", "kind": "ListOptions", "causes": causes})


def too_large_status(revision: int, current: int) -> dict[str, Any]:
    """The Status for a resourceVersion that isn't there yet."""
    causes = [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}]
    message = f"Timeout: Too large resource version: {revision}, current: {current}"
    return status_document(504, "Timeout", message, {"causes": causes, "retryAfterSeconds": 1})


def too_large(revision: int, current: int) -> Refused:
    """504 for a resourceVersion that isn't there yet."""
    body = msgspec.json.encode(too_large_status(revision, current)) + b"\n"
    return Refused(Answer(504, body, headers={"Retry-After": "1"}))


def expired_token(token: str) -> Refused:
    """410 for a continue token; `token` goes on with an inconsistent list."""
    message = (
        "The provided continue parameter is too old to display a consistent list result. You can start a new list "
        "without the continue parameter, or use the continue token in this response to retrieve the remainder of the "
        "results. Continuing with the provided token results in an inconsistent list - objects that were created, "
        "modified, or deleted between the time the first chunk was returned and now may show up in the list."
    )
    return refuse(410, "Expired", message, token=token)


def _details(kind: Kind[Any], name: str) -> dict[str, str]:
    details = {"name": name} if name else {}
    return details | ({"group": kind.group} if kind.group else {}) | {"kind": kind.resource}


def form_of(accept: str) -> Form:
    """The first form in an Accept header that can be had. Raises Refused (406) where none can."""
    for clause in (accept or "*/*").split(","):
        media, *parameters = (part.strip() for part in clause.split(";"))
        if media not in (JSON, "application/*", "*/*"):
            continue
        wanted = dict(parameter.partition("=")[::2] for parameter in parameters)
        if "as" not in wanted:
            return Form.OBJECT
        if wanted.get("g") == "meta.k8s.io" and wanted.get("v") == "v1":
            for form in (Form.TABLE, Form.METADATA, Form.METADATA_LIST):
                if wanted["as"] == form.value:
                    return form
    raise not_acceptable("only the following media types are accepted: application/json")
