"""Near-duplicates: copies, reprints and slightly changed copies of a text, found by MinHash over folded characters."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from rensa import RMinHash
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

SHINGLE = 5  # characters of a shingle
SIMILAR = 0.7  # shared share of shingles (Jaccard) from which two texts are one
_PERMUTATIONS, _BANDS, _SEED = 128, 32, 2020
_AT_ONCE = 2_000_000  # characters
_KEEP = np.uint64(0x9E3779B97F4A7C15)

Ints = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]


def shingles(texts: Sequence[str]) -> tuple[Hashes, Ints]:
    """Return the shingles of folded texts as hashes, one after the other.

    Args:
        texts: Folded texts; one shorter than a shingle is a shingle of its own.

    Returns:
        Hashes of all texts, each text's sorted and once; and where each text begins, with the end as last.
    """
    parts, part, size = [], list[str](), 0
    for text in texts:
        part.append(text)
        size += len(text)
        if size >= _AT_ONCE:
            parts.append(_shingles(part))
            part, size = [], 0
    if part or not parts:
        parts.append(_shingles(part))
    before = np.cumsum([0, *(len(hashes) for hashes, _ in parts)])
    starts = [own[:-1] + offset for (_, own), offset in zip(parts, before, strict=False)]
    return np.concatenate([hashes for hashes, _ in parts]), np.concatenate([*starts, before[-1:]]).astype(np.int64)


def _shingles(texts: Sequence[str]) -> tuple[Hashes, Ints]:
    """The same of so few texts that ten numbers for each character fit into memory."""
    raw = [text.encode() for text in texts]
    padded = [piece + b" " * max(0, SHINGLE - len(piece)) for piece in raw]
    lengths = np.array([len(piece) for piece in padded], dtype=np.int64)
    letters = np.frombuffer(b"".join(padded), dtype=np.uint8).astype(np.uint64)
    ends = np.cumsum(lengths)
    codes = np.zeros(max(0, len(letters) - SHINGLE + 1), dtype=np.uint64)
    for place in range(SHINGLE):
        codes = (codes << np.uint64(8)) | letters[place : len(letters) - SHINGLE + 1 + place]
    owner = np.repeat(np.arange(len(padded)), lengths)[: len(codes)]
    inside = np.arange(len(codes)) + SHINGLE <= ends[owner]
    codes, owner = codes[inside] * _KEEP, owner[inside]
    order = np.lexsort((codes, owner))
    codes, owner = codes[order], owner[order]
    first = np.ones(len(codes), dtype=bool)
    first[1:] = (codes[1:] != codes[:-1]) | (owner[1:] != owner[:-1])
    starts = np.searchsorted(owner[first], np.arange(len(padded) + 1))
    return codes[first], starts.astype(np.int64)


def clusters(folded: Sequence[str]) -> Ints:
    """Return the cluster of each text: texts of one cluster say the same.

    Args:
        folded: Folded texts without stops (`fold` of the words).

    Returns:
        Number of the cluster by text, shape (texts,); exact copies first, then near ones.
    """
    if not folded:
        return np.zeros(0, dtype=np.int64)
    encoded = pa.array(folded).dictionary_encode()
    unique, same = encoded.dictionary.to_pylist(), encoded.indices.to_numpy()
    hashes, starts = shingles(unique)
    pairs = _verified(_candidates(hashes, starts), hashes, starts)
    size = len(unique)
    graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(size, size))
    _, labels = connected_components(graph, directed=False)
    found: Ints = np.asarray(labels, dtype=np.int64)[same]
    return found


def _candidates(hashes: Hashes, starts: Ints) -> Ints:
    """Pairs of texts that share a band of their signatures, each with the first one of its bucket; shape (pairs, 2)."""
    signatures = _signatures(hashes, starts)
    rows = signatures.shape[1] // _BANDS
    found = []
    for band in range(_BANDS):
        part = np.ascontiguousarray(signatures[:, band * rows : (band + 1) * rows])
        keys = part.view([("", part.dtype)] * rows).ravel()
        order = np.argsort(keys, kind="stable")
        new = np.ones(len(order), dtype=bool)
        new[1:] = keys[order][1:] != keys[order][:-1]
        heads = order[np.maximum.accumulate(np.where(new, np.arange(len(order)), 0))]
        found.append(np.stack([heads[~new], order[~new]], axis=1))
    pairs = np.concatenate(found) if found else np.zeros((0, 2), dtype=np.int64)
    return np.unique(np.sort(pairs, axis=1), axis=0)


def _signatures(hashes: Hashes, starts: Ints) -> npt.NDArray[np.uint32]:
    matrix = RMinHash.digest_matrix_from_flat_token_hashes(hashes, starts, _PERMUTATIONS, _SEED)
    return np.array(matrix.to_rows(), dtype=np.uint32).reshape(-1, _PERMUTATIONS)


def _verified(pairs: Ints, hashes: Hashes, starts: Ints) -> Ints:
    """The pairs whose shingles really overlap enough."""
    kept = []
    for first, second in pairs.tolist():
        one, other = hashes[starts[first] : starts[first + 1]], hashes[starts[second] : starts[second + 1]]
        if min(len(one), len(other)) < SIMILAR * max(len(one), len(other)):
            continue
        shared = len(np.intersect1d(one, other, assume_unique=True))
        if shared >= SIMILAR * (len(one) + len(other) - shared):
            kept.append((first, second))
    return np.array(kept, dtype=np.int64).reshape(-1, 2)
