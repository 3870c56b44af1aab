"""The service's official description (description.json), with a JSON Schema validator."""

import datetime
import json
import os
import re
import urllib.parse

import jsonschema

FORMATS = jsonschema.FormatChecker(formats=())

UUID = re.compile(r"[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}\Z")
DURATION = re.compile(r"P(?!\Z)(\d+(\.\d+)?Y)?(\d+(\.\d+)?M)?(\d+(\.\d+)?W)?(\d+(\.\d+)?D)?"
                      r"(T(?=\d)(\d+(\.\d+)?H)?(\d+(\.\d+)?M)?(\d+(\.\d+)?S)?)?\Z")


@FORMATS.checks("uuid")
def is_uuid(value):
    return not isinstance(value, str) or UUID.match(value) is not None


@FORMATS.checks("duration")
def is_duration(value):
    return not isinstance(value, str) or DURATION.match(value) is not None


@FORMATS.checks("date-time")
def is_datetime(value):
    if not isinstance(value, str):
        return True
    match = re.match(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)\Z", value)
    try:
        return match is not None and bool(datetime.datetime.fromisoformat(match[1] + "T" + match[2]))
    except ValueError:
        return False


class Description:
    def __init__(self):
        path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "description.json")
        with open(path, encoding="utf-8") as file:
            document = json.load(file)
        self.operations = document["operations"]
        self.components = document["components"]
        self.known = {}

    def resolve(self, schema):
        """The schema that a reference leads to."""
        while "$ref" in schema:
            schema = self.components["schemas"][schema["$ref"].rsplit("/", 1)[1]]
        return schema

    def problem(self, schema, value):
        """What is wrong with a value, as text, or None."""
        key = json.dumps(schema)
        if key not in self.known:
            self.known[key] = jsonschema.Draft202012Validator({**schema, "components": self.components},
                                                              format_checker=FORMATS)
        error = next(self.known[key].iter_errors(value), None)
        if error is None:
            return None
        while error.context:
            error = max(error.context, key=lambda inner: len(inner.absolute_path))
        return "%s: %s" % ("/".join(str(part) for part in error.absolute_path), error.message[:300])

    def find(self, method, path):
        """The operation of a request; fixed words go before parameters."""
        segments = path.split("?")[0].strip("/").split("/")
        best = None
        for operation in self.operations:
            template = operation["path"].strip("/").split("/")
            fits = len(template) == len(segments) and all(
                part.startswith("{") or part == segment for part, segment in zip(template, segments))
            if operation["method"] == method and fits:
                fixed = [part.startswith("{") for part in template]
                if best is None or fixed < best[0]:
                    best = (fixed, operation)
        return best and best[1]

    def fits_query(self, schema, text):
        """True when a query's text is a value of a schema."""
        schema = self.resolve(schema)
        if "anyOf" in schema:
            return any(self.fits_query(part, text) for part in schema["anyOf"])
        kind = schema.get("type")
        if kind == "null":
            return False
        if kind == "array":
            return self.fits_query(schema["items"], text)
        value = text
        if kind == "integer":
            if not re.match(r"\s*[+-]?\d+\s*\Z", text):
                return False
            value = int(text)
        elif kind == "boolean":
            return text.lower() in ("true", "false", "1", "0", "on", "off", "yes", "no", "t", "f", "y", "n")
        elif kind == "object":
            try:
                value = json.loads(text)
            except ValueError:
                return False
        return self.problem(schema, value) is None


def quote(value):
    return urllib.parse.quote(value, safe="")
