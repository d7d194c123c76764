"""Judges a record's bundle as docs/record.md says, apart from Fettle: the standard library, and `cryptography`."""
import json, sys
from base64 import b64decode
from contextlib import suppress
from hashlib import sha256
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

def tried(of, *given):
    with suppress(Exception):  # what cannot be read is not as it was
        return of(*given)

def key_of(text):
    name, key_id, key = text.split("+", 2)
    raw = b64decode(key, validate=True)
    good = (name, raw[0], key_id) == ("fettle-record", 1, sha256(b"fettle-record\n" + raw).hexdigest()[:8])
    return (bytes.fromhex(key_id), Ed25519PublicKey.from_public_bytes(raw[1:])) if good else None

def lines_of(key, note, first):  # of a note that the key has signed
    text, signature = note.split("\n\n— fettle-record ")
    signature = b64decode(signature.removesuffix("\n"), validate=True)
    key[1].verify(signature[4:], (text + "\n").encode())
    return text.split("\n") if signature[:4] == key[0] and text.startswith(first) else None

def root_of(digest, at, size, proof):  # RFC 6962, 2.1.1
    if size == 1:
        return digest if at == 0 and not proof else None
    half, sibling = 1 << (size - 1).bit_length() - 1, bytes.fromhex(proof[-1])
    if at < half:
        return sha256(b"\1" + root_of(digest, at, half, proof[:-1]) + sibling).digest()
    return sha256(b"\1" + sibling + root_of(digest, at - half, size - half, proof[:-1])).digest()

def faults_of(bundle, pinned=None):
    faults, leaves = [], []
    must = lambda holds, fault: None if holds else faults.append(fault)
    must(bundle["format"] == "fettle-record-1", "format")
    must(tried(key_of, bundle["public_key"]) and pinned in (None, bundle["public_key"]), "key")
    key = tried(key_of, pinned or bundle["public_key"])
    head = tried(lines_of, key, bundle["head"], "fettle-record/")
    said = tried(lines_of, key, bundle["statement"], "fettle-record-ticket\n")
    said = None if said and head and head[1] != said[5] else said
    must(head, "head"), must(said, "statement")
    for place, entry in enumerate(bundle["entries"], 1):
        leaf, digest = tried(json.loads, entry["leaf"]), sha256(b"\0" + entry["leaf"].encode()).digest()
        n = tried(lambda: leaf["entry"] > 0 and leaf["entry"])
        must(n, f"unreadable {place}")
        if not n:
            continue
        root = head and tried(root_of, digest, entry["position"], int(head[1]), entry["proof"])
        must(not head or root == b64decode(head[2]), f"altered {n}")
        for part in "open", "personal":
            shown = entry[part] and sha256((entry[part]["salt"] + entry[part]["text"]).encode()).hexdigest()
            must(not shown or shown == leaf[part], f"{part} {n}")
            must(shown or not leaf[part] or not said or f"{n}{part[0]}" in said[4].split(), f"{part}_withheld {n}")
        must(leaf["why"] == (entry["why"] and sha256(entry["why"].encode()).hexdigest()), f"why {n}")
        must(not said or leaf["ticket_id"] == said[1], f"foreign {n}")
        leaves.append((n, leaf["previous"], digest.hex()))
    hashes, highest = {}, 0
    for n, _, digest in leaves:
        faults += [f"twice {n}"] if n in hashes else [f"order {n}"] if n < highest else []
        hashes[n], highest = digest, max(n, highest)
    count = int(said[2]) if said else highest
    faults += [f"missing {n}" for n in range(1, count + 1) if n not in hashes]
    known = {n: digest for n, digest in hashes.items() if f"altered {n}" not in faults}
    faults += [f"chain {n}" for n, before, _ in leaves if n in known and known.get(n - 1, before) != before]
    must(not said or known.get(count, said[3]) == said[3], f"last {count}")
    return sorted(faults)

if __name__ == "__main__":
    sys.exit("\n".join(faults_of(json.load(open(sys.argv[1], encoding="utf-8")), *sys.argv[2:3])) or print("as it was"))
