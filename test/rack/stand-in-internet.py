"""The internet of the rack: a web server that answers every name. Serves a Debian archive below /debian/ and the artefacts
that projects publish below /downloads/; a file with a sibling `NAME.cut` breaks off in the middle.

Usage: stand-in-internet.py ARCHIVE_FOLDER DOWNLOADS_FOLDER LOG_FILE. Every request is logged with the address it came from.
"""

import http.server
import os
import socket
import sys
import urllib.parse

archive, downloads, log = sys.argv[1:]


class Handler(http.server.SimpleHTTPRequestHandler):
    """Answers `hello` to everything but the two folders."""

    protocol_version = "HTTP/1.1"

    def translate_path(self, path):
        path = urllib.parse.unquote(path.split("?")[0])
        if path.startswith("/downloads/"):
            return os.path.join(downloads, path.removeprefix("/downloads/"))
        return os.path.join(archive, path.removeprefix("/debian/"))

    def copyfile(self, source, outputfile):
        if os.path.exists(source.name + ".cut"):
            outputfile.write(source.read(os.path.getsize(source.name) // 2))
            self.close_connection = True
            return
        super().copyfile(source, outputfile)

    def do_GET(self):
        if self.path.startswith(("/debian/", "/downloads/")):
            return super().do_GET()
        body = b"hello from the internet\n"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, form, *arguments):
        with open(log, "a", encoding="utf-8") as file:
            file.write(f"{self.client_address[0]} {self.headers.get('Host')} {form % arguments}\n")


class Server(http.server.ThreadingHTTPServer):
    """Listens on IPv4 and IPv6."""

    address_family = socket.AF_INET6
    daemon_threads = True

    def server_bind(self):
        self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        super().server_bind()


Server(("::", 80), Handler).serve_forever()
