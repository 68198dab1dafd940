#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes a tar archive of a tiny root file system with one attack in it: NAME OUTPUT CANARY-DIR."""
import io
import sys
import tarfile

ESCAPE = "\x1b[2J"


def entry(name, kind=tarfile.REGTYPE, text=b"", **fields):
    info = tarfile.TarInfo(name)
    info.type = kind
    info.mode = fields.pop("mode", 0o755)
    info.size = len(text)
    for key, value in fields.items():
        setattr(info, key, value)
    return info, text


def regular(name, text=b"evil\n", **fields):
    return entry(name, tarfile.REGTYPE, text, **fields)


def symlink(name, target):
    return entry(name, tarfile.SYMTYPE, linkname=target)


def hardlink(name, target):
    return entry(name, tarfile.LNKTYPE, linkname=target)


def directory(name, **fields):
    return entry(name, tarfile.DIRTYPE, **fields)


def attacks(canary):
    return {
        "none": [],
        "absolute": [regular(canary + "/made")],
        "parent": [regular("../made")],
        "parent-inside": [regular("etc/../../../made")],
        "through-link": [symlink("out", canary), regular("out/made")],
        "through-link-deep": [symlink("out", canary), regular("out/a/b/made")],
        "through-link-relative": [symlink("a", "../../../../.."), regular("a" + canary + "/made")],
        "through-inner-link": [symlink("b", "bin"), regular("b/sh")],
        "directory-over-link": [symlink("out", canary), directory("out", mode=0o777)],
        "link-over-directory": [directory("out"), symlink("out", canary), regular("out/made")],
        "file-as-directory": [regular("file"), regular("file/made")],
        "hard-link-absolute": [hardlink("stolen", canary + "/canary")],
        "hard-link-parent": [hardlink("stolen", "../../../../../.." + canary + "/canary")],
        "hard-link-through-link": [symlink("out", canary), hardlink("stolen", "out/canary")],
        "hard-link-absent": [hardlink("stolen", "nothing")],
        "hard-link-root": [hardlink("stolen", ".")],
        "root-is-file": [regular(".")],
        "root-is-link": [symlink(".", canary)],
        "owner": [regular("file", uid=100000)],
        "group": [regular("file", gid=65536)],
        "deep": [regular("/".join(["d"] * 129))],
        "long-component": [regular("n" * 256)],
        "long-name": [regular("/".join(["n" * 200] * 25))],
        "huge-name": [regular("n" * 2000000)],
        "escapes": [regular(ESCAPE + "/../x")],
        "attributes": [regular("file", pax_headers={
            "SCHILY.xattr.a%d" % i: "x" for i in range(100)})],
        # Not attacks, but what an image must do with them.
        "link-then-file": [symlink("file", canary + "/canary"), regular("file")],
        "hard-link-to-link": [symlink("out", canary + "/canary"), hardlink("stolen", "out")],
        "devices": [entry("null", tarfile.CHRTYPE, devmajor=1, devminor=3),
                    entry("disk", tarfile.BLKTYPE, devmajor=8, devminor=0),
                    entry("whiteout", tarfile.CHRTYPE), entry("fifo", tarfile.FIFOTYPE)],
        "overlay": [directory("dir", pax_headers={"SCHILY.xattr.trusted.overlay.redirect": canary,
                                                  "SCHILY.xattr.trusted.overlay.opaque": "y",
                                                  "SCHILY.xattr.user.kept": "yes"})],
        "setuid": [regular("su", mode=0o4755), directory("tmp", mode=0o1777),
                   regular("mail", mode=0o2755, uid=8, gid=12)],
        "wrapped": None,
        "twice": [regular("file", b"old\n"), regular("file", b"new\n")],
        "dotted": [directory("./"), regular("./etc/dotted"), regular("usr//share/./x")],
    }


def main():
    name, output, canary = sys.argv[1:]
    base = [directory("bin"), regular("bin/sh", b"#!\n")]
    extra = attacks(canary)[name]
    if extra is None:
        base, extra = [], [directory("x"), regular("x/bin/sh")]
    with tarfile.open(output, "w", format=tarfile.PAX_FORMAT) as tar:
        for info, text in base + extra:
            tar.addfile(info, io.BytesIO(text))


main()
