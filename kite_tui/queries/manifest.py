"""One object as YAML for a person: as the server has it, less what only machines read."""

from __future__ import annotations

from typing import Any

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
MASK = "(masked)"


def readable(manifest: dict[str, Any]) -> dict[str, Any]:
    """A copy without managedFields; a Secret's values, and the annotation that repeats them, are masked."""
    found = dict(manifest)
    metadata = found.get("metadata")
    if isinstance(metadata, dict):
        metadata = {key: value for key, value in metadata.items() if key != "managedFields"}
        annotations = metadata.get("annotations")
        if found.get("kind") == "Secret" and isinstance(annotations, dict):
            metadata["annotations"] = {
                name: MASK if name == LAST_APPLIED or len(str(value)) > 256 else value
                for name, value in annotations.items()
            }
        found["metadata"] = metadata
    if found.get("kind") == "Secret":
        for field in ("data", "stringData"):
            if found.get(field) is not None:
                found[field] = dict.fromkeys(found[field], MASK) if isinstance(found[field], dict) else MASK
    return found
