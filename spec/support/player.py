#!/usr/bin/env python3
"""Plays executions over connections that break: what follows and waits is tested against it.

    player.py DIR

listens on a free loopback port, writes url=... to DIR/ready, and ends when its standard input does. player.lua is
its other half and documents the scripts. Control goes over DIR/control.in (a JSON text a line) and
DIR/control.out (a Lua chunk a line).
"""

import asyncio
import collections
import email.utils
import json
import os
import random
import socket
import struct
import sys
import threading
import time
import urllib.parse

END_EVENTS = {"COMPLETED": "WORKFLOW_EXECUTION_COMPLETED", "FAILED": "WORKFLOW_EXECUTION_FAILED",
              "CANCELED": "WORKFLOW_EXECUTION_CANCELED"}
DROPS = ("abort", "clean", "hang", "error", "slow", "partial")


def iso(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{int(seconds % 1 * 1e6):06d}Z"


def reset(writer):
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


class Execution:
    def __init__(self, play, identifier, script):
        self.identifier, self.script, self.play = identifier, script, play
        self.workflow = script.get("workflow", "played")
        self.status = "RUNNING"
        self.started = time.time()
        self.ended = None
        self.run = 1

    def publish(self, event_type, **attributes):
        self.play.publish(self, event_type, attributes)

    async def live(self):
        """One run: the events, one after the other, and then the end."""
        script, count = self.script, self.script.get("events", 3)
        self.publish("WORKFLOW_EXECUTION_STARTED")
        for number in range(2, count):
            await self.pause()
            self.publish("CUSTOM_TASK_IN_PROGRESS", number=number)
        await self.pause()
        await asyncio.sleep(script.get("seconds", 0))
        await self.end(script.get("status", "COMPLETED"))

    async def pause(self):
        if self.script.get("interval", 0) > 0:
            await asyncio.sleep(self.script["interval"])

    async def end(self, status):
        lag = self.script.get("status_lag", 0)
        if lag < 0:  # the event comes later than the status
            self.status, self.ended = status, time.time()
            await asyncio.sleep(-lag)
        if status in END_EVENTS:
            result = "x" * self.script.get("result_bytes", 0) or None
            failure = {"failure": {"message": "boom"}} if status == "FAILED" else {"result": result}
            self.publish(END_EVENTS[status], **failure)
        if lag > 0:
            await asyncio.sleep(lag)
        if lag >= 0:
            self.status, self.ended = status, time.time()

    def facts(self):
        name = None if self.play.settings.get("nameless") else self.workflow
        return {"workflow_name": name, "execution_id": self.identifier, "run_id": None,
                "root_execution_id": self.identifier, "parent_execution_id": None, "status": self.status,
                "start_time": iso(self.started), "end_time": self.ended and iso(self.ended),
                "total_duration_ms": None}


class Play:
    """What is played and what was asked since the last reset."""

    def __init__(self):
        self.executions, self.log, self.requests = {}, [], []
        self.changed = asyncio.Event()
        self.counters = collections.Counter()
        self.settings = {}
        self.random = random.Random(1)
        self.tasks = set()
        self.open = self.most_open = 0

    def publish(self, execution, event_type, attributes):
        event = {"event_id": f"e{len(self.log) + 1}", "event_timestamp": time.time_ns(),
                 "root_workflow_exec_id": execution.identifier, "parent_workflow_exec_id": None,
                 "workflow_exec_id": execution.identifier, "workflow_run_id": f"run-{execution.run}",
                 "workflow_name": execution.workflow, "event_type": event_type, "attributes": attributes}
        self.log.append(event)
        self.changed.set()
        self.changed = asyncio.Event()

    def spawn(self, work):
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)


class Server:
    def __init__(self, loop):
        self.loop = loop
        self.play = Play()

    # The control interface

    async def play_script(self, executions, **settings):
        self.play.settings.update(settings)
        if "seed" in settings:
            self.play.random = random.Random(settings["seed"])
        for identifier, script in executions.items():
            execution = self.play.executions.get(identifier)
            if execution is None:
                execution = self.play.executions[identifier] = Execution(self.play, identifier, script)
            self.play.spawn(execution.live())

    async def set_settings(self, **settings):
        self.play.settings.update(settings)

    async def end(self, identifier, status):
        await self.play.executions[identifier].end(status)

    async def again(self, identifier, **script):
        """Another run of the same execution, as after a reset."""
        execution = self.play.executions[identifier]
        execution.status, execution.started, execution.ended = "RUNNING", time.time(), None
        execution.run += 1
        execution.script = {**execution.script, **script}
        self.play.spawn(execution.live())

    async def stats(self):
        return {"counters": dict(self.play.counters), "open_streams": self.play.open,
                "most_open_streams": self.play.most_open, "events": len(self.play.log)}

    async def requests(self):
        return self.play.requests

    async def reset(self):
        old, self.play = self.play, Play()
        for task in list(old.tasks):
            task.cancel()

    async def stop(self):
        os._exit(0)

    def command(self, line):
        try:
            command = json.loads(line)
            method = getattr(self, command.pop("command"))
            value = asyncio.run_coroutine_threadsafe(method(**command), self.loop).result(20)
            return to_lua({"value": value})
        except Exception as problem:  # pylint: disable=broad-except
            return to_lua({"error": f"{type(problem).__name__}: {problem}"})

    # HTTP

    async def serve(self, reader, writer):
        self.play.spawn(self.connection(reader, writer))

    async def connection(self, reader, writer):
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            while request := await self.read(reader):
                if not await self.answer(request, reader, writer):
                    break
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    @staticmethod
    async def read(reader):
        line = await reader.readline()
        if not line:
            return None
        method, target, _ = line.decode().split(" ")
        length = 0
        while (header := (await reader.readline()).decode().strip()) != "":
            name, _, value = header.partition(":")
            if name.lower() == "content-length":
                length = int(value)
        body = await reader.readexactly(length)
        path, _, query = target.partition("?")
        parameters = urllib.parse.parse_qs(query, keep_blank_values=True)
        return method, path, parameters, json.loads(body or b"null"), target

    async def answer(self, request, reader, writer):
        method, path, parameters, body, target = request
        play = self.play
        parts = path.removeprefix("/v1/workflows/").split("/")
        kind = self.kind(method, parts)
        play.counters[kind] += 1
        play.requests.append(f"{method} {target}")
        trouble = (play.settings.get("trouble") or {}).get(kind)
        if play.counters[kind] > play.settings.get("trouble_times", 10 ** 9):
            trouble = None
        if trouble in ("silence", "reset"):
            return await self.refuse(trouble, reader, writer)
        if trouble == "page":
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>")
            return True
        if isinstance(trouble, int):
            return self.send(writer, trouble, {"detail": "trouble"}, play.settings.get("retry_after"))
        if kind in ("stream", "events_stream"):
            await self.stream(parts, parameters, reader, writer, kind, trouble)
            return False
        status, value = getattr(self, kind)(parts, parameters, body)
        return await self.answer_badly(writer, self.text(status, value), trouble)

    @staticmethod
    def kind(method, parts):
        if method == "POST":
            return "execute" if parts[-1] == "execute" else "other"
        if parts[0] == "runs":
            return "runs"
        if parts[0] == "events":
            return "events_stream" if parts[1] == "stream" else "events"
        if parts[0] == "executions":
            return "stream" if parts[-1] == "stream" else "status" if len(parts) == 2 else "other"
        return "other"

    @staticmethod
    async def refuse(trouble, reader, writer):
        if trouble == "reset":
            reset(writer)
        else:
            await reader.read(1)
        return False

    async def answer_badly(self, writer, text, trouble):
        """Sends an answer: in pieces over slow_seconds, without its end, or as it should be. True when it is whole."""
        if trouble == "slow":
            for start in range(0, len(text), 100):
                writer.write(text[start:start + 100])
                await asyncio.sleep(self.play.settings.get("slow_seconds", 1) / (len(text) / 100))
        elif trouble == "cut":
            writer.write(text[:-len(text) // 8])
            await writer.drain()
            return False
        else:
            writer.write(text)
        return True

    def send(self, writer, status, value, retry_after=None):
        writer.write(self.text(status, value, retry_after))
        return True

    @staticmethod
    def text(status, value, retry_after=None):
        if status == 204:
            return b"HTTP/1.1 204 No Content\r\n\r\n"
        body = json.dumps(value)
        head = [f"HTTP/1.1 {status} Said", "Content-Type: application/json",
                f"Date: {email.utils.formatdate(usegmt=True)}", f"Content-Length: {len(body)}"]
        if retry_after is not None:
            head.append(f"Retry-After: {retry_after}")
        return "\r\n".join([*head, "", body]).encode()

    def other(self, parts, _parameters, _body):
        return 200, {"workflow": {"name": urllib.parse.unquote(parts[0])}}

    def status(self, parts, _parameters, _body):
        execution = self.play.executions.get(urllib.parse.unquote(parts[1]))
        if execution is None:
            return 404, {"detail": "Execution not found", "code": "WF_1100"}
        return 200, {**execution.facts(), "result": {"done": execution.identifier} if execution.ended else None}

    def execute(self, parts, _parameters, body):
        identifier = body.get("execution_id") or f"made-{len(self.play.executions) + 1}"
        known = self.play.executions.get(identifier)
        if known is not None and known.status == "RUNNING":
            return 409, {"detail": "already running", "code": "WF_1101"}
        script = {**self.play.settings.get("script", {}), "workflow": parts[0]}
        execution = self.play.executions[identifier] = Execution(self.play, identifier, script)
        self.play.spawn(execution.live())
        self.play.counters["started"] += 1
        return 200, {**execution.facts(), "result": None}

    def runs(self, _parts, parameters, _body):
        items = [item for item in self.play.executions.values() if self.listed(item, parameters)]
        items.sort(key=lambda item: item.ended or item.started, reverse=True)
        first = int(parameters.get("next_page_token", ["0"])[0])
        size = int(parameters.get("page_size", ["50"])[0])
        page = items[first:first + size]
        token = str(first + size) if first + size < len(items) else None
        return 200, {"executions": [item.facts() for item in page], "next_page_token": token}

    def listed(self, item, parameters):
        wanted = parameters.get("status")
        if item.ended and time.time() < item.ended + self.play.settings.get("list_lag", 0):
            return False
        if wanted and item.status not in wanted:
            return False
        if parameters.get("workflow_identifier", [item.workflow])[0] != item.workflow:
            return False
        after = parameters.get("end_time_after")
        return not after or bool(item.ended and iso(item.ended) >= after[0])

    def events(self, _parts, parameters, _body):
        wanted = parameters.get("workflow_exec_id", [None])[0]
        found = [event for event in self.play.log if wanted in (None, event["workflow_exec_id"])]
        return 200, {"events": found, "next_cursor": None}

    # Streams

    def selected(self, event, identifier, parameters):
        if event["event_type"] in self.play.settings.get("withheld", ()):
            return False
        if identifier is not None and event["workflow_exec_id"] != identifier:
            return False
        for name, member in (("workflow_exec_id", "workflow_exec_id"), ("workflow_name", "workflow_name"),
                             ("workflow_event_types", "event_type")):
            wanted = parameters.get(name)
            if wanted and "*" not in wanted and event[member] not in wanted:
                return False
        return True

    def frame(self, sequence, event):
        pad = "x" * self.play.settings.get("event_bytes", 0)
        payload = {"stream": "*", "broker_sequence": sequence, "timestamp": iso(time.time()), "data": event}
        if pad:
            payload["metadata"] = {"pad": pad}
        return f"id: {sequence}\nevent: workflow.event\ndata: {json.dumps(payload)}\n\n".encode()

    async def stream(self, parts, parameters, reader, writer, kind, trouble):
        play = self.play
        identifier = urllib.parse.unquote(parts[1]) if kind == "stream" else None
        if identifier is not None and identifier not in play.executions:
            self.send(writer, 404, {"detail": "Execution not found", "code": "WF_1100"})
            return
        start = int(parameters.get("last_event_id", ["0"])[0] or 0) + 1
        start = int(parameters.get("start_seq", [start])[0] or 1)
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
        if not await self.answer_badly(writer, head, trouble):
            return
        play.open += 1
        play.most_open = max(play.most_open, play.open)
        gone = asyncio.ensure_future(reader.read(1))
        try:
            await self.frames(play, identifier, parameters, max(start, 1), writer, gone)
        finally:
            play.open -= 1
            gone.cancel()

    async def frames(self, play, identifier, parameters, position, writer, gone):
        drops, left = self.next_drop(play)
        while True:
            while position <= len(play.log):
                event = play.log[position - 1]
                if self.selected(event, identifier, parameters):
                    if left == 0 and drops is not None:
                        if not await self.drop(drops, self.frame(position, event), writer, gone):
                            return
                        drops, left = self.next_drop(play)
                    writer.write(self.frame(position, event))
                    left -= 1
                position += 1
            await writer.drain()
            changed = asyncio.ensure_future(play.changed.wait())
            await asyncio.wait({changed, gone}, return_when=asyncio.FIRST_COMPLETED,
                               timeout=play.settings.get("heartbeat", 1))
            changed.cancel()
            if gone.done():
                return
            writer.write(b": alive\n\n")

    @staticmethod
    def next_drop(play):
        kinds = play.settings.get("drops")
        if not kinds or play.counters["drop"] >= play.settings.get("most_drops", 10 ** 9):
            return None, -1
        least, most = play.settings.get("every", [1, 5])
        return play.random.choice(kinds), play.random.randint(least, most)

    async def drop(self, kind, frame, writer, gone):
        """Breaks the connection before this frame. True when it goes on."""
        self.play.counters["drop"] += 1
        self.play.counters["drop_" + kind] += 1
        await writer.drain()
        if kind == "slow":
            until = time.time() + self.play.settings.get("slow_seconds", 0.5)
            while time.time() < until and not gone.done():
                writer.write(b": still there\n\n")
                await asyncio.sleep(0.05)
            return not gone.done()
        if kind == "hang":
            await gone
        elif kind == "error":
            writer.write(b'event: error\ndata: {"error": "lost the source", "reason": "read_error"}\n\n')
            await writer.drain()
        elif kind == "partial":
            writer.write(frame[:len(frame) // 2])
            await writer.drain()
            writer.transport.abort()
        elif kind == "abort":
            reset(writer)
        return False


ESCAPES = {code: f"\\{code:03d}" for code in range(256) if not 32 <= code < 127 or chr(code) in '"\\'}


def to_lua(value):
    """A Lua expression with this value, on one line."""
    if isinstance(value, dict):
        return "{" + ",".join(f"[{to_lua(key)}]={to_lua(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "{" + ",".join(map(to_lua, value)) + "}"
    if isinstance(value, str):
        return '"' + value.translate(ESCAPES) + '"'
    return "nil" if value is None else str(value).lower()


def end_with_input():
    while os.read(0, 4096):
        pass
    os._exit(0)


def control(server, directory):
    requests, replies = (os.open(os.path.join(directory, name), os.O_RDWR) for name in ("control.in", "control.out"))
    with open(requests, "rb") as lines, open(replies, "wb", 0) as out:
        for line in lines:
            out.write(f"return {server.command(line)}\n".encode())


async def main(directory):
    for name in ("control.in", "control.out"):
        os.mkfifo(os.path.join(directory, name))
    loop = asyncio.get_running_loop()
    server = Server(loop)
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0, backlog=4096)
    port = listener.sockets[0].getsockname()[1]
    threading.Thread(target=end_with_input, daemon=True).start()
    threading.Thread(target=control, args=(server, directory), daemon=True).start()
    with open(os.path.join(directory, "ready"), "w", encoding="ascii") as file:
        file.write(f"url=http://127.0.0.1:{port}\n")
    async with listener:
        await listener.serve_forever()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: player.py DIR")
    asyncio.run(main(sys.argv[1]))
