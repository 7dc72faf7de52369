#!/usr/bin/python3-with-real-clock
"""A stand-in for oci-registry 0.4.5, for hosts where it can't be had: its command line, and the one behaviour that matters to who may
reach it. As upstream's src/main.rs, src/api.rs and src/upstream.rs have it: a request's `ns` names the upstream, the last one
counts, an unknown name is taken for a host and called, and there is no authentication; `/` answers without any upstream. It caches
nothing and checks no digest: that the real one does is not proven here.
"""

import argparse
import http.client
import re
import sys
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

parser = argparse.ArgumentParser()
parser.add_argument("--listen", required=True)
parser.add_argument("--check-cache-digest", action="store_true", required=True)
parser.add_argument("--upstream-config-file", required=True)
parser.add_argument("storage", choices=["filesystem"])
parser.add_argument("--root", required=True)
options = parser.parse_args()

UPSTREAMS = {}
with open(options.upstream_config_file, encoding="utf-8") as settings:
    for entry in re.split(r"^- ", settings.read(), flags=re.MULTILINE)[1:]:
        fields = dict(re.findall(r"^\s*(\w+): (.*)$", entry, re.MULTILINE))
        if fields.get("blob_invalidation_time") != "3650d" or fields.get("manifest_invalidation_time") != "3650d":
            sys.exit(f"{options.upstream_config_file}: entries of {fields.get('namespace')} expire")
        UPSTREAMS[fields["namespace"]] = fields["host"]


class Handler(BaseHTTPRequestHandler):
    """Passes a request on to the host that `ns` stands for."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path, _, query = self.path.partition("?")
        if path == "/":
            # Lives, whatever its upstreams do.
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        names = urllib.parse.parse_qs(query).get("ns", ["docker.io"])
        upstream = http.client.HTTPConnection(UPSTREAMS.get(names[-1], names[-1]), timeout=5)
        upstream.request("GET", path, headers={"Accept": "*/*"})
        upstream.getresponse().read()
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_DELETE(self):
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


host, port = options.listen.rsplit(":", 1)
ThreadingHTTPServer((host, int(port)), Handler).serve_forever()
