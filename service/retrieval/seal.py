"""
What lies beside a manifest and vouches for it: a checksum always, a signature where there is a key.

The manifest holds the SHA-256 of every file and the generation's own name, so whatever vouches for
its bytes vouches for the whole folder. The checksum catches damage. Malice it does not: whoever can
write the folder can write it, too. The signature, an HMAC-SHA-256, needs the key. It does not say
which signed generation is the newest: that is ``CURRENT``'s to say, and an older one can be named
there by whoever can write it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from pathlib import Path

from service.errors import ArtefactDamaged, ArtefactUnsigned

SEAL = "manifest.seal"
# Two lines of a name and 64 digits, with room to see that there is more than there should be.
_MAX_BYTES = 256
_SIGNATURE = re.compile(rb"(?:hmac-sha256 [0-9a-f]{64}\n)?")


def seal(manifest: bytes, key: bytes | None) -> bytes:
    """The content of the seal of a manifest."""
    lines = [f"sha256 {hashlib.sha256(manifest).hexdigest()}"]
    if key is not None:
        lines.append(f"hmac-sha256 {hmac.new(key, manifest, hashlib.sha256).hexdigest()}")
    return "".join(f"{line}\n" for line in lines).encode()


def check_seal(folder: Path, manifest: bytes, key: bytes | None) -> None:
    """
    Compare the seal in *folder* with the manifest, and with *key* if there is one.

    Raises:
        ArtefactUnsigned: not signed with *key*.
        ArtefactDamaged: the manifest is not what was sealed.

    """
    path = folder / SEAL
    try:
        with path.open("rb") as file:
            found = file.read(_MAX_BYTES)
    except OSError as error:
        raise ArtefactDamaged(
            f"{path} cannot be read ({error.strerror}). Rebuild it with: make index"
        ) from error
    if key is None:
        # A signature that nobody here can check is let pass.
        signature = found.removeprefix(seal(manifest, None))
        if signature == found or not _SIGNATURE.fullmatch(signature):
            raise ArtefactDamaged(
                f"{folder / 'manifest.json'} is not what its seal says. Rebuild it with: make index"
            )
    elif not hmac.compare_digest(found, seal(manifest, key)):
        raise ArtefactUnsigned(
            f"{folder} is not signed with this server's index_key: nobody signed it, another key "
            "did, or it was changed. Build it with FIRSTLINE_INDEX_KEY or "
            "FIRSTLINE_INDEX_KEY_FILE set to the same key"
        )
