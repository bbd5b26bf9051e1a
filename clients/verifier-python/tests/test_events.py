import unittest

from jeton_verifier.events import EventParser

CASES = {
    "line feeds": ("event: hb\ndata: 1\n\n", [("hb", "1")]),
    "CR LF": ("event: hb\r\ndata: 1\r\n\r\n", [("hb", "1")]),
    "carriage returns": ("event: hb\rdata: 1\r\r", [("hb", "1")]),
    "no name": ("data: 1\n\n", [("message", "1")]),
    "several lines of data": ("data: a\ndata: b\n\n", [("message", "a\nb")]),
    "no space, and two": ("data:a\ndata:  b\n\n", [("message", "a\n b")]),
    "colons in data": ('data: {"a":1}\n\n', [("message", '{"a":1}')]),
    "comments": (": still here\n\n: and now\ndata: 1\n\n", [("message", "1")]),
    "fields of no meaning": ("id: 7\nretry: 9\nfoo\ndata: 1\n\n", [("message", "1")]),
    "an event without data": ("event: hb\n\ndata: 1\n\n", [("message", "1")]),
    "data without a value": ("data\n\n", [("message", "")]),
    "one that has not ended": ("data: 1\n\ndata: 2\n", [("message", "1")]),
    "letters of several bytes": ("data: Zoë 王 \u2028\n\n", [("message", "Zoë 王 \u2028")]),
    "a mark at the beginning": ("\ufeffdata: 1\n\n", [("message", "1")]),
}


def events(*pieces):
    parser = EventParser()
    return [event for piece in pieces for event in parser.push(piece)]


class Events(unittest.TestCase):
    def test_an_event_ends_at_an_empty_line(self):
        for name, (text, expected) in CASES.items():
            data = text.encode()
            with self.subTest(name):
                self.assertEqual(events(data), expected)
                self.assertEqual(events(*(bytes([byte]) for byte in data)), expected)
                for cut in range(len(data)):
                    self.assertEqual(events(data[:cut], data[cut:]), expected, f"cut at {cut}")

    def test_an_event_has_a_greatest_size(self):
        parser = EventParser()
        with self.assertRaises(ValueError):
            for _ in range(17):
                list(parser.push(b"x" * 1024 * 1024))
