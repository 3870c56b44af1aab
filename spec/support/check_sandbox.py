"""Holds the sandbox against the service's official description.

    python3 spec/support/check_sandbox.py answers|bodies|queries URL

answers: calls all operations and validates what comes: answers, events, errors. bodies and queries: mutates every member
of every body and every parameter; what the description forbids has to be refused with 422, and nothing may end in a 500
or take long. Prints what is wrong, and last how much was done; the exit status tells whether all was right.
"""

import copy
import http.client
import json
import re
import sys
import time

from description import Description, quote

W = "/v1/workflows"
LONGEST = 10
EVENT_TYPES = 17

description = Description()
complaints = []
counts = {"answers": 0, "events": 0, "errors": 0}


def complain(*parts):
    if len(complaints) < 50:
        print(" ".join(str(part)[:400] for part in parts))
    complaints.append(parts)


class Service:
    def __init__(self, url):
        self.host = url.split("//")[1]
        self.connection = http.client.HTTPConnection(self.host, timeout=60)

    def request(self, method, path, body=None, headers=None):
        """Returns status, headers and the text of the answer."""
        text = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
        given = {"Authorization": "Bearer sandbox", **({"Content-Type": "application/json"} if text else {}),
                 **(headers or {})}
        begun = time.time()
        self.connection.request(method, path, text, given)
        answer = self.connection.getresponse()
        content = answer.read()
        if time.time() - begun > LONGEST:
            complain(method, path, "took", round(time.time() - begun, 1), "seconds")
        return answer.status, answer.headers, content

    def call(self, method, path, body=None, expect=None, headers=None):
        """Makes a request and validates its answer; returns the decoded answer."""
        status, given, content = self.request(method, W + path, body, headers)
        operation = description.find(method, W + path)
        if expect and status != expect:
            complain(method, path, "answered", status, content[:200], "instead of", expect)
        if given["Content-Type"] and given["Content-Type"].startswith("text/event-stream"):
            return check_stream(operation, path, content.decode())
        value = json.loads(content) if content else None
        if status < 300:
            check_answer(operation, path, status, value)
        else:
            check_error(method, path, status, value)
        return value

    def control(self, method, path, body=None):
        status, _, content = self.request(method, "/_sandbox/" + path, body)
        assert status == 200, (path, status, content)
        return json.loads(content)


seen = {"operations": set(), "events": set(), "statuses": set()}


def check_answer(operation, path, status, value):
    counts["answers"] += 1
    seen["operations"].add((operation["method"], operation["path"]))
    if str(status) not in operation["responses"]:
        complain(operation["method"], path, "answered", status)
    schema = operation["responses"].get(str(status))
    if schema is None:
        if value is not None:
            complain(operation["method"], path, "has a body")
        return
    problem = description.problem(schema, value)
    if problem:
        complain(operation["method"], path, problem)


ERROR = {"type": "object", "required": ["detail"], "properties": {"detail": {"type": "string"},
         "code": {"type": "string", "pattern": "^WF_1[0-6]0[0-5]$"}}}
GATEWAY = {"type": "object", "required": ["object", "message", "type", "param", "code"],
           "properties": {"object": {"const": "error"}}}
AMBIGUOUS = {"type": "object", "required": ["code", "deployments"], "properties": {
    "code": {"const": "AMBIGUOUS_WORKFLOW"}, "deployments": {"type": "array", "items": {"type": "string"}}}}
REFUSAL = {"anyOf": [{"$ref": "#/components/schemas/HTTPValidationError"}, ERROR]}


def check_error(method, path, status, value):
    counts["errors"] += 1
    seen["statuses"].add(status)
    schema = GATEWAY if status == 401 else REFUSAL if status == 422 else ERROR
    if status == 409 and "deployments" in value:
        schema = AMBIGUOUS
    problem = description.problem(schema, value)
    if problem:
        complain(method, path, status, problem)


def frames(text):
    for block in re.split(r"\n\n", text):
        frame = {}
        for line in block.split("\n"):
            if line and not line.startswith(":"):
                name, _, value = line.partition(": ")
                frame[name] = frame[name] + "\n" + value if name in frame else value
        if "data" in frame:
            yield frame


def check_stream(operation, path, text):
    seen["operations"].add((operation["method"], operation["path"]))
    schema = operation["responses"]["200"]
    found = []
    for frame in frames(text):
        frame["data"] = json.loads(frame["data"])
        counts["events"] += 1
        problem = description.problem(schema, frame)
        if problem:
            complain(path, problem)
        data = frame["data"]
        if "broker_sequence" in data:
            seen["events"].add(data["data"]["event_type"])
        found.append(data)
    return found


def wait_until_closed(service, execution):
    while service.call("GET", "/executions/" + quote(execution))["status"] == "RUNNING":
        time.sleep(0.05)


# Answers

def check_workflows(service):
    names = [workflow["name"] for workflow in service.call("GET", "?limit=1000")["workflows"]]
    for name in names:
        service.call("GET", "/" + name, expect=200)
        service.call("GET", "/" + name + "/metrics", expect=200)
    ids = [service.call("GET", "/" + name)["workflow"]["id"] for name in names[:3]]
    service.call("PUT", "/hello", {"display_name": "X", "description": None, "tags": ["a"]}, expect=200)
    for path in ("/hello/archive", "/hello/unarchive"):
        service.call("PUT", path, expect=200)
    unknown = "00000000-0000-4000-8000-000000000000"
    for path in ("/archive", "/archive", "/unarchive"):
        service.call("PUT", path, {"workflow_ids": ids + [unknown]}, expect=200)
    registrations = service.call("GET", "/registrations?with_workflow=true&limit=200")["workflow_registrations"]
    for registration in registrations[:60]:
        service.call("GET", "/registrations/" + registration["id"] + "?with_workflow=true", expect=200)
    service.call("GET", "/registrations/" + unknown, expect=404)
    service.call("GET", "/nobody", expect=404)
    hello = service.call("GET", "/registrations?limit=1&workflow_id=" + service.call("GET", "/hello")["workflow"]["id"])
    path = "/registrations/" + hello["workflow_registrations"][0]["id"] + "/execute"
    service.call("POST", path, {}, expect=200)
    service.call("POST", path, {"wait_for_result": True}, expect=200)
    return names


def check_one_execution(service, execution):
    path = "/executions/" + quote(execution)
    for part in ("", "?include_search_keys=true", "/history", "/history?decode_payloads=true", "/trace/info",
                 "/trace/otel", "/trace/summary", "/trace/events", "/logs?limit=100", "/logs?order=desc",
                 "/trace/events?include_internal_events=true&merge_same_id_events=true"):
        service.call("GET", path + part, expect=200)
    for part in ("/stream?event_source=DATABASE", "/logs/stream"):
        service.call("GET", path + part, expect=200)
    events = service.call("GET", "/events/list?workflow_exec_id=" + quote(execution), expect=200)["events"]
    seen["events"].update(event["event_type"] for event in events)
    service.call("GET", "/events/stream?event_source=DATABASE&workflow_exec_id=" + quote(execution), expect=200)


def check_executions(service, names):
    inputs = {"strict": {"n": 1}, "slow": {"seconds": 0.1}, "tokens": {"count": 5}}
    open_ones = {"approval", "counter", "form", "connector", "forever"}
    started = ["check-tree:slow/1"]
    for name in names:
        body = {"execution_id": "check-" + name, "input": inputs.get(name, {})}
        answer = service.call("POST", "/%s/execute" % name, body)
        if "execution_id" in answer and name not in open_ones:
            started.append(answer["execution_id"])
    for execution in started:
        wait_until_closed(service, execution)
        check_one_execution(service, execution)
    path = "/executions/check-counter"
    service.call("POST", path + "/signals", {"name": "add", "input": {"n": 2}}, expect=202)
    service.call("POST", path + "/updates", {"name": "add", "input": {"n": 2}}, expect=200)
    service.call("POST", path + "/queries", {"name": "get"}, expect=200)
    service.call("POST", path + "/signals", {"name": "none"}, expect=422)
    service.call("POST", path + "/queries", {"name": "none"}, expect=404)
    service.call("POST", path + "/updates", {"name": "add", "input": {"n": "x"}}, expect=422)
    service.call("POST", path + "/reset", {"event_id": 1}, expect=422)
    service.call("POST", path + "/reset", {"event_id": 4, "reason": "check"}, expect=204)
    service.call("POST", "/executions/check-form/queries", {"name": "__get_pending_inputs"}, expect=200)
    service.call("POST", "/hello/execute", {"wait_for_result": True}, expect=200)
    service.call("POST", "/fail/execute", {"wait_for_result": True}, expect=500)
    service.call("POST", "/forever/execute", {"wait_for_result": True, "timeout_seconds": 0.01}, expect=504)
    service.call("POST", "/forever/execute", {"execution_id": "check-forever"}, expect=409)
    service.call("POST", "/retired/execute", {}, expect=409)
    service.call("POST", "/executions/check-approval/cancel", expect=204)
    service.call("POST", "/executions/check-approval/cancel", expect=409)
    service.call("POST", "/executions/check-forever/terminate", expect=204)
    for action in ("cancel", "terminate"):
        service.call("POST", "/executions/" + action, {"execution_ids": ["check-form", "nobody"]}, expect=200)
    check_one_execution(service, "check-approval")
    service.call("GET", "/executions/nobody", expect=404)


def check_runs(service):
    token = ""
    while token is not None:
        page = service.call("GET", "/runs?page_size=50&next_page_token=" + quote(token), expect=200)
        for run in page["executions"]:
            service.call("GET", "/runs/" + run["run_id"], expect=200)
            service.call("GET", "/runs/" + run["run_id"] + "/history", expect=200)
        token = page["next_page_token"]
    for status in ("COMPLETED", "FAILED", "CANCELED", "TERMINATED", "TIMED_OUT", "CONTINUED_AS_NEW", "RUNNING"):
        found = service.call("GET", "/runs?page_size=3&order=asc&status=" + status)["executions"]
        for run in found:
            if status in ("COMPLETED", "FAILED", "CANCELED", "CONTINUED_AS_NEW"):
                check_one_execution(service, run["execution_id"])
    service.call("GET", "/runs/00000000-0000-4000-8000-000000000000", expect=404)
    service.call("GET", "/runs/x", expect=422)


def check_schedules(service):
    definition = {"input": {}, "calendars": [{"hour": [{"start": 9, "end": 17, "step": 2}], "comment": "office"}],
                  "intervals": [{"every": "PT1H", "offset": "PT5M"}], "cron_expressions": ["*/5 * * * MON-FRI"],
                  "skip": [{"month": [{"start": 12}]}], "start_at": "2026-01-01T00:00:00Z", "end_at": None,
                  "jitter": "PT1S", "time_zone_name": "Europe/Paris", "max_executions": 100,
                  "policy": {"overlap": 6, "pause_on_failure": True, "catchup_window_seconds": 60}}
    for name, schedule in (("full", definition), ("bare", {"input": {}})):
        service.call("POST", "/schedules", {"workflow_identifier": "hello", "schedule_id": name, "schedule": schedule},
                     expect=201)
        service.call("POST", "/schedules/%s/trigger" % name, {}, expect=204)
        service.call("POST", "/schedules/%s/pause" % name, {"note": "check"}, expect=204)
        service.call("GET", "/schedules/" + name, expect=200)
        service.call("POST", "/schedules/%s/resume" % name, None, expect=204)
        service.call("PATCH", "/schedules/" + name, {"schedule": {"max_executions": 5}}, expect=200)
        service.call("GET", "/schedules/" + name, expect=200)
    service.call("GET", "/schedules?page_size=1", expect=200)
    service.call("GET", "/schedules", expect=200)
    service.call("DELETE", "/schedules/bare", expect=204)
    service.call("GET", "/schedules/bare", expect=404)
    service.call("POST", "/schedules", {"workflow_identifier": "hello", "schedule": {
        "input": {}, "cron_expressions": ["x"]}}, expect=422)


def check_deployments(service):
    for deployment in service.call("GET", "/deployments?active_only=false", expect=200)["deployments"]:
        path = "/deployments/" + deployment["name"]
        for part in ("", "?workflow_name=hello", "/workers", "/logs", "/logs?order=desc&limit=100"):
            service.call("GET", path + part, expect=200)
    name = "/deployments/check"
    spec = {"github_url": "https://github.com/example/check"}
    service.call("POST", "/deployments", {"name": "check", "spec": spec, "resources": {"replicas": 2}}, expect=202)
    service.call("POST", "/deployments", {"name": "check", "spec": spec}, expect=409)
    for change in ("stop", "start", "restart"):
        service.call("POST", name + "/" + change, expect=202)
        service.call("GET", name, expect=200)
    service.call("PATCH", name, {"spec": {"revision": "next"}, "resources": None}, expect=202)
    service.call("DELETE", name, expect=202)
    service.call("GET", "/deployments/nobody", expect=404)
    service.call("POST", "/deployments/default/stop", expect=409)


def check_live_streams(service):
    """Streams without an end are ended by a fault; error events are validated with them."""
    for reason in ("read_error", "stream_error", "internal_error"):
        for path in ("/executions/check-hello/stream", "/events/stream", "/executions/check-hello/logs/stream",
                     "/deployments/default/logs/stream?after=2000-01-01"):
            service.control("POST", "stream?drop_after=1&mode=error&reason=" + reason)
            found = service.call("GET", path, expect=200)
            if not found or found[-1].get("reason") != reason:
                complain(path, "has no error event of reason", reason)
    service.control("POST", "switch?streams=503")
    service.call("GET", "/events/stream", expect=503)
    service.control("POST", "switch?streams=open")
    service.call("GET", "/hello", headers={"Authorization": "Bearer wrong"}, expect=401)


def check_answers(service):
    names = check_workflows(service)
    check_executions(service, names)
    check_schedules(service)
    check_deployments(service)
    check_live_streams(service)
    check_runs(service)
    for operation in description.operations:
        if (operation["method"], operation["path"]) not in seen["operations"]:
            complain(operation["method"], operation["path"], "was not seen")
    if len(seen["events"]) != EVENT_TYPES:
        complain("only these types of events were seen:", sorted(seen["events"]))
    print("%d answers of %d operations, %d events of %d types, %d errors" % (
        counts["answers"], len(seen["operations"]), counts["events"], len(seen["events"]), counts["errors"]))


# Mutations

VALUES = [None, True, 0, -1, 1.5, 1e300, 2 ** 70, "", "x", "\u0000", "x" * 300, [], [None], [5], ["x"], {}, {"x": None},
          {"x": {"y": [1]}}, [[[[]]]], "2026-02-30T00:00:00Z", "P1D", "00000000-0000-4000-8000-000000000000"]

SCHEDULE = {"input": {"seconds": 1}, "calendars": [{"hour": [{"start": 9, "end": 17, "step": 2}], "second": [], "comment":
            "c"}], "intervals": [{"every": "PT1H", "offset": "PT5M"}], "cron_expressions": ["0 0 * * *"], "skip": [{"year": [
            {"start": 2030}]}], "start_at": "2030-01-01T00:00:00Z", "end_at": "2031-01-01T00:00:00Z", "jitter": "PT1S",
            "time_zone_name": "UTC", "max_executions": 1, "policy": {"overlap": 1, "pause_on_failure": False,
                                                                     "catchup_window_seconds": 10}}
EXECUTE = {"input": {"seconds": 0}, "execution_id": "mutated", "wait_for_result": False, "timeout_seconds": 0.1,
           "custom_tracing_attributes": {"a": "b"}, "force_new_trace": False, "extensions": {"a": {}},
           "task_queue": "default", "deployment_name": "default"}


def bodies_of(registration):
    """A valid body for each operation that takes one, by method and path."""
    return {
        ("POST", "/slow/execute"): EXECUTE,
        ("POST", "/registrations/%s/execute" % registration): EXECUTE,
        ("PUT", "/hello"): {"display_name": "x", "description": "x", "available_in_chat_assistant": True, "tags": ["x"]},
        ("PUT", "/archive"): {"workflow_ids": ["00000000-0000-4000-8000-000000000000"]},
        ("PUT", "/unarchive"): {"workflow_ids": ["00000000-0000-4000-8000-000000000000"]},
        ("POST", "/executions/open/signals"): {"name": "add", "input": {"n": 1}},
        ("POST", "/executions/open/queries"): {"name": "get", "input": {}},
        ("POST", "/executions/open/updates"): {"name": "add", "input": {"n": 1}},
        ("POST", "/executions/open/reset"): {"event_id": 5, "reason": "x", "exclude_signals": True,
                                             "exclude_updates": True},
        ("POST", "/executions/cancel"): {"execution_ids": ["nobody"]},
        ("POST", "/executions/terminate"): {"execution_ids": ["nobody"]},
        ("POST", "/schedules"): {"workflow_identifier": "slow", "schedule_id": "mutated", "schedule": SCHEDULE,
                                 "deployment_name": "default"},
        ("PATCH", "/schedules/kept"): {"schedule": SCHEDULE},
        ("POST", "/schedules/kept/pause"): {"note": "x"},
        ("POST", "/schedules/kept/resume"): {"note": "x"},
        ("POST", "/schedules/kept/trigger"): {"overlap": 1},
        ("POST", "/deployments"): {"name": "mutated", "hardened": True, "resources": {
            "replicas": 1, "cpu_request": "1", "cpu_limit": "1", "memory_request": "1", "memory_limit": "1"}, "spec": {
                "github_url": "x", "revision": "x", "entrypoint": "x", "working_dir": "x"}},
        ("PATCH", "/deployments/managed-ocr"): {"spec": {"github_url": "x", "revision": "x", "entrypoint": "x",
                                                         "working_dir": "x"}, "resources": {"replicas": 1}},
    }


def mutations(value):
    """Copies of a value of which one part is another, or is not there."""
    for other in VALUES:
        yield other
    if isinstance(value, dict):
        for name in value:
            without = copy.deepcopy(value)
            del without[name]
            yield without
            for mutated in mutations(value[name]):
                yield {**value, name: mutated}
    elif isinstance(value, list):
        for mutated in mutations(value[0]) if value else ():
            yield [mutated] + value[1:]
        yield value * 101


def check_refusal(service, method, path, body, allowed, what):
    status, headers, content = service.request(method, path, body)
    counts["answers"] += 1
    if status in (500, 502) or status >= 400 and not (headers["Content-Type"] or "").startswith("application/json"):
        complain(method, path, what, "answered", status, content[:200])
    elif not allowed and status != 422:
        complain(method, path, what, "is not allowed, but answered", status, content[:200])
    elif status >= 400:
        check_error(method, path, status, json.loads(content))


def lenient(schema):
    """A body's schema, with numbers where it has date-times: the service's framework takes these, too."""
    schema = description.resolve(schema)
    text = json.dumps(schema)
    if "ScheduleDefinition" not in text:
        return schema
    for name in ("ScheduleDefinition", "PartialScheduleDefinition"):
        definition = json.dumps(description.components["schemas"][name]).replace(
            '{"type": "string", "format": "date-time"}', '{"type": ["string", "number"], "format": "date-time"}')
        text = text.replace('{"$ref": "#/components/schemas/%s"}' % name, definition)
    return json.loads(text)


def renew(service):
    service.control("POST", "reset")
    service.call("POST", "/counter/execute", {"execution_id": "open"})
    service.call("POST", "/schedules", {"workflow_identifier": "slow", "schedule_id": "kept", "schedule": {"input": {}}})


def check_bodies(service):
    registration = service.call("GET", "/slow")["workflow"]["id"]
    registration = service.call("GET", "/registrations?limit=1&workflow_id=" + registration)
    bodies = bodies_of(registration["workflow_registrations"][0]["id"])
    with_body = [operation for operation in description.operations if "body" in operation]
    assert len(with_body) == len({id(description.find(method, W + path)) for method, path in bodies})
    for (method, path), body in bodies.items():
        renew(service)
        operation = description.find(method, W + path)
        for mutated in mutations(body):
            allowed = description.problem(lenient(operation["body"]), mutated) is None
            check_refusal(service, method, W + path, mutated, allowed, json.dumps(mutated)[:200])
        for text in (b"", b"{", b"\xff", b"[" * 5000, b'{"a":1', b"nul", b'{"a":01}', b'"\\ud800"'):
            check_refusal(service, method, W + path, text or None, True, repr(text[:20]))
    for path in ("/runs", "", "/registrations", "/schedules", "/deployments?active_only=false", "/events/list?limit=1000"):
        service.call("GET", path, expect=200)
    print("%d mutated bodies of %d operations" % (counts["answers"], len(bodies)))


TEXTS = ["", "x", "null", "true", "0", "-1", "1", "1.5", "1e3", "9007199254740993", "9" * 400, "*", "a:b", ":", "[]", "{}",
         '{"a":1}', '{"a":"b"}', '"x"', "2026-02-30", "2026-01-01T00:00:00Z", "2026-01-01T00:00:61Z",
         "00000000-0000-4000-8000-000000000000", "RUNNING", "desc", "\u00e9\u4e2d", "\x01", "a" * 5000, "../..", "'\"<>;--",
         "%25", "COMPLETED", "end_time", "active", "current", "WORKFLOW_EXECUTION_STARTED", "DATABASE"]

PATHS = {"workflow_identifier": "slow", "workflow_name": "slow", "execution_id": "ended", "name": "default",
         "schedule_id": "kept"}


def is_date(schema):
    return "date-time" in json.dumps(schema)


def check_queries(service):
    renew(service)
    service.call("POST", "/slow/execute", {"execution_id": "ended", "input": {"seconds": 0}})
    PATHS["run_id"] = service.call("GET", "/executions/ended")["run_id"]
    registrations = service.call("GET", "/registrations?limit=1")["workflow_registrations"]
    PATHS["workflow_registration_id"] = registrations[0]["id"]
    parameters = 0
    for operation in description.operations:
        path = re.sub(r"{(\w+)}", lambda match: PATHS[match[1]], operation["path"])
        for parameter in operation["parameters"]:
            parameters += 1
            for text in TEXTS:
                if parameter["in"] == "path":
                    check_path(service, operation, parameter["name"], text)
                elif parameter["in"] == "query":
                    query = "%s?%s=%s" % (path, parameter["name"], quote(text))
                    check_query(service, operation, parameter, query, text)
    print("%d mutated values of %d parameters" % (counts["answers"], parameters))


def check_query(service, operation, parameter, path, text):
    streams = "/stream?" in path
    if streams:
        service.control("POST", "stream?mode=clean&drop_after=0")
    allowed = description.fits_query(parameter["schema"], text) or is_date(parameter["schema"])
    check_refusal(service, operation["method"], path, None, allowed, "")
    if streams:
        service.control("DELETE", "stream")


def check_path(service, operation, name, text):
    if not text or operation["path"].endswith("/stream"):
        return
    path = operation["path"].replace("{%s}" % name, quote(text))
    path = re.sub(r"{(\w+)}", lambda match: PATHS[match[1]], path)
    body = {} if "body" in operation else None
    check_refusal(service, operation["method"], path, body, True, "")


CHECKS = {"answers": check_answers, "bodies": check_bodies, "queries": check_queries}

if __name__ == "__main__":
    CHECKS[sys.argv[1]](Service(sys.argv[2]))
    if complaints:
        print("%d complaints" % len(complaints))
        sys.exit(1)
