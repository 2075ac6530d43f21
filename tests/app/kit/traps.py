"""Sockets that count who comes, a network that leads nowhere, and names that resolve as a test wants."""

import socket
import threading

import httpcore


class Trap:
    """A real listening socket on both loopbacks that counts who comes."""

    def __init__(self):
        self.visits = 0
        self._sockets = [socket.create_server(("127.0.0.1", 0))]
        self.port = self._sockets[0].getsockname()[1]
        self._sockets.append(socket.create_server(("::1", self.port), family=socket.AF_INET6))
        for listening in self._sockets:
            threading.Thread(target=self._count, args=(listening,), daemon=True).start()

    def _count(self, listening):
        while True:
            try:
                visitor, _ = listening.accept()
            except OSError:
                return
            self.visits += 1
            visitor.close()

    def close(self):
        for listening in self._sockets:
            listening.shutdown(socket.SHUT_RDWR)
            listening.close()


class Network(httpcore.AsyncNetworkBackend):
    """Connects nowhere and remembers where to."""

    def __init__(self):
        self.called = []

    async def connect_tcp(self, host, port, *_):
        self.called.append(host)
        raise httpcore.ConnectError("nowhere")


def names(**known):
    """A resolver that knows some names; digits of every spelling are read as the machine itself reads them."""

    async def resolver(host, port):
        if host.lower() in known:
            return known[host.lower()]
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        return [str(entry[4][0]) for entry in found]

    return resolver
