#!/usr/bin/env python3
"""A name server on 127.0.0.1: every name is this machine. Writes down the names that it was asked for, one a line, into a file.

    name_server.py FILE
"""

import socket
import sys

LOOPBACK = bytes([127, 0, 0, 1])
# The name of the question, kind A, class IN, a minute to keep it, four bytes.
ADDRESS = b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04" + LOOPBACK


def read_question(query: bytes) -> tuple[str, bool, bytes]:
    """The name, whether its IPv4 address is wanted, and the question as it came."""
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1 : at + 1 + query[at]].decode())
        at += 1 + query[at]
    return ".".join(labels), query[at + 1 : at + 3] == b"\x00\x01", query[12 : at + 5]


with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server, open(sys.argv[1], "a", encoding="utf-8") as asked:
    server.bind(("127.0.0.1", 53))
    print("ready", flush=True)
    while True:
        query, client = server.recvfrom(512)
        name, is_address, question = read_question(query)
        print(name, file=asked, flush=True)
        counts = b"\x00\x01" + (b"\x00\x01" if is_address else b"\x00\x00") + b"\x00\x00\x00\x00"
        server.sendto(query[:2] + b"\x81\x80" + counts + question + (ADDRESS if is_address else b""), client)
