"""
Whether a generation comes from somebody who holds the key.

Checksums catch damage, not malice: whoever can write the folder can write its manifest, too. The
signature is an HMAC-SHA-256 over the manifest's bytes, and the manifest holds the SHA-256 of every
file and the generation's own name, so nothing in the folder can be changed, or a signed folder be
given another name, without the key. It does not say which signed generation is the newest: that
is ``CURRENT``'s to say, and an older one can be named there by whoever can write it.
"""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

from service.errors import ArtefactUnsigned

SIGNATURE = "manifest.sig"
_DIGITS = 64


def signature(manifest: bytes, key: bytes) -> str:
    """The signature of a manifest's content, in hexadecimal."""
    return hmac.new(key, manifest, hashlib.sha256).hexdigest()


def check_signature(folder: Path, manifest: bytes, key: bytes) -> None:
    """
    Compare the signature in *folder* with the one that *key* gives, in constant time.

    Raises:
        ArtefactUnsigned: there is none, or it is another.

    """
    path = folder / SIGNATURE
    try:
        with path.open("rb") as file:
            found = file.read(_DIGITS + 1).strip()
    except OSError:
        raise ArtefactUnsigned(
            f"{folder} is not signed, and this server opens only what is signed with its "
            "index_key. Build it with the same key: FIRSTLINE_INDEX_KEY or FIRSTLINE_INDEX_KEY_FILE"
        ) from None
    if not hmac.compare_digest(found, signature(manifest, key).encode()):
        raise ArtefactUnsigned(
            f"{path} is not the signature of its manifest under this server's index_key: another "
            "key signed it, or somebody changed the index. Rebuild it with: make index"
        )
