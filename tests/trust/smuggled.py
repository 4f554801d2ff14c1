"""Requests of which two servers in a row might find different ends."""

INNER = b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"  # what a smuggler would like to be answered
CHUNKED = [
    b"Transfer-Encoding: chunked", b"Transfer-Encoding : chunked", b"Transfer-Encoding:\tchunked",
    b"Transfer-Encoding: xchunked", b"Transfer-Encoding: chunked, identity", b"Transfer-Encoding: identity",
    b"Transfer-Encoding: gzip, chunked", b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
    b"Transfer-Encoding:\x0bchunked", b"Transfer-Encoding: \"chunked\"", b" Transfer-Encoding: chunked",
    b"X: y\r\n Transfer-Encoding: chunked", b"Transfer-Encoding: chun\x00ked", b"transfer_encoding: chunked",
    b"Transfer-Encoding:", b"TE: chunked\r\nTransfer-Encoding: CHUNKED",
]  # fmt: skip
LENGTHS = [
    b"Content-Length: 0\r\nContent-Length: 40", b"Content-Length: +5", b"Content-Length: -1",
    b"Content-Length: 5, 5",
    b"Content-Length: 0x5", b"Content-Length: 5\t5", b"Content-Length: 1e1", b"Content-Length : 5",
    b"Content-Length:\x0b5", b"Content-Length: 99999999999999999999", b"Content-Length: \xd9\xa5",
    b"Content_Length: 5",
]  # fmt: skip
STARTS = [
    b"POST /pair HTTP/1.1\nHost: x\nContent-Length: 5\n\n",
    b"POST /pair HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
    b"POST /pair HTTP/9.9\r\nHost: x\r\n\r\n", b"POST  /pair HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST /pair HTTP/1.1\rHost: x\r\r", b"\r\nPOST /pair HTTP/1.1\r\nHost : x\r\n\r\n",
    b"POST /pa\x00ir HTTP/1.1\r\nHost: x\r\n\r\n", b"PO ST /pair HTTP/1.1\r\nHost: x\r\n\r\n",
]  # fmt: skip
CHUNKS = [
    b"5;x\nabcde\r\n0\r\n\r\n",
    b"0x5\r\nabcde\r\n0\r\n\r\n",
    b"-1\r\n\r\n",
    b"5\r\nabcdeX\r\n0\r\n\r\n",
]


def smuggled() -> list[bytes]:
    """Each of them, without what follows on the connection."""
    head = b"POST /pair HTTP/1.1\r\nHost: x\r\n"
    both = [head + te + b"\r\nContent-Length: 4\r\n\r\n0\r\n\r\n" for te in CHUNKED]
    lengths = [head + length + b"\r\n\r\nabcde" for length in LENGTHS]
    chunks = [head + b"Transfer-Encoding: chunked\r\n\r\n" + chunk for chunk in CHUNKS]
    return both + lengths + STARTS + chunks
