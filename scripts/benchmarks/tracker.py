"""A tracker on 127.0.0.1 for benchmarks: everybody hears of everybody (BEP 3, BEP 23)."""

import http.server
import struct
import sys
import urllib.parse

peers = {}


class Announce(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        fields = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query, encoding="latin-1")
        swarm = peers.setdefault(fields["info_hash"][0], set())
        port = int(fields["port"][0])
        if fields.get("event") == ["stopped"]:
            swarm.discard(port)
        else:
            swarm.add(port)
        others = b"".join(bytes([127, 0, 0, 1]) + struct.pack(">H", each) for each in swarm if each != port)
        body = b"d8:intervali5e12:min intervali2e5:peers%d:%se" % (len(others), others)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Announce).serve_forever()
