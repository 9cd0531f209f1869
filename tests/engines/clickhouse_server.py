"""A ClickHouse server for tests: its HTTP protocol, with the engine itself (chdb) behind it.

`python clickhouse_server.py FOLDER USER PASSWORD` prints the port it listens on and serves until its input ends.
"""

import base64
import email.parser
import os
import re
import sys
import tempfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from urllib.parse import parse_qsl, urlsplit

import chdb

FORMAT = re.compile(r"\s+FORMAT\s+(\w+)\s*;?\s*$", re.IGNORECASE)
# Of the protocol, not of the engine.
NOT_SETTINGS = {"query", "database", "user", "password", "session_id", "query_id", "compress", "decompress", "client_protocol_version"}
NOT_SETTINGS |= {"role", "send_progress_in_http_headers", "http_headers_progress_interval_ms", "wait_end_of_query", "buffer_size"}
FOLDER, USER, PASSWORD = sys.argv[1:]
one_at_a_time = Lock()
chdb_kept = chdb.connect(FOLDER)


def answer(sql: str, form: str, settings: dict[str, str], params: dict[str, str], database: str) -> bytes:
    with one_at_a_time:
        connection = chdb.connect(FOLDER)
        try:
            if database:
                connection.query(f"USE {database}")
            for name, value in settings.items():
                connection.query("SET {} = '{}'".format(name, value.replace("'", "\\'")))
            return bytes(connection.query(sql, form, params=params or None).bytes() or b"")
        finally:
            connection.close()


def insert(sql: str, data: bytes, *rest: object) -> bytes:
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        return answer(FORMAT.sub(rf" FROM INFILE '{file.name}' FORMAT \1", sql), "CSV", *rest)  # type: ignore[arg-type]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send(200, b"Ok.\n") if self.path == "/ping" else self.run()

    def do_POST(self) -> None:
        self.run()

    def run(self) -> None:
        body, asked = self.body(), dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        if self.headers.get_content_type() == "multipart/form-data":
            asked |= fields(self.headers["Content-Type"], body)
            body = b""
        sql, data = (asked["query"], body) if "query" in asked else (body.decode(), b"")
        if self.headers.get("Authorization") != "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode():
            self.refuse("Code: 516. DB::Exception: Authentication failed. (AUTHENTICATION_FAILED)")
            return
        params = {name.removeprefix("param_"): value for name, value in asked.items() if name.startswith("param_")}
        settings = {name: value for name, value in asked.items() if not name.startswith("param_") and name not in NOT_SETTINGS}
        form = FORMAT.search(sql)
        try:
            if data:
                found = insert(sql, data, settings, params, asked.get("database", ""))
            else:
                found = answer(FORMAT.sub("", sql), form[1] if form else "TabSeparated", settings, params, asked.get("database", ""))
        except RuntimeError as error:
            self.refuse(str(error))
            return
        self.send(200, found, {"X-ClickHouse-Summary": "{}"} | ({"X-ClickHouse-Format": form[1]} if form and not data else {}))

    def body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def refuse(self, text: str) -> None:
        code = re.search(r"Code: (\d+)", text)
        self.send(500, text.encode(), {"X-ClickHouse-Exception-Code": code[1] if code else "1000"})

    def send(self, status: int, content: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


def fields(kind: str, body: bytes) -> dict[str, str]:
    message = email.parser.BytesParser().parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
    found = {}
    for part in message.get_payload():
        name = part.get_param("name", header="content-disposition")  # type: ignore[union-attr]
        found[str(name)] = part.get_payload(decode=True).decode()  # type: ignore[union-attr]
    return found


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_port, flush=True)
    sys.stdin.read()
    os._exit(0)
