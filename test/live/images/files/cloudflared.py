"""Stands in for cloudflared, whose program is on no package registry: a tunnel that is dialled from inside.

It opens connections to the edge (region1.v2.argotunnel.com, port 7844, as the real one) and joins each one that the edge hands
a visitor to a new connection to Traefik. /ready on port 2000 answers 200 while at least one connection to the edge stands, /healthcheck always. Bytes
go through as they are: TLS ends at Traefik, and no header is added, unlike at Cloudflare.
"""

import http.server
import socket
import threading
import time

EDGE = ("region1.v2.argotunnel.com", 7844)
ORIGIN = ("traefik.kube-system.svc.cluster.local", 443)
SPARE = 32
standing = 0
lock = threading.Lock()


def count(change):
    """Adds to the number of connections that stand ready."""
    global standing
    with lock:
        standing += change


def pump(source, target):
    """Copies until the source ends, then says so to the target."""
    try:
        while data := source.recv(65536):
            target.sendall(data)
    except OSError:
        pass
    try:
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def serve(edge):
    """Joins a connection that a visitor was given to a new one to Traefik."""
    with edge:
        try:
            origin = socket.create_connection(ORIGIN, 5)
        except OSError as error:
            print(f"no connection to {ORIGIN}: {error}", flush=True)
            return
        origin.settimeout(None)
        with origin:
            back = threading.Thread(target=pump, args=(origin, edge), daemon=True)
            back.start()
            pump(edge, origin)
            back.join()


def keep_ready():
    """One spare connection after another, for as long as the program runs."""
    while True:
        try:
            edge = socket.create_connection(EDGE, 5)
            edge.settimeout(None)
            edge.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        except OSError as error:
            print(f"no connection to {EDGE}: {error}", flush=True)
            time.sleep(1)
            continue
        count(1)
        # The edge sends one byte when a visitor has come.
        visitor = b""
        try:
            visitor = edge.recv(1)
        except OSError:
            pass
        count(-1)
        if visitor:
            threading.Thread(target=serve, args=(edge,), daemon=True).start()
        else:
            edge.close()
            time.sleep(0.2)


class Ready(http.server.BaseHTTPRequestHandler):
    """The real one's pages: /healthcheck answers as long as the process does, /ready while a connection stands."""

    def do_GET(self):
        well = self.path == "/healthcheck" or (self.path == "/ready" and standing > 0)
        body = b'{"status":200}' if well else b'{"status":503}'
        self.send_response(200 if well else 503)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        """Says nothing of each question."""


for _ in range(SPARE):
    threading.Thread(target=keep_ready, daemon=True).start()
http.server.ThreadingHTTPServer(("0.0.0.0", 2000), Ready).serve_forever()
