"""NumPy archives from elsewhere: proved before anything of them is unpacked."""

import io
import math
import zipfile
import zlib

import numpy as np

_MOST_BYTES = 512 * 1024 * 1024
# What reading an archive that somebody made by hand can raise; a part may be encrypted, or packed in an unknown way.
DAMAGES = (LookupError, ValueError, TypeError, EOFError, MemoryError, RuntimeError, zipfile.BadZipFile, zlib.error)


def prove_archive(content: bytes) -> None:
    """Prove that an archive unpacks to what fits into memory, and that no array says that it is larger than it is.

    Args:
        content: Bytes of an `.npz`.

    Raises:
        ValueError: It does not; other damages are those of `DAMAGES`.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        parts = packed.infolist()
        if sum(part.file_size for part in parts) > _MOST_BYTES:
            raise ValueError("the archive unpacks to too much")
        for part in parts:
            with packed.open(part) as opened:
                version = np.lib.format.read_magic(opened)
                read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
                shape, _, kind = read(opened)
            if kind.hasobject or math.prod(shape) * kind.itemsize > part.file_size:
                raise ValueError("an array says that it is larger than it is")
