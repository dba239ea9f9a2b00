"""Resolves the tests' own host names, which no resolver knows, to this machine."""


def server_connect(data):
    host, port = data.server.address
    if host.endswith(".pullpass.test"):
        data.server.address = ("127.0.0.1", port)


def tcp_start(flow):
    # What goes through unread has no line of its own in the log.
    print("TUNNEL", flow.server_conn.sni or flow.server_conn.address, flush=True)
