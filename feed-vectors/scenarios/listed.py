"""What is on the list: ids, what each kind refuses, how entries merge, and when they leave."""

from collections.abc import Iterator

from make import UNTIL, WALL, Theme, claims, cursor, ended, of_session, of_text, sid

REASONS = ["logged_out", "revoked", "replaced", "kicked", "banned", "password_changed", "replayed"]


def themes() -> Iterator[Theme]:
    yield ids()
    yield kinds()
    yield merge()
    yield expiry()
    yield unknown()


def ids() -> Theme:
    theme = Theme("ids")
    theme.scenario("ids are worked out alike everywhere")
    theme.id("subject", "alice", "2bd806c97f0e00af")
    theme.id("subject", "", "e3b0c44298fc1c14")
    theme.id("subject", "Zoë 王", of_text("Zoë 王"))
    theme.why("the hash is of UTF-8")
    theme.id("token", "abc", "ba7816bf8f01cfea")
    theme.why("SHA-256 of abc is a test vector of FIPS 180-2")
    theme.id("session", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYX", "1010101010101010")
    theme.why("bytes 00 01 02 … 17: 00 XOR 10, 01 XOR 11, …")
    theme.id("session", "__________________________8AAAAA", "00000000ffffffff")
    theme.why("base64url, not base64: an underscore is six ones, so 20 bytes of ff and 4 of 00")
    theme.id("session", sid("alice"), of_session(sid("alice")))
    return theme


def kinds() -> Theme:
    theme = Theme("kinds")
    theme.scenario("nothing is refused that is not on the list")
    theme.snapshot(5)
    theme.request(10)
    theme.keys(12)
    theme.hb(20, t=50_010)
    theme.check(100, "accepted")
    theme.check(100, "accepted", claims(number=None))
    theme.expect(100, entries=0)

    for reason in REASONS:
        theme.connected(f"a session that ended: {reason}", [ended("alice", reason)])
        theme.check(100, reason)
        theme.check(100, reason, claims(jti="another", ver=7, iat=WALL))
        theme.why("every token of the session, whatever else it says")
        theme.check(100, "accepted", claims(number=2))
        theme.check(100, "accepted", claims("bob"))
        theme.check(100, "accepted", claims(number=None))

    theme.connected("a reason that came later", [ended("alice", "abducted")])
    theme.check(100, "revoked")

    theme.connected("one token", [["t", of_text("j1"), UNTIL, "revoked"]])
    theme.check(100, "revoked", claims(jti="j1"))
    theme.check(100, "revoked", claims("client", None, jti="j1"))
    theme.check(100, "accepted", claims(jti="j2"))

    theme.connected("versions below one", [["v", of_text("alice"), UNTIL, 3]])
    theme.check(100, "token_recalled", claims(ver=2))
    theme.check(100, "token_recalled", claims(ver=0))
    theme.check(100, "token_recalled", claims())
    theme.why("no `ver` is 0")
    theme.check(100, "token_recalled", claims(number=None))
    theme.why("a token without a session has a subject too")
    theme.check(100, "accepted", claims(ver=3))
    theme.check(100, "accepted", claims(ver=4))
    theme.check(100, "accepted", claims("bob"))

    at = WALL - 50
    for name, entry, reaches_bob in [
        ("what a subject was issued until a second", ["i", of_text("alice"), UNTIL, at], False),
        ("what everybody was issued until a second", ["a", "", UNTIL, at], True),
    ]:
        theme.connected(name, [entry])
        theme.check(100, "token_recalled", claims(iat=at - 1))
        theme.check(100, "token_recalled", claims(iat=at))
        theme.why("in that very second too: nobody knows which came first")
        theme.check(100, "accepted", claims(iat=at + 1))
        theme.check(100, "token_recalled", claims(number=None, iat=at))
        bobs = "token_recalled" if reaches_bob else "accepted"
        theme.check(100, bobs, claims("bob", iat=at))

    theme.connected("a key", [["k", "k1", UNTIL, 0]])
    theme.check(100, "key_withdrawn")
    theme.check(100, "key_withdrawn", claims("bob", ver=9))
    theme.check(100, "accepted", kid="k2")
    theme.check(100, "accepted", kid="k")
    theme.why("a kid is compared whole")

    key, session = ["k", "k1", UNTIL, 0], ended("alice", "banned")
    token, version = ["t", of_text("of alice"), UNTIL, "kicked"], ["v", of_text("alice"), UNTIL, 1]
    theme.connected("of several, the key is named first", [version, token, session, key])
    theme.check(100, "key_withdrawn")
    theme.check(100, "banned", kid="k2")
    theme.connected("then the session, the token, and the rest", [version, token])
    theme.check(100, "kicked")
    theme.check(100, "token_recalled", claims(jti="another"))
    return theme


def merge() -> Theme:
    theme = Theme("merge")
    for name, order in [("in order", [0, 1, 2, 3]), ("out of order", [3, 2, 1, 0]),
                        ("twice", [2, 0, 3, 1, 1, 3, 0, 2])]:
        batches = [
            [["v", of_text("alice"), UNTIL, 2]],
            [["v", of_text("alice"), UNTIL, 5], ended("bob", "kicked")],
            [["v", of_text("alice"), UNTIL, 4], ["i", of_text("carol"), UNTIL, WALL - 80]],
            [["i", of_text("carol"), UNTIL, WALL - 60], ended("bob", "kicked")],
        ]
        theme.connected(f"the greater value stays: {name}")
        for place, batch in enumerate(order, 1):
            theme.rev(30 + place, place, place + 1, batches[batch])
        theme.check(100, "token_recalled", claims(ver=4))
        theme.check(100, "accepted", claims(ver=5))
        theme.check(100, "kicked", claims("bob"))
        theme.check(100, "token_recalled", claims("carol", iat=WALL - 60))
        theme.check(100, "accepted", claims("carol", iat=WALL - 59))
        theme.expect(100, entries=3)

    for first, second, stays in [
        ("logged_out", "banned", "banned"),
        ("banned", "logged_out", "banned"),
        ("replayed", "revoked", "replayed"),
        ("revoked", "replayed", "replayed"),
        ("kicked", "abducted", "kicked"),
    ]:
        theme.connected(f"of {first} and {second}, the one named later in the page stays")
        theme.rev(30, 1, 2, [ended("alice", first)])
        theme.rev(40, 2, 3, [ended("alice", second)])
        theme.check(100, stays)
        theme.expect(100, entries=1)

    theme.connected("kinds with the same id are apart")
    same = of_text("alice")
    theme.rev(30, 1, 2, [["v", same, UNTIL, 1], ["t", same, UNTIL, "kicked"]])
    theme.check(100, "token_recalled")
    theme.check(100, "kicked", claims("bob", jti="alice"))
    theme.check(100, "accepted", claims(ver=1))
    theme.expect(100, entries=2)

    theme.connected("a snapshot is merged, it replaces nothing")
    theme.rev(30, 1, 2, [ended("alice", "kicked")])
    theme.snapshot(50, place=cursor(3), entries=[ended("bob", "banned")])
    theme.check(100, "kicked")
    theme.check(100, "banned", claims("bob"))
    theme.expect(100, entries=2, cursor=cursor(3))
    return theme


def expiry() -> Theme:
    theme = Theme("expiry")
    theme.connected("an entry stays until its time has come, and goes then")
    theme.rev(30, 1, 2, [ended("alice", until=WALL + 100), ended("bob", until=WALL + 400)])
    theme.sweep(99_000)
    theme.expect(99_000, entries=2)
    theme.check(99_000, "logged_out")
    theme.why("and no staleness lets in what the list refuses")
    theme.sweep(140_000)
    theme.expect(140_000, entries=1)
    theme.check(140_000, "logged_out", claims("bob"))

    for name, untils in [("earlier", [400, 100]), ("later", [100, 400])]:
        theme.connected(f"the later of two ends stays: the second is {name}")
        for place, until in enumerate(untils, 1):
            theme.rev(30 + place, place, place + 1, [
                ended("alice", until=WALL + until),
                ["t", of_text("of bob"), WALL + until, "revoked"],
                ["v", of_text("carol"), WALL + until, 1],
                ["i", of_text("dave"), WALL + until, WALL],
                ["k", "k2", WALL + until, 0],
            ])
        theme.sweep(200_000)
        theme.expect(200_000, entries=5)
        theme.check(200_000, "logged_out")
        theme.check(200_000, "revoked", claims("bob"))
        theme.check(200_000, "token_recalled", claims("carol"))
        theme.check(200_000, "token_recalled", claims("dave"))
        theme.check(200_000, "key_withdrawn", kid="k2")
        theme.sweep(440_000)
        theme.expect(440_000, entries=0)

    theme.connected("end and value are merged apart")
    theme.rev(30, 1, 2, [["v", of_text("alice"), WALL + 400, 1]])
    theme.rev(40, 2, 3, [["v", of_text("alice"), WALL + 100, 2]])
    theme.sweep(200_000)
    theme.check(200_000, "token_recalled", claims(ver=1))
    theme.why("version 2 of the one, and the end of the other")
    return theme


def unknown() -> Theme:
    theme = Theme("unknown")
    alices = ended("alice")
    for name, entry in [
        ("of an unknown kind", ["x", "0f0f0f0f0f0f0f0f", UNTIL, 1]),
        ("with an id that is too short", ["s", "0f0f", UNTIL, "revoked"]),
        ("with an id in upper case", ["s", "0F0F0F0F0F0F0F0F", UNTIL, "revoked"]),
        ("with a number for a reason", ["s", "0f0f0f0f0f0f0f0f", UNTIL, 2]),
        ("with a text for a version", ["v", "0f0f0f0f0f0f0f0f", UNTIL, "2"]),
        ("that says more", ["s", "0f0f0f0f0f0f0f0f", UNTIL, "revoked", {"but": "not here"}]),
        ("that says less", ["s", "0f0f0f0f0f0f0f0f", UNTIL]),
        ("that never ends", ["s", "0f0f0f0f0f0f0f0f", None, "revoked"]),
    ]:
        theme.connected(f"an entry {name} is for newer verifiers: never fresh again")
        theme.rev(30, 1, 2, [entry, alices])
        theme.check(40, "logged_out")
        theme.why("what is understood beside it counts")
        theme.check(40, "stale", claims("bob"))
        theme.hb(1000, cursor(2))
        theme.expect(1000, fresh=False, cursor=cursor(2), entries=1)
        theme.request(2000)
        theme.keys(2010)
        theme.hb(2020, cursor(2))
        theme.expect(2020, fresh=False)
        theme.check(2020, "stale", claims("bob"))

    theme.scenario("so is one in a snapshot")
    theme.snapshot(5, entries=[["x", "", UNTIL, 1], alices])
    theme.request(10)
    theme.keys(12)
    theme.hb(20)
    theme.expect(20, fresh=False, cursor=cursor(1), entries=1)
    theme.check(20, "logged_out")
    theme.check(20, "stale", claims("bob"))

    theme.connected("members that are not known mean nothing")
    theme.hb(1000, weather="fine")
    theme.rev(1010, 1, 2, [alices], weather="fine")
    theme.hb(2000, cursor(2), weather="fine")
    theme.expect(2000, fresh=True, staleness_ms=0, cursor=cursor(2))
    return theme
