"""Certificates: looked at before anything is bound, and read again when they were renewed."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

from welfare_desk.errors import Refused


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate chain and its key, both PEM files; the key has no password."""

    chain: Path
    key: Path

    def stamp(self) -> tuple[int, int]:
        """Changes when one of the files does; (0, 0) while they are being replaced."""
        try:
            return self.chain.stat().st_mtime_ns, self.key.stat().st_mtime_ns
        except OSError:
            return 0, 0

    def load(self, context: ssl.SSLContext) -> None:
        """Puts the files into `context`. Raises Refused(`tls_files`)."""
        try:
            context.load_cert_chain(self.chain, self.key, password=lambda: "")
        except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
            raise Refused("tls_files", field="tls_cert", file=str(self.chain), reason=_why(error)) from error

    def check(self) -> None:
        """Raises Refused(`tls_files`) when the files are missing, broken or do not fit each other."""
        self.load(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))


def _why(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        return error.reason or "SSL"
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
