"""L1: texts that are made to cost much (programs/hostile.lua). Four times the size may take 4.6 times as long."""

from .programs import ALL_LUAS, LUAS, ours
from .rows import Growth, Row

# Shape, what it is, its smallest size, and whether it is about the tables of one of the Luas.
SHAPES = [
    ("error-html", "a page of HTML as an error", 16000, False),
    ("error-tags", "an error of beginnings of tags", 16000, False),
    ("error-key", "an error that repeats the key", 16000, False),
    ("error-part-of-key", "an error of most of the key, over and over", 16000, False),
    ("error-escapes", "an error of escapes", 16000, False),
    ("error-objects", "an error of objects in objects", 16000, False),
    ("stream-error-key", "an error event that repeats the key", 2000000, False),
    ("stream-cr", "a stream of CR", 1000000, False),
    ("stream-cr-events", "small events with CR", 100000, False),
    ("stream-one-line", "a line without an end", 1000000, False),
    ("stream-one-event", "an event of many lines", 1000000, False),
    ("stream-comments", "comments", 1000000, False),
    ("json-empty-lists", "[], over and over", 60000, False),
    ("json-deep-lists", "lists in lists", 1000000, False),
    ("json-deep-objects", "objects in objects", 1000000, False),
    ("json-one-name", "one name over and over", 300000, False),
    ("json-digits", "a number of many digits", 1000000, False),
    ("json-escapes", "a string of escapes", 1000000, False),
    ("json-names", "an object of many names", 5000, True),
    ("json-short-strings", "strings of equal hashes, 36 bytes", 8000, True),
    ("json-colliding-values", "strings of equal hashes, 64 bytes", 8000, True),
    ("json-colliding-names", "names of equal hashes", 8000, True),
    ("json-alike-values", "long strings that differ in the middle", 8000, True),
    ("json-alike-names", "long names that differ in the middle", 8000, True),
    ("fields-empty-lists", "[], in what is passed over", 1000000, False),
    ("fields-objects", "objects in what is passed over", 1000000, False),
    ("fold-add-end", "a patch that adds at the end", 5000, False),
    ("fold-add-front", "a patch that adds at the front", 5000, False),
    ("fold-remove-front", "a patch that removes at the front", 5000, False),
    ("fold-append", "a patch that lengthens a text", 10000, False),
]


def rows():
    for shape, name, size, in_tables in SHAPES:
        yield Row("L1", shape, name, ours("%s {n}" % shape, "hostile.lua", ALL_LUAS if in_tables else LUAS),
                  [Growth("milliseconds")], sizes=[size, 2 * size, 4 * size],
                  server="none")
