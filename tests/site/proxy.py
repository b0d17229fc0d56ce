"""A server that freezes: it is there, takes what it is sent, and says no more."""

import socket
import socketserver
import threading
from contextlib import contextmanager, suppress


class Proxy(socketserver.ThreadingTCPServer):
    """Passes everything on to a server and back, but while it is frozen."""

    daemon_threads = True

    def __init__(self, behind):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.behind = behind
        self.port = self.server_address[1]
        self.passing = threading.Event()
        self.passing.set()

    @contextmanager
    def frozen(self):
        """Within the block, nothing is passed on; after it, what was held back is."""
        self.passing.clear()
        try:
            yield
        finally:
            self.passing.set()


class _Handler(socketserver.BaseRequestHandler):
    def handle(self):
        with socket.create_connection(self.server.behind) as behind:
            back = threading.Thread(target=self.pass_on, args=[behind, self.request], daemon=True)
            back.start()
            self.pass_on(self.request, behind)
            back.join()

    def pass_on(self, source, sink):
        with suppress(OSError):  # one of them has gone
            while data := source.recv(65_536):
                self.server.passing.wait()
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)


@contextmanager
def proxy(host, port):
    """A proxy to the server there."""
    with Proxy((host, port)) as made:
        threading.Thread(target=made.serve_forever, args=[0.05], daemon=True).start()
        yield made
        made.shutdown()
