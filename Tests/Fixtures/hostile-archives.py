"""Writes archives that want more than they may, are damaged, or lie: `hostile-archives.py DIRECTORY`.

Beside the archives it writes `table.json`: for each its name, what is expected of it, and limits where they are not the
usual ones. Everything is made here, from seeds, so nothing of it needs to be kept. What is expected:

  good     members by the hex digits of their paths, with their SHA-256
  some     in its place: any of these may be missing, or all be refused, because how much a decompressor gives out
           before it notices damage is its own affair; null for a member whose content nobody can foretell
  rejects  [part of the path, part of the reason], in the archive's order
  cut      part of the reason why reading ended early, or null
  refused  part of the reason why nothing could be read at all, or null
  confined true where only the worker's limit on memory keeps it from its aim
"""

import bz2
import ctypes
import gzip
import hashlib
import io
import json
import lzma
import os
import random
import struct
import sys
import tarfile
import warnings
import zipfile
import zlib

warnings.simplefilter("ignore")
OUT = sys.argv[1]
CASES = []
GOOD, LAST = b"good " * 200, b"last " * 300


def bits(count, seed):
    return random.Random(seed).randbytes(count)


def digest(data):
    return hashlib.sha256(data).hexdigest()


def key(name):
    return (name.encode() if isinstance(name, str) else name).hex()


def case(name, data, good=None, rejects=(), cut=None, refused=None, limits=None, some=None, rar=False, confined=False):
    """One archive. `good` is {path: content} beside the two members that stand in most archives."""
    entry = {"name": name, "file": f"{len(CASES):03d}", "rejects": [list(r) for r in rejects], "cut": cut}
    entry |= {"refused": refused, "limits": limits or {}, "rar": rar, "confined": confined}
    if some is None:
        entry["good"] = {key(path): digest(content) for path, content in (good or {}).items()}
    else:
        entry["some"] = {key(path): None if content is None else digest(content) for path, content in some.items()}
    with open(os.path.join(OUT, entry["file"]), "wb") as file:
        file.write(data)
    CASES.append(entry)


BOTH = {"good.mp4": GOOD, "last/good.mp4": LAST}

# --- writers ----------------------------------------------------------------------------------------------------------


def header(name=b"x", size=0, kind=b"0", mtime=b"12667560000", mode=0o644, link=b"", magic=b"ustar\x0000", fix=None):
    """A raw tar header; `size` and `mtime` may be the field's bytes."""
    head = bytearray(512)
    head[0 : len(name[:100])] = name[:100]
    head[100:108] = b"%07o\0" % mode
    head[108:124] = b"0000000\0" * 2
    head[124:136] = size if isinstance(size, bytes) else b"%011o\0" % size
    head[136:148] = mtime.ljust(12, b"\0")
    head[156:157] = kind
    head[157 : 157 + len(link[:100])] = link[:100]
    head[257:265] = magic
    if fix:
        fix(head)
    head[148:156] = b" " * 8
    head[148:156] = b"%06o\0 " % sum(head)
    return bytes(head)


def padded(data):
    return data + bytes(-len(data) % 512)


def raw(name, data=b"", **fields):
    return header(name.encode() if isinstance(name, str) else name, fields.pop("size", len(data)), **fields) + padded(
        data
    )


def pax(*records, kind=b"x"):
    body = b""
    for record in records:
        if isinstance(record, bytes):
            body += record
            continue
        text = (
            b" " + record[0].encode() + b"=" + (record[1].encode() if isinstance(record[1], str) else record[1]) + b"\n"
        )
        length = len(text) + 1
        while len(b"%d" % length) + len(text) != length:
            length += 1
        body += b"%d" % length + text
    return raw("pax", body, kind=kind)


END = bytes(1024)


def around(middle):
    """A plain tar file with a good member before and behind."""
    return raw("good.mp4", GOOD) + middle + raw("last/good.mp4", LAST) + END


def tar(members, form=tarfile.GNU_FORMAT):
    """`members`: (name, content, fields)."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as file:
        for name, data, fields in [("good.mp4", GOOD, {})] + members + [("last/good.mp4", LAST, {})]:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            info.mtime = 1453593600
            for field, value in fields.items():
                setattr(info, field, value)
            file.addfile(info, io.BytesIO(data))
    return out.getvalue()


def zip_(members, method=zipfile.ZIP_STORED, **options):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method, **options) as file:
        for name, data in [("good.mp4", GOOD)] + members + [("last/good.mp4", LAST)]:
            info = name if isinstance(name, zipfile.ZipInfo) else zipfile.ZipInfo("placeholder")
            if not isinstance(name, zipfile.ZipInfo):
                info.filename = name
            info.compress_type = method
            file.writestr(info, data)
    return out.getvalue()


def seven(members):
    """By libarchive itself, which does not care what a name is."""
    library = ctypes.CDLL("libarchive.so.13")
    for function in ("archive_write_new", "archive_entry_new"):
        getattr(library, function).restype = ctypes.c_void_p
    path = os.path.join(OUT, "seven.tmp").encode()
    archive = ctypes.c_void_p(library.archive_write_new())
    library.archive_write_set_format_7zip(archive)
    library.archive_write_set_options(archive, b"compression=deflate")
    library.archive_write_open_filename(archive, path)
    for name, data in [("good.mp4", GOOD)] + members + [("last/good.mp4", LAST)]:
        entry = ctypes.c_void_p(library.archive_entry_new())
        library.archive_entry_set_pathname_utf8(entry, name.encode())
        library.archive_entry_set_filetype(entry, 0o100000)
        library.archive_entry_set_perm(entry, 0o644)
        library.archive_entry_set_size(entry, ctypes.c_int64(len(data)))
        library.archive_entry_set_mtime(entry, ctypes.c_int64(1453593600), ctypes.c_long(0))
        library.archive_write_header(archive, entry)
        library.archive_write_data(archive, data, ctypes.c_size_t(len(data)))
        library.archive_entry_free(entry)
    library.archive_write_free(archive)
    with open(path, "rb") as file:
        data = file.read()
    os.remove(path)
    return data


def zstd(data):
    """One frame of raw blocks: no program that packs it is always there."""
    blocks = [data[at : at + 100_000] for at in range(0, len(data), 100_000)] or [b""]
    head = b"\x28\xb5\x2f\xfd\xa0" + struct.pack("<I", len(data))
    return head + b"".join(
        struct.pack("<I", len(block) << 3 | (index == len(blocks) - 1))[:3] + block
        for index, block in enumerate(blocks)
    )


FILTERS = {"gz": lambda data: gzip.compress(data, mtime=0), "bz2": bz2.compress, "xz": lzma.compress, "zst": zstd}
TARS = {"gnu": tarfile.GNU_FORMAT, "pax": tarfile.PAX_FORMAT}

# --- names that lead elsewhere ----------------------------------------------------------------------------------------

# Name, reason in tar and 7z (None: taken as it is), reason in zip, where backslashes are folders.
NAMES = [
    ("../escaped", "..", ".."),
    ("a/../../escaped", "..", ".."),
    ("a/../../../../../../escaped", "..", ".."),
    ("./../escaped", "..", ".."),
    ("a/./../../escaped", "..", ".."),
    ("a//..//../escaped", "..", ".."),
    ("..", "..", ".."),
    ("a/..", "..", ".."),
    ("x/" + "../" * 40 + "escaped", "..", ".."),
    ("/tmp/primatrix-escaped", "root", "root"),
    ("//tmp/primatrix-escaped", "root", "root"),
    ("/../escaped", "root", "root"),
    ("..\\escaped", "..", ".."),
    ("a\\..\\..\\escaped", "..", ".."),
    ("a/..\\../escaped", "..", ".."),
    ("C:\\escaped", None, "drive"),
    ("C:/escaped", None, "drive"),
    ("\\escaped", None, "root"),
    ("\\\\server\\share\\escaped", None, "root"),
    ("%2e%2e/escaped", None, None),
    ("\uff0e\uff0e/escaped", None, None),
    ("..;/escaped", None, None),
    (".../escaped", None, None),
    ("~/escaped", None, None),
    ("$HOME/escaped", None, None),
    ("-rf", None, None),
    ("__MACOSX/._x", "macOS", "macOS"),
    ("x" * 256, "255", "255"),
    ("d/" + "y" * 300 + "/z", "255", "255"),
    ("n" * 4096, "more than 1024", "more than 1024"),
    ("a/" * 100 + "deep", "more than 64", "more than 64"),
    ("\x1b[31mred\nline", None, None),
]

for name, in_tar, in_zip in NAMES:
    show = name if len(name) < 40 else f"{name[:12]}...({len(name)})"
    plain = dict(BOTH, **({} if in_tar else {name: b"x"}))
    rejects = [(name[:20], in_tar)] if in_tar else []
    for label, form in TARS.items():
        case(f"tar {label}: {show}", tar([(name, b"x", {})], form), plain, rejects)
    case(f"tar.gz: {show}", FILTERS["gz"](tar([(name, b"x", {})])), plain, rejects)
    in_folders = dict(BOTH, **({} if in_zip else {name.replace("\\", "/"): b"x"}))
    if name != "\\escaped":  # zipfile itself would take it apart.
        for label, method in (("stored", zipfile.ZIP_STORED), ("deflated", zipfile.ZIP_DEFLATED)):
            case(f"zip {label}: {show}", zip_([(name, b"x")], method), in_folders, [("", in_zip)] if in_zip else [])
    case(f"7z: {show}", seven([(name, b"x")]), plain, rejects)

for label, path in (("NUL", b"a\0/../b"), ("not UTF-8", b"Ta\xef\xff.mp4"), ("overlong dots", b"\xc0\xae\xc0\xae/x")):
    data = around(raw(path, b"x"))
    case(f"tar name: {label}", data, BOTH | {path.split(b"\0")[0]: b"x"})
for label, path, good in (("64k deep", "a/" * 32_000 + "x", None), ("64k long", "n" * 65_000, None)):
    data = around(pax(("path", path)) + raw("short", b"x"))
    case(f"tar pax path: {label}", data, BOTH, [("", "more than 1024")])
    long = raw("././@LongLink", path.encode() + b"\0", kind=b"L", magic=b"ustar  \0") + raw(
        "short", b"x", magic=b"ustar  \0"
    )
    case(f"tar GNU name: {label}", around(long), BOTH, [("", "more than 1024")])

# --- things that are no files -----------------------------------------------------------------------------------------

LINK, HARD, CHR, BLK, FIFO = tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE
THINGS = [
    ("link outside", [("out", b"", {"type": LINK, "linkname": "../../.."})], {}, [("out", "link")]),
    (
        "link, then a file through it",
        [("out", b"", {"type": LINK, "linkname": "../../.."}), ("out/escaped", b"x", {})],
        {"out/escaped": b"x"},
        [("out", "link")],
    ),
    (
        "chain of links",
        [
            ("a", b"", {"type": LINK, "linkname": "b"}),
            ("b", b"", {"type": LINK, "linkname": ".."}),
            ("a/escaped", b"x", {}),
        ],
        {"a/escaped": b"x"},
        [("a", "link"), ("b", "link")],
    ),
    (
        "link in the place of a folder",
        [("d/e", b"x", {}), ("d", b"", {"type": LINK, "linkname": "/tmp"}), ("d/f", b"y", {})],
        {"d/e": b"x", "d/f": b"y"},
        [("d", "link")],
    ),
    ("link to itself", [("me", b"", {"type": LINK, "linkname": "me"})], {}, [("me", "link")]),
    ("hard link outside", [("h", b"", {"type": HARD, "linkname": "../../neighbour"})], {}, [("h", "link")]),
    ("hard link to /etc/passwd", [("h", b"", {"type": HARD, "linkname": "/etc/passwd"})], {}, [("h", "link")]),
    ("hard link to a member", [("h", b"", {"type": HARD, "linkname": "good.mp4"})], {}, [("h", "link")]),
    (
        "character device",
        [("null", b"", {"type": CHR, "devmajor": 1, "devminor": 3})],
        {},
        [("null", "no regular file")],
    ),
    ("block device", [("sda", b"", {"type": BLK, "devmajor": 8})], {}, [("sda", "no regular file")]),
    ("pipe", [("pipe", b"", {"type": FIFO})], {}, [("pipe", "no regular file")]),
    ("setuid", [("suid", b"x", {"mode": 0o6777})], {"suid": b"x"}, []),
    ("no permissions", [("shut", b"x", {"mode": 0})], {"shut": b"x"}, []),
    ("folder outside", [("../d", b"", {"type": tarfile.DIRTYPE})], {}, []),
    (
        "folder nobody may enter",
        [("shut", b"", {"type": tarfile.DIRTYPE, "mode": 0}), ("shut/x", b"x", {})],
        {"shut/x": b"x"},
        [],
    ),
    ("twice the same name", [("two", b"first", {}), ("two", b"second", {})], {"two": b"first"}, [("two", "already")]),
    (
        "twice, spelled differently",
        [("a/two", b"1", {}), ("./a//two", b"2", {})],
        {"a/two": b"1"},
        [("two", "already")],
    ),
    ("the first member again", [("good.mp4", b"other", {})], {}, [("good.mp4", "already")]),
    ("other case", [("GOOD.MP4", b"other", {})], {"GOOD.MP4": b"other"}, []),
    ("a file as a folder", [("f", b"x", {}), ("f/g", b"y", {})], {"f": b"x"}, [("f/g", "folder")]),
    ("a folder as a file", [("d/e", b"x", {}), ("d", b"y", {})], {"d/e": b"x"}, [("d", "already")]),
    ("owner and group lie", [("own", b"x", {"uid": 0, "gid": 0, "uname": "root"})], {"own": b"x"}, []),
]
for label, members, more, rejects in THINGS:
    for form_name, form in TARS.items():
        data = tar(members, form)
        case(f"tar {form_name}: {label}", data, dict(BOTH, **more), rejects)
    case(f"tar.xz: {label}", FILTERS["xz"](tar(members)), dict(BOTH, **more), rejects)

# pax names are UTF-8, and libarchive composes their letters.
pair = [("e\u0301", b"1", {}), ("\u00e9", b"2", {})]
case("tar gnu: other normal form", tar(pair, TARS["gnu"]), BOTH | {"e\u0301": b"1", "\u00e9": b"2"})
case("tar pax: other normal form", tar(pair, TARS["pax"]), BOTH | {"\u00e9": b"1"}, [("\u00e9", "already")])

for kind in b"DKMNVXZ9":
    kind = bytes([kind])
    data = around(raw("odd", b"content", kind=kind))
    expected = {b"Z": (dict(BOTH, odd=b"content"), []), b"9": (dict(BOTH, odd=b"content"), [])}.get(kind)
    if expected:
        case(f"tar: type {kind.decode()}", data, *expected)
    else:
        case(f"tar: type {kind.decode()}", data, some=dict(BOTH, odd=b"content"))
case("tar: contiguous file", around(raw("odd", b"content", kind=b"7")), dict(BOTH, odd=b"content"))
case(
    "tar: hard link with content",
    around(raw("h", b"content", kind=b"1", link=b"good.mp4")),
    BOTH,
    [("h", "link"), ("", "damaged")],
)
case("tar: folder with content", around(raw("d/", b"content", kind=b"5")), BOTH, [("", "damaged")])

for label, mode, rejects, more in (
    ("link", 0o120777, [("out", "link")], {}),
    ("device", 0o020666, [("out", "no regular file")], {}),
    ("socket", 0o140644, [("out", "no regular file")], {}),
    ("pipe", 0o010644, [], {"out": b"../../.."}),
    ("setuid", 0o104755, [], {"out": b"../../.."}),
):
    info = zipfile.ZipInfo("out")
    info.create_system, info.external_attr = 3, mode << 16
    # libarchive takes a pipe in a zip file for a file; it is written as one.
    case(f"zip: {label}", zip_([(info, b"../../..")]), dict(BOTH, **more), rejects)
case("zip: twice the same name", zip_([("two", b"1"), ("two", b"2")]), dict(BOTH, two=b"1"), [("two", "already")])
case("zip: a file as a folder", zip_([("f", b"x"), ("f/g", b"y")]), dict(BOTH, f=b"x"), [("f/g", "folder")])
case("zip: other case", zip_([("GOOD.MP4", b"x")]), dict(BOTH, **{"GOOD.MP4": b"x"}))
case("7z: twice the same name", seven([("two", b"1"), ("two", b"2")]), dict(BOTH, two=b"1"), [("two", "already")])
case("7z: a folder as a file", seven([("d/e", b"x"), ("d", b"y")]), dict(BOTH, **{"d/e": b"x"}), [("d", "already")])

# --- times ------------------------------------------------------------------------------------------------------------

for label, value in (
    ("in the year 292 billion", "9223372036854775807"),
    ("before the universe", "-9223372036854775808"),
    ("beyond 64 bits", "9" * 40),
    ("not a number", "nan"),
    ("empty", ""),
    ("negative with a fraction", "-1.5"),
    ("an exponent", "1e400"),
    ("many digits", "1." + "1" * 5000),
):
    case(f"tar pax time: {label}", around(pax(("mtime", value)) + raw("t", b"x")), some=dict(BOTH, t=b"x"))
for label, field in (
    ("base 256", b"\x80" + b"\xff" * 11),
    ("negative base 256", b"\xff" * 12),
    ("letters", b"later today"),
):
    case(f"tar time: {label}", around(raw("t", b"x", mtime=field)), dict(BOTH, t=b"x"))
for moment in ((1980, 1, 1, 0, 0, 0), (2107, 12, 31, 23, 59, 58)):
    info = zipfile.ZipInfo("t", moment)
    case(f"zip time: {moment[0]}", zip_([(info, b"x")]), dict(BOTH, t=b"x"))
broken_date = bytearray(zip_([("t", b"x")]))
for at in range(len(broken_date) - 4):
    if broken_date[at : at + 4] == b"PK\3\4":
        broken_date[at + 10 : at + 14] = b"\xff" * 4
    if broken_date[at : at + 4] == b"PK\1\2":
        broken_date[at + 12 : at + 16] = b"\xff" * 4
case("zip time: no such day", bytes(broken_date), BOTH | {"t": b"x"})

# --- tar headers that lie ---------------------------------------------------------------------------------------------

EIB8 = str(2**63 - 1)
big = b"\x80\0\0\0" + struct.pack(">Q", 2**62)
case(
    "tar size: 8 EiB, then nothing",
    around(b"")[: -1024 - 2048] + raw("huge", b"x", size=big),
    {"good.mp4": GOOD},
    [("huge", "more than")],
    cut="",
)
case(
    "tar size: 20 GiB, then nothing",
    raw("good.mp4", GOOD) + raw("huge", b"x" * 5000, size=b"\x80" + bytes(3) + struct.pack(">Q", 20 << 30)),
    {"good.mp4": GOOD},
    [("huge", "damaged")],
    cut="",
)
case(
    "tar size: negative",
    raw("good.mp4", GOOD) + raw("minus", b"x", size=b"\xff" * 12) + raw("last/good.mp4", LAST) + END,
    some=dict(BOTH, minus=b"x"),
)
case(
    "tar pax size: more than there is",
    raw("good.mp4", GOOD) + pax(("size", "99999999")) + raw("huge", b"x"),
    {"good.mp4": GOOD},
    [("huge", "damaged")],
    cut="",
)
case("tar pax size: 8 EiB", raw("good.mp4", GOOD) + pax(("size", EIB8)) + raw("huge", b"x"), some={"good.mp4": GOOD})
case(
    "tar pax size: swallows the next",
    raw("good.mp4", GOOD)
    + pax(("size", "1536"))
    + raw("eats", b"x")
    + raw("eaten", b"y")
    + raw("last/good.mp4", LAST)
    + END,
    BOTH | {"eats": padded(b"x") + raw("eaten", b"y")},
)
case("tar pax size: negative", around(pax(("size", "-1")) + raw("minus", b"")), some=BOTH | {"minus": b""})
case(
    "tar pax path: leads out", around(pax(("path", "../escaped")) + raw("harmless", b"x")), BOTH, [("../escaped", "..")]
)
case("tar pax path: NUL", around(pax(("path", b"a\0b")) + raw("n", b"x")), some=dict(BOTH, a=b"x", n=b"x"))
case("tar pax path: empty", around(pax(("path", "")) + raw("n", b"x")), some=dict(BOTH, n=b"x"))
case(
    "tar pax link: a file that says it is a link",
    around(pax(("linkpath", "/etc/passwd")) + raw("l", b"", kind=b"2")),
    BOTH,
    [("l", "link")],
)
for label, body in (
    ("length too long", b"99 path=x\n"),
    ("length too short", b"3 path=x\n"),
    ("no length", b"path=x\n"),
    ("length zero", b"0 path=x\n"),
    ("no line end", b"9 path=xy"),
    ("huge length", b"99999999999999999999 path=x\n"),
    ("no equals", b"8 pathx\n"),
    ("binary", bits(600, 9)),
):
    case(
        f"tar pax record: {label}",
        around(raw("pax", body, kind=b"x") + raw("n", b"x")),
        some=dict(BOTH, n=b"x", x=b"x", xy=b"x"),
    )
case("tar pax: headers without a member", raw("good.mp4", GOOD) + pax(("path", "a")) * 50, some={"good.mp4": GOOD})
case("tar pax: a header of a header", around(pax(("path", "a")) * 200 + raw("n", b"x")), some=BOTH | {"a": b"x"})
case(
    "tar pax: global header that leads out",
    around(pax(("path", "../escaped"), kind=b"g") + raw("n", b"x")),
    dict(BOTH, n=b"x"),
)
case(
    "tar pax: megabytes of comment", around(pax(("comment", "c" * 3_000_000)) + raw("n", b"x")), some=dict(BOTH, n=b"x")
)
case(
    "tar pax: 50,000 records",
    around(pax(*[(f"SCHILY.xattr.user.k{k}", "v") for k in range(50_000)]) + raw("n", b"x")),
    some=dict(BOTH, n=b"x"),
)
chain = raw("././@LongLink", b"../escaped\0", kind=b"L", magic=b"ustar  \0")
case("tar GNU names: a chain of 100", around(chain * 100 + raw("n", b"x", magic=b"ustar  \0")), some=BOTH)
case("tar GNU names: a chain of 5000", around(chain * 5000 + raw("n", b"x", magic=b"ustar  \0")), some=BOTH)
case(
    "tar GNU name: 300 MB of name",
    raw("good.mp4", GOOD) + header(b"././@LongLink", 300 << 20, b"L", magic=b"ustar  \0") + bytes(2000),
    some={"good.mp4": GOOD},
)
case(
    "tar GNU link name: long",
    around(
        raw("././@LongLink", b"/x" * 5000 + b"\0", kind=b"K", magic=b"ustar  \0")
        + raw("l", b"", kind=b"2", magic=b"ustar  \0")
    ),
    BOTH,
    [("l", "link")],
)


def sparse(records, data, name="hole"):
    return around(pax(*records) + raw(name, data))


HUGE = str(2**62)
case(
    "tar sparse 0.1: 4 EiB of hole",
    sparse(
        [
            ("GNU.sparse.major", "0"),
            ("GNU.sparse.minor", "1"),
            ("GNU.sparse.name", "hole"),
            ("GNU.sparse.size", HUGE),
            ("GNU.sparse.numblocks", "1"),
            ("GNU.sparse.map", "0,1"),
        ],
        b"x",
    ),
    BOTH,
    [("hole", "more than")],
)
case(
    "tar sparse 0.0: 4 EiB of hole",
    sparse(
        [
            ("GNU.sparse.size", HUGE),
            ("GNU.sparse.numblocks", "1"),
            ("GNU.sparse.offset", "0"),
            ("GNU.sparse.numbytes", "1"),
        ],
        b"x",
    ),
    BOTH,
    [("hole", "more than")],
)
case(
    "tar sparse 1.0: 4 EiB of hole",
    sparse(
        [
            ("GNU.sparse.major", "1"),
            ("GNU.sparse.minor", "0"),
            ("GNU.sparse.name", "hole"),
            ("GNU.sparse.realsize", HUGE),
        ],
        padded(b"1\n0\n1\n") + b"x",
    ),
    BOTH,
    [("hole", "more than")],
)
case(
    "tar sparse: a small hole",
    sparse(
        [
            ("GNU.sparse.major", "0"),
            ("GNU.sparse.minor", "1"),
            ("GNU.sparse.name", "hole"),
            ("GNU.sparse.size", "100000"),
            ("GNU.sparse.numblocks", "1"),
            ("GNU.sparse.map", "50000,1"),
        ],
        b"x",
    ),
    BOTH | {"hole": bytes(50_000) + b"x" + bytes(49_999)},
)
case(
    "tar sparse: 1 GiB of hole in a small archive",
    sparse(
        [
            ("GNU.sparse.major", "0"),
            ("GNU.sparse.minor", "1"),
            ("GNU.sparse.name", "hole"),
            ("GNU.sparse.size", str(1 << 30)),
            ("GNU.sparse.numblocks", "1"),
            ("GNU.sparse.map", f"{(1 << 30) - 1},1"),
        ],
        b"x",
    ),
    {"good.mp4": GOOD},
    cut="times its size",
)
for label, text in (
    ("overlaps", "100,10,50,10"),
    ("negative", "-5,10"),
    ("backwards", "100,1,0,1"),
    ("odd count", "1,2,3"),
    ("letters", "a,b"),
    ("beyond the end", f"{HUGE},10"),
):
    case(
        f"tar sparse map: {label}",
        sparse(
            [
                ("GNU.sparse.major", "0"),
                ("GNU.sparse.minor", "1"),
                ("GNU.sparse.name", "hole"),
                ("GNU.sparse.size", "200"),
                ("GNU.sparse.numblocks", "2"),
                ("GNU.sparse.map", text),
            ],
            b"x" * 20,
        ),
        some=BOTH | {"hole": None},
    )


def old_sparse(head):
    head[386:398], head[398:410] = b"00000000000\0", b"00000000001\0"
    head[483:495] = b"\x80\0\0\0" + struct.pack(">Q", 2**62)


case(
    "tar sparse, old GNU: 4 EiB of hole",
    around(raw("hole", b"x", kind=b"S", magic=b"ustar  \0", fix=old_sparse)),
    BOTH,
    [("hole", "more than")],
)

case("tar: empty", END, {})
case("tar: zeros only", bytes(10_240), {})
case("tar: one header, no content, no end", header(b"empty.mp4"), {"empty.mp4": b""})
case("tar: two archives one behind the other", around(b"") + raw("second", b"x") + END, BOTH | {"second": b"x"})
case("tar: zeros between members", raw("good.mp4", GOOD) + bytes(512 * 7) + raw("last/good.mp4", LAST), some=BOTH)
case("tar: noise behind the end", around(b"") + bits(5000, 3), some=BOTH)
case("tar: a sum that is wrong", around(bytes([1]) + raw("n", b"")[1:]), BOTH, [("", "damaged")])
case("tar: noise between members", around(padded(bits(3000, 4))), BOTH, [("", "damaged")])
case("tar: old v7 header", around(raw("old", b"x", magic=bytes(8), kind=b"\0")), dict(BOTH, old=b"x"))
case("tar: a folder by its slash", around(raw("d/", b"", magic=bytes(8), kind=b"\0")), BOTH)
case(
    "tar: a prefix that leads out",
    around(header(b"x", fix=lambda h: h.__setitem__(slice(345, 357), b"../../escape"))),
    BOTH,
    [("../../escape", "..")],
)
case(
    "tar: 3000 members, limit 1000",
    around(b"".join(raw(f"m{k}", b"") for k in range(3000))),
    {"good.mp4": GOOD} | {f"m{k}": b"" for k in range(999)},
    cut="1000 members",
    limits={"members": 1000},
)
case(
    "tar: 1000 folders in one path each, limit 100",
    around(b"".join(raw(f"f{k}/x", b"") for k in range(1000))),
    {"good.mp4": GOOD} | {f"f{k}/x": b"" for k in range(50)},
    cut="100 members",
    limits={"members": 100},
)

# --- damage -----------------------------------------------------------------------------------------------------------

FILMS = {f"m{k}.mp4": bits(20_000, k) for k in range(5)}
plain = b"".join(raw(name, data) for name, data in FILMS.items()) + END
for at in [0, 1, 100, 511] + list(range(512, len(plain), 9_500)):
    whole = {name: data for index, (name, data) in enumerate(FILMS.items()) if (index + 1) * (512 + 20_480) <= at}
    inside = at % 20_992 > 512 and at < 5 * 20_992
    if not whole:
        case(f"tar: the first {at} bytes", plain[:at], refused="")
    else:
        case(
            f"tar: the first {at} bytes",
            plain[:at],
            whole,
            [("m", "damaged")] if inside else [],
            cut="" if at % 20_992 and at % 512 else None,
        )
packed = FILTERS["gz"](plain)
for at in range(10, len(packed), 5_001):
    had = zlib.decompressobj(31).decompress(packed[:at])
    whole = {name: data for index, (name, data) in enumerate(FILMS.items()) if (index + 1) * 20_992 <= len(had)}
    inside = len(had) % 20_992 >= 512
    if whole:
        case(f"tar.gz: the first {at} bytes", packed[:at], whole, [("m", "gzip")] if inside else [], cut="gzip")
    else:
        case(f"tar.gz: the first {at} bytes", packed[:at], refused="")
# Noise is stored as it is, so that a changed byte comes out as one: only the checksum tells.
for at in range(len(packed) // 2, len(packed), len(packed) // 14):
    changed = bytearray(packed)
    changed[at] ^= 0x10
    case(f"tar.gz: byte {at} changed", bytes(changed), some=FILMS | {f"m{at // 20_992}.mp4": None}, cut="gzip")
for suffix in ("bz2", "xz", "zst"):
    packed = FILTERS[suffix](plain)
    for at in range(40, len(packed), len(packed) // 6):
        case(f"tar.{suffix}: the first {at} bytes", packed[:at], some=FILMS)
case("tar.gz: a wrong checksum", FILTERS["gz"](plain)[:-8] + bytes(8), FILMS, cut="checksum")
case("tar.gz: a wrong length", FILTERS["gz"](plain)[:-4] + bytes(4), FILMS, cut="checksum")
case("tar.gz: no trailer", FILTERS["gz"](plain)[:-8], FILMS, cut="too early")
case("tar.gz: half a trailer", FILTERS["gz"](plain)[:-4], FILMS, cut="too early")
case("tar.gz: noise behind it", FILTERS["gz"](plain) + b"\xff" * 1000, FILMS)
case("tar.gz: zeros behind it", FILTERS["gz"](plain) + bytes(10_000), FILMS)
case("tar.gz: half a header behind it", FILTERS["gz"](plain) + b"\x1f\x8b\x08", some=FILMS)
for suffix in FILTERS:
    half = 512 * 60
    case(f"tar.{suffix}: two streams", FILTERS[suffix](plain[:half]) + FILTERS[suffix](plain[half:]), FILMS)
case("tar.gz: many streams", b"".join(FILTERS["gz"](plain[at : at + 777]) for at in range(0, len(plain), 777)), FILMS)
case("tar.gz.gz", FILTERS["gz"](FILTERS["gz"](plain)), FILMS)
case("tar.xz.bz2.gz", FILTERS["gz"](FILTERS["bz2"](FILTERS["xz"](plain))), FILMS)
deep = plain
for _ in range(30):
    deep = FILTERS["gz"](deep)
case("tar.gz, thirty times", deep, refused="")
case("gzip of nothing", FILTERS["gz"](b""), refused="")
case("gzip of noise", FILTERS["gz"](bits(50_000, 1)), refused="")
case(
    "gzip with every header field",
    b"\x1f\x8b\x08\x1e" + bytes(6) + struct.pack("<H", 4) + b"abcd" + b"name\0" + b"comment\0",
    refused="",
)
named = zlib.compressobj(9, zlib.DEFLATED, -15)
case(
    "tar.gz with a name that leads out",
    b"\x1f\x8b\x08\x08"
    + bytes(6)
    + b"../../escaped\0"
    + named.compress(plain)
    + named.flush()
    + struct.pack("<II", zlib.crc32(plain), len(plain)),
    FILMS,
)

# --- bombs ------------------------------------------------------------------------------------------------------------

bomb = raw("small", b"x") + raw("bomb", bytes(100_000_000)) + END
for suffix in ("gz", "bz2", "xz"):
    case(f"tar.{suffix}: a bomb", FILTERS[suffix](bomb), {"small": b"x"}, cut="times its size")
case("tar.gz.gz: a bomb in a bomb", FILTERS["gz"](FILTERS["gz"](bomb)), {"small": b"x"}, cut="times its size")
case(
    "zip: a bomb", zip_([("bomb", bytes(100_000_000))], zipfile.ZIP_DEFLATED), {"good.mp4": GOOD}, cut="times its size"
)
case("zip in zip", zip_([("inner.zip", zip_([]))]), BOTH | {"inner.zip": zip_([])})
case(
    "tar.gz: total bytes",
    FILTERS["gz"](around(raw("a", bits(50_000, 1)) + raw("b", bits(50_000, 2)))),
    {"good.mp4": GOOD, "a": bits(50_000, 1)},
    cut="more than 60000 bytes",
    limits={"totalBytes": 60_000},
)
case(
    "tar: member bytes",
    around(raw("a", bits(50_000, 1))),
    BOTH,
    [("a", "more than 10000")],
    limits={"memberBytes": 10_000},
)
case(
    "zip: member bytes",
    zip_([("a", bits(50_000, 1))]),
    BOTH,
    [("a", "more than 10000")],
    limits={"memberBytes": 10_000},
)


def lzma_props(data, dictionary):
    """An .xz file whose header wants a dictionary of this size code."""
    out = bytearray(lzma.compress(data, format=lzma.FORMAT_XZ, check=lzma.CHECK_CRC32))
    size = (out[12] + 1) * 4
    at = 12 + out[12 : 12 + size].index(b"\x21\x01") + 2
    out[at] = dictionary
    out[12 + size - 4 : 12 + size] = struct.pack("<I", zlib.crc32(bytes(out[12 : 12 + size - 4])))
    return bytes(out)


case("tar.xz: a dictionary of 4 GiB", lzma_props(plain, 40), refused="", confined=True)
case("tar.xz: a dictionary of 1.5 GiB", lzma_props(plain, 37), FILMS)
case("tar.xz: a dictionary that cannot be", lzma_props(plain, 63), refused="")
case("tar.zst: a window of 2 GiB", b"\x28\xb5\x2f\xfd\x00\xa8" + zstd(plain)[9:], refused="")
case("tar.lzma", lzma.compress(plain, format=lzma.FORMAT_ALONE), refused="")

# --- zip files that lie -----------------------------------------------------------------------------------------------

ZIP = zip_([("m.mp4", bits(5000, 1))])
DEFLATED = zip_([("m.mp4", bits(5000, 1) + bytes(5000))], zipfile.ZIP_DEFLATED)


def at_all(data, mark, offset, value, index=1):
    """Changes a field of the index-th structure that begins with `mark`."""
    data, at = bytearray(data), -1
    for _ in range(index + 1):
        at = data.index(mark, at + 1)
    data[at + offset : at + offset + len(value)] = value
    return bytes(data)


LOCAL, CENTRAL, EOCD = b"PK\3\4", b"PK\1\2", b"PK\5\6"


def in_both(data, local, central, value):
    return at_all(at_all(data, LOCAL, local, value), CENTRAL, central, value)


ANY = BOTH | {"m.mp4": bits(5000, 1)}
case("zip: a wrong checksum", in_both(ZIP, 14, 16, bytes(4)), BOTH, [("m.mp4", "CRC")])
case("zip: content changed", ZIP.replace(bits(5000, 1), b"!" + bits(5000, 1)[1:]), BOTH, [("m.mp4", "CRC")])
case("zip: encrypted", in_both(ZIP, 6, 8, b"\1\0"), BOTH, [("m.mp4", "encrypted")])
case("zip: strongly encrypted", in_both(ZIP, 6, 8, b"\x41\0"), some=BOTH)
case("zip: a method nobody knows", in_both(ZIP, 8, 10, b"\x63\0"), BOTH, [("m.mp4", "")])
for method in (1, 6, 8, 9, 10, 12, 14, 95, 97, 98):
    case(f"zip: method {method} of noise", in_both(ZIP, 8, 10, struct.pack("<H", method)), some=BOTH)
case("zip: the directory says larger", at_all(ZIP, CENTRAL, 24, struct.pack("<I", 9_000)), some=ANY)
case("zip: the directory says smaller", at_all(ZIP, CENTRAL, 24, struct.pack("<I", 10)), some=ANY)
case("zip: both say 4 GiB", in_both(ZIP, 22, 24, b"\xfe\xff\xff\xff"), some=BOTH)
case("zip: packed size lies", in_both(ZIP, 18, 20, b"\xfe\xff\xff\xff"), some=ANY)
case("zip: deflated, size lies", in_both(DEFLATED, 22, 24, struct.pack("<I", 9)), BOTH, [("m.mp4", "")])
case("zip: deflated noise", in_both(ZIP, 8, 10, struct.pack("<H", 8)), BOTH, [("m.mp4", "")])
case("zip: an offset behind the end", at_all(ZIP, CENTRAL, 42, b"\xf0\xff\xff\xff"), some=ANY)
case("zip: an offset into another member", at_all(ZIP, CENTRAL, 42, bytes(4)), some=ANY)
case("zip: name lengths differ", at_all(ZIP, LOCAL, 26, struct.pack("<H", 2)), some=ANY | {"m.": bits(5000, 1)})
case("zip: name longer than the file", at_all(ZIP, CENTRAL, 28, b"\xff\xff"), some=ANY)
case("zip: extra longer than the file", at_all(ZIP, LOCAL, 28, b"\xff\xff"), some=ANY)
case("zip: local name leads out", at_all(ZIP, LOCAL, 30, b"../.x"), some=BOTH)
case("zip: directory name leads out", at_all(ZIP, CENTRAL, 46, b"../.x"), some=BOTH | {"m.mp4": bits(5000, 1)})
case("zip: the end counts 65535", at_all(ZIP, EOCD, 10, b"\xff\xff", 0), some=ANY)
case("zip: the end counts none", at_all(ZIP, EOCD, 8, bytes(4), 0), some=ANY)
case("zip: the directory begins at the end", at_all(ZIP, EOCD, 16, b"\xf0\xff\xff\x7f", 0), some=ANY)
case("zip: the directory begins nowhere", at_all(ZIP, EOCD, 16, b"\xff\xff\xff\xff", 0), some=ANY)
case("zip: a comment longer than the file", at_all(ZIP, EOCD, 20, b"\xff\xff", 0), some=ANY)
case("zip: says it is volume 3", at_all(ZIP, EOCD, 4, b"\3\0\3\0", 0), ANY)
case("zip: no directory", ZIP[: ZIP.index(CENTRAL)], ANY, cut="")
case("zip: half a directory", ZIP[: ZIP.index(CENTRAL) + 60], some=ANY)
case("zip: no end", ZIP[: ZIP.index(EOCD)], some=ANY)
case("zip: a stub in front", b"MZ" + bits(3000, 8) + ZIP, some=ANY)
case("zip: noise behind", ZIP + bits(3000, 8), some=ANY)
case("zip: two one behind the other", ZIP + zip_([("n.mp4", b"n")]), some=ANY | {"n.mp4": b"n"})
case("zip: empty", EOCD + bytes(18), {})
for at in range(30, len(ZIP), 600):
    case(f"zip: the first {at} bytes", ZIP[:at], some=ANY)
many = io.BytesIO()
with zipfile.ZipFile(many, "w") as file:
    file.writestr(zipfile.ZipInfo("one"), bits(100_000, 1))
    for k in range(2000):
        info = zipfile.ZipInfo(f"again{k}")
        info.header_offset, info.CRC, info.compress_size, info.file_size = (
            0,
            zlib.crc32(bits(100_000, 1)),
            100_000,
            100_000,
        )
        info.create_system, info.external_attr = 3, 0o100644 << 16
        file.filelist.append(info)
    file._didModify = True
case(
    "zip: 2000 names of one content",
    many.getvalue(),
    some={"one": bits(100_000, 1)} | {f"again{k}": bits(100_000, 1) for k in range(2000)},
)
for label, extra in (
    ("size 2^63", struct.pack("<HHQQ", 1, 16, 2**63, 2**63)),
    ("too short", struct.pack("<HHI", 1, 4, 1)),
    ("longer than itself", struct.pack("<HHQ", 1, 60_000, 1)),
    ("a name that leads out", struct.pack("<HHBI", 0x7075, 5 + 10, 1, zlib.crc32(b"m.mp4")) + b"../escaped"),
    ("times that lie", struct.pack("<HHBi", 0x5455, 5, 1, -(2**31))),
    ("noise", bits(40, 6)),
    ("WinZip's encryption", struct.pack("<HHHHBH", 0x9901, 7, 2, 0x4541, 3, 0)),
):
    info = zipfile.ZipInfo("m.mp4")
    info.extra = extra
    case(f"zip extra: {label}", zip_([(info, bits(5000, 1))]), some=ANY)
locator = b"PK\6\7" + struct.pack("<IQI", 0, 2**63, 1)
end = ZIP.index(EOCD)
case("zip64: an end that is nowhere", ZIP[:end] + locator + ZIP[end:], some=ANY)
record = b"PK\6\6" + struct.pack("<QHHIIQQQQ", 2**63, 45, 45, 0, 0, 2**62, 2**62, 2**63 - 1, 2**63 - 1)
case(
    "zip64: a directory of 8 EiB",
    ZIP[:end] + record + b"PK\6\7" + struct.pack("<IQI", 0, end, 1) + at_all(ZIP, EOCD, 8, b"\xff" * 12, 0)[end:],
    some=ANY,
)
for label, flag, name in (
    ("a name that promises UTF-8", 0x800, b"Ta\xef_clip.avi"),
    ("a name of a code page", 0, b"Ta\xef_clip.avi"),
    ("a NUL in the name", 0, b"Ta\0_clip.avi"),
):
    data = zip_([("TaX_clip.avi", b"x")]).replace(b"TaX_clip.avi", name)
    data = in_both(data, 6, 8, struct.pack("<H", flag))
    if flag:
        case(f"zip: {label}", data, BOTH, [("", "UTF-8")])
    else:
        case(f"zip: {label}", data, BOTH | {name.split(b"\0")[0]: b"x"})

# --- 7z that lies -----------------------------------------------------------------------------------------------------

SEVEN = seven([("m.mp4", bits(5000, 1))])
for at in list(range(0, 32, 4)) + list(range(len(SEVEN) - 120, len(SEVEN), 15)):
    changed = bytearray(SEVEN)
    changed[at] ^= 0xFF
    case(f"7z: byte {at} changed", bytes(changed), some=ANY)
for at in (6, 31, 32, 100, len(SEVEN) // 2, len(SEVEN) - 1):
    case(f"7z: the first {at} bytes", SEVEN[:at], refused="")
case(
    "7z: a header at 8 EiB",
    SEVEN[:8]
    + struct.pack("<I", zlib.crc32(struct.pack("<QQI", 2**63 - 64, 30, 0)))
    + struct.pack("<QQI", 2**63 - 64, 30, 0)
    + SEVEN[32:],
    refused="",
)
case(
    "7z: a header of 4 EiB",
    SEVEN[:8]
    + struct.pack("<I", zlib.crc32(struct.pack("<QQI", 0, 2**62, 0)))
    + struct.pack("<QQI", 0, 2**62, 0)
    + SEVEN[32:],
    refused="",
)

# --- what is something else -------------------------------------------------------------------------------------------


def rar4(members, **options):
    def block(kind, flags, body, more=b""):
        head = struct.pack("<BHH", kind, flags, 7 + len(body)) + body
        return struct.pack("<H", zlib.crc32(head) & 0xFFFF) + head + more

    out = b"Rar!\x1a\x07\x00" + block(0x73, 0, bytes(6))
    for name, data in members:
        fields = struct.pack(
            "<IIBIIBBHI", len(data), len(data), 3, zlib.crc32(data), 0x48210000, 20, 0x30, len(name), 0o100644
        )
        out += block(0x74, 0x8000, fields + name.encode(), data)
    return out + block(0x7B, 0x4000, b"")


RAR = rar4([("good.mp4", GOOD), ("../escaped", b"x"), ("last/good.mp4", LAST)])
case("RAR, switched off", RAR, refused="RAR is switched off")
case("RAR 5, switched off", b"Rar!\x1a\x07\x01\x00" + bits(500, 1), refused="RAR is switched off")
case("RAR, switched on", RAR, BOTH, [("../escaped", "..")], rar=True)
for at in range(10, len(RAR), 300):
    case(f"RAR: the first {at} bytes", RAR[:at], some=BOTH, rar=True)
case("RAR 5 of noise, switched on", b"Rar!\x1a\x07\x01\x00" + bits(500, 1), refused="", rar=True)
case("RAR behind a program, switched off", b"MZ" + bits(5000, 2) + RAR, refused="")

iso = bytearray(40 * 2048)
iso[16 * 2048 : 16 * 2048 + 7] = b"\1CD001\1"
iso[17 * 2048 : 17 * 2048 + 7] = b"\xffCD001\1"
for label, data in (
    ("ISO 9660", bytes(iso)),
    ("cabinet", b"MSCF" + bits(600, 1)),
    ("cpio", b"070701" + b"0" * 104 + b"TRAILER!!!\0"),
    ("old cpio", b"\xc7\x71" + bits(600, 1)),
    ("ar", b"!<arch>\n" + b"x/".ljust(48) + b"5         `\nhello\n"),
    ("xar", b"xar!\0\x1c\0\1" + bits(600, 1)),
    ("lha", b"\x20\x00-lh5-" + bits(600, 1)),
    ("mtree", b"#mtree\n./x type=file contents=/etc/passwd\n"),
    ("warc", b"WARC/1.0\r\n" + bits(600, 1)),
    ("compress", b"\x1f\x9d\x90" + bits(600, 1)),
    ("lzip", b"LZIP\1\x0c" + bits(600, 1)),
    ("lz4", b"\x04\x22\x4d\x18" + bits(600, 1)),
    ("lzop", b"\x89LZO\0\r\n\x1a\n" + bits(600, 1)),
    ("uuencode", b"begin 644 x\n#86)C\n`\nend\n"),
    ("rpm", b"\xed\xab\xee\xdb" + bits(600, 1)),
    ("a program", b"\x7fELF" + bits(6000, 1)),
    ("a web page", b"<html>Please log in</html>" * 50),
    ("JSON", b'{"error": "not found"}'),
    ("nothing", b""),
    ("one byte", b"x"),
    ("noise", bits(100_000, 1)),
    ("text", b"a line\n" * 1000),
    ("a film", b"\0\0\0\x18ftypmp42" + bits(5000, 1)),
):
    # An empty file is an empty archive to nobody.
    case(f"not ours: {label}", data, refused="")

with open(os.path.join(OUT, "table.json"), "w") as file:
    json.dump(CASES, file)
print(len(CASES))
