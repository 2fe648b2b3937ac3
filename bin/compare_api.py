"""What would break clients of the API: `python bin/compare_api.py OLD.json NEW.json` compares two OpenAPI documents.

Breaking: an operation, parameter, field or kind of answer that is gone; something that is asked for and was not;
another type; a value that is no longer accepted; a field of an answer that may now be missing or null. All else may be
added. The exit code is 1 where something breaks.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

METHODS = ("get", "post", "put", "patch", "delete")
Schema = dict[str, Any]


def breaking(old: Schema, new: Schema) -> list[str]:
    """Each breaking change in a line."""
    found = []
    for path, operations in old["paths"].items():
        for method in METHODS:
            if method in operations:
                name = f"{method.upper()} {path}"
                present = new["paths"].get(path, {}).get(method)
                found += (
                    [f"{name}: gone"]
                    if present is None
                    else _Pair(old, new).operation(operations[method], present, name)
                )
    return list(dict.fromkeys(found))


class _Pair:
    """Two documents side by side; references are followed in each, and each pair of them once."""

    def __init__(self, old: Schema, new: Schema) -> None:
        self.documents = (old, new)
        self.seen: set[tuple[str, str, str]] = set()

    def operation(self, old: Schema, new: Schema, name: str) -> Iterator[str]:
        yield from self.parameters(old.get("parameters", []), new.get("parameters", []), name)
        yield from self.bodies(old.get("requestBody"), new.get("requestBody"), f"{name} body", "request")
        for status, answer in old["responses"].items():
            if status.startswith("2"):
                present = new["responses"].get(status)
                where = f"{name} {status}"
                yield from [f"{where}: gone"] if present is None else self.bodies(answer, present, where, "response")

    def parameters(self, old: list[Schema], new: list[Schema], name: str) -> Iterator[str]:
        before, after = ({(one["in"], one["name"]): one for one in side} for side in (old, new))
        for key, one in before.items():
            where = f"{name} {key[1]}"
            if key not in after:
                yield f"{where}: gone"
                continue
            if after[key].get("required") and not one.get("required"):
                yield f"{where}: required"
            yield from self.schemas(one.get("schema", {}), after[key].get("schema", {}), where, "request")
        yield from (f"{name} {key[1]}: new and required" for key, one in after.items()
                    if key not in before and one.get("required"))  # fmt: skip

    def bodies(self, old: Schema | None, new: Schema | None, where: str, side: str) -> Iterator[str]:
        if old is None or new is None:
            if new is not None and new.get("required"):
                yield f"{where}: new and required"
            elif old is not None:
                yield f"{where}: gone"
            return
        present = new.get("content", {})
        for media, content in old.get("content", {}).items():
            if media not in present:
                yield f"{where}: no {media}"
            else:
                yield from self.schemas(content.get("schema", {}), present[media].get("schema", {}), where, side)

    def schemas(self, old: Schema, new: Schema, where: str, side: str) -> Iterator[str]:
        references = (_reference(old), _reference(new), side)
        if references[0] and references in self.seen:
            return
        self.seen.add(references)
        old, new = self.resolved(old, 0), self.resolved(new, 1)
        yield from self.types(old, new, where, side)
        if side == "request" and "enum" in new:
            gone = [value for value in old.get("enum", []) if value not in new["enum"]]
            yield from [f"{where}: no longer {', '.join(map(str, gone))}"] if gone else []
        if "items" in old and "items" in new:
            yield from self.schemas(old["items"], new["items"], f"{where}[]", side)
        yield from self.properties(old, new, where, side)

    def types(self, old: Schema, new: Schema, where: str, side: str) -> Iterator[str]:
        before, after = _types(old), _types(new)
        narrow, wide = (before, after) if side == "request" else (after, before)
        if before and after and not narrow <= wide:
            yield f"{where}: {'/'.join(sorted(before))} became {'/'.join(sorted(after))}"

    def properties(self, old: Schema, new: Schema, where: str, side: str) -> Iterator[str]:
        before, after = old.get("properties", {}), new.get("properties", {})
        for name, schema in before.items():
            if name not in after:
                yield f"{where}.{name}: gone"
            else:
                yield from self.schemas(schema, after[name], f"{where}.{name}", side)
        asked, given = (set(document.get("required", [])) for document in (new, old))
        if side == "request":
            yield from (f"{where}.{name}: required" for name in sorted(asked - given))
        else:
            yield from (f"{where}.{name}: may be missing" for name in sorted((given - asked) & set(after)))

    def resolved(self, schema: Schema, which: int) -> Schema:
        """The schema behind references; what `allOf` says of one thing, together."""
        if "$ref" in schema:
            return self.resolved(
                self.documents[which]["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]], which
            )
        if len(schema.get("allOf", [])) == 1:
            return {**self.resolved(schema["allOf"][0], which), **{k: v for k, v in schema.items() if k != "allOf"}}
        return schema


def _reference(schema: Schema) -> str:
    """The name that the schema goes by, alone or as the only one of `allOf`; empty where it is written out."""
    parts = schema.get("allOf", [])
    return str(parts[0].get("$ref", "")) if len(parts) == 1 else str(schema.get("$ref", ""))


def _types(schema: Schema) -> set[str]:
    found = schema.get("type", [])
    kinds = {found} if isinstance(found, str) else set(found)
    return kinds | {"number"} if "integer" in kinds else kinds


def main(old: str, new: str) -> int:
    found = breaking(*(json.loads(Path(name).read_text(encoding="utf-8")) for name in (old, new)))
    if found:
        sys.stdout.write("Clients of the API would break:\n" + "".join(f"  {line}\n" for line in found))
        sys.stdout.write(f"If that is meant, deprecate first, or make a new version; then renew {old}.\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
