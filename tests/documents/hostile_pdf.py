"""PDFs nobody should have to open: thousands of pages, pages of kilometres, hundreds of thousands of lines."""

import random
import zlib


def hostile_pdf(stream=b"", size=(595.0, 842.0), pages=1):
    """Return a small PDF whose pages all show the same stream."""
    body = zlib.compress(stream)
    out, places = b"%PDF-1.4\n", []
    kids = b" ".join(b"%d 0 R" % (4 + number) for number in range(pages))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count %d/Kids[%s]>>" % (pages, kids),
        b"<</Length %d/Filter/FlateDecode>>stream\n" % len(body) + body + b"\nendstream",
        *[b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %f %f]/Contents 3 0 R>>" % size] * pages,
    ]  # fmt: skip
    for number, one in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + one + b"\nendobj\n"
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1)
    end = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(places) + 1, len(out))
    return out + head + table + end


def lines(count):
    """Return a stream that draws lines across the page, each a path of its own."""
    chance = random.Random(1)
    return b"\n".join(b"%d %d m %d %d l S" % tuple(chance.randrange(800) for _ in range(4)) for _ in range(count))
