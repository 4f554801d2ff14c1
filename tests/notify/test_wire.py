"""Where messages may go, and how long one may take."""

import socket
import threading
import time

import pytest
from tests.notify.receivers import http_receiver

from shopbell.notify import wire

INSIDE = [
    "0.0.0.0", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.1.2.3", "169.254.169.254", "172.16.0.1",
    "172.31.255.255", "192.0.0.9", "192.0.0.170", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1",
    "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "::", "::1",
    "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1",
    "64:ff9b:1::7f00:1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "2002:808:808::1", "3fff::1",
    "fc00::1", "fd12::1", "fe80::1", "fec0::1", "ff02::1", "5f00::1",
]  # fmt: skip


@pytest.mark.parametrize(
    "address", [*INSIDE, "", "localhost", "2130706433", "0x7f000001", "0177.0.0.1", "127.1"]
)
def test_an_address_of_the_inside_is_not_outside(address: str) -> None:
    assert not wire.is_outside(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "93.184.216.34", "2606:4700::1111", "2a00:1450::1"]
)
def test_a_public_address_is_outside(address: str) -> None:
    assert wire.is_outside(address)


def test_a_connection_inside_is_refused_before_it_is_made() -> None:
    with http_receiver() as honeypot:
        with (
            pytest.raises(wire.Failed, match=r"127\.0\.0\.1 is not a public address") as failed,
            wire.attempt(),
        ):
            socket.create_connection(("localhost", honeypot.port))
        assert failed.value.final


def test_without_an_attempt_connections_are_nobodys_business() -> None:
    with http_receiver() as receiver:
        with pytest.raises(wire.Failed), wire.attempt():
            socket.create_connection(("127.0.0.1", receiver.port))
        socket.create_connection(("127.0.0.1", receiver.port)).close()


def test_a_threads_attempt_is_its_own() -> None:
    with http_receiver() as receiver, wire.attempt():
        other = threading.Thread(
            target=lambda: socket.create_connection(("127.0.0.1", receiver.port)).close()
        )
        other.start()
        other.join()


def test_time_ends_every_connection_of_the_attempt(allow_private: None, short_attempts: None) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        with pytest.raises(wire.Failed, match="no whole answer"), wire.attempt():
            with socket.create_connection(silent.getsockname()) as line:
                line.recv(1)
            raise ConnectionError("end of file")
        assert time.monotonic() - began < 1


def test_nothing_is_connected_after_the_time_is_over(allow_private: None, short_attempts: None) -> None:
    with http_receiver() as receiver, pytest.raises(wire.Failed, match="no whole answer"), wire.attempt():
        time.sleep(0.4)  # a name server that takes its time
        socket.create_connection(("127.0.0.1", receiver.port))
