"""The connection: what follows on what, what was lost, snapshots and keys on the way."""

from collections.abc import Iterator

from make import UNTIL, WALL, Theme, claims, cursor, ended


def themes() -> Iterator[Theme]:
    yield order()
    yield gaps()
    yield resets()
    yield polls()
    yield keys()


def order() -> Theme:
    theme = Theme("order")
    theme.connected("each event follows on the one before, and moves the cursor")
    theme.rev(30, 1, 2, [ended("alice")])
    theme.expect(30, cursor=cursor(2))
    theme.rev(40, 2, 7, [ended("bob")])
    theme.why("places may be left out: a cursor is opaque")
    theme.hb(1000, cursor(7))
    theme.rev(1010, 7, 7, [])
    theme.keys(1020)
    theme.hb(2000, cursor(7))
    theme.expect(2000, fresh=True, staleness_ms=0, cursor=cursor(7), entries=2)

    theme.connected("numbers begin anew with every connection, the cursor does not")
    theme.rev(30, 1, 2, [ended("alice")])
    theme.request(100)
    theme.keys(110)
    theme.rev(115, 2, 3, [ended("bob")])
    theme.hb(120, cursor(3))
    theme.expect(120, fresh=True, cursor=cursor(3), entries=2)
    theme.check(120, "logged_out")
    theme.check(120, "logged_out", claims("bob"))

    theme.connected("a cursor may stay while something is revoked")
    theme.rev(30, 1, 1, [ended("alice")])
    theme.check(30, "logged_out")
    theme.expect(30, cursor=cursor(1), entries=1)
    theme.hb(1000)
    theme.expect(1000, staleness_ms=0, cursor=cursor(1))
    theme.rev(1100, 1, 1, [ended("bob")])
    theme.rev(1200, 1, 5, [ended("alice", number=2)])
    theme.check(1200, "logged_out", claims("bob"))
    theme.check(1200, "logged_out", claims(number=2))
    theme.hb(2000, cursor(5))
    theme.expect(2000, staleness_ms=0, cursor=cursor(5), entries=3)

    theme.connected("a cursor may move and nothing was revoked")
    theme.rev(30, 1, 4, [])
    theme.expect(30, cursor=cursor(4), entries=0)
    theme.hb(1000, cursor(4))
    theme.rev(1010, 4, 9, [])
    theme.hb(2000, cursor(9))
    theme.expect(2000, staleness_ms=0, fresh=True, cursor=cursor(9))
    theme.hb(3000, cursor(4), then="reconnect")
    theme.why("it is told of nothing but by a rev")
    theme.expect(3000, staleness_ms=1000, cursor=cursor(9))

    theme.connected("a cursor may go back")
    theme.rev(30, 1, 9, [ended("alice")])
    theme.rev(40, 9, 6, [ended("bob")])
    theme.why("where several servers publish one feed, one may be further than the next")
    theme.expect(40, cursor=cursor(6), entries=2)
    theme.hb(1000, cursor(6))
    theme.expect(1000, staleness_ms=0, fresh=True, cursor=cursor(6))
    theme.rev(1100, 6, 12, [ended("alice"), ended("bob", number=2)])
    theme.hb(2000, cursor(12))
    theme.expect(2000, staleness_ms=0, cursor=cursor(12), entries=3)
    theme.check(2000, "logged_out")
    theme.check(2000, "logged_out", claims("bob"))

    theme.connected("the next connection is to another server, which is behind and has another clock")
    theme.rev(30, 1, 9, [ended("alice")])
    theme.hb(1000, cursor(9))
    theme.request(1500)
    theme.keys(1510)
    theme.rev(1511, 9, 7, [ended("alice"), ended("bob")])
    theme.expect(1511, staleness_ms=511, cursor=cursor(7), entries=2)
    theme.hb(1512, cursor(7), t=7_000_000, age=300)
    theme.expect(1512, staleness_ms=312, fresh=True, cursor=cursor(7))
    theme.why("its 7,000,000 is taken for the moment of the request, less the 300")
    theme.rev(1600, 7, 10, [])
    theme.hb(2512, cursor(10), t=7_001_000, age=400)
    theme.expect(2512, staleness_ms=412, cursor=cursor(10))
    return theme


def gaps() -> Theme:
    theme = Theme("gaps")
    theme.connected("a number is missing")
    theme.rev(30, 1, 3, [ended("bob")], n=4, then="reconnect")
    theme.check(30, "logged_out", claims("bob"))
    theme.why("what came is merged whatever was lost")
    theme.expect(30, cursor=cursor(1))
    theme.request(50)
    theme.keys(60)
    theme.rev(62, 1, 3, [ended("alice"), ended("bob")])
    theme.hb(65, cursor(3))
    theme.check(70, "logged_out")
    theme.expect(70, cursor=cursor(3), fresh=True)

    theme.connected("the events after one before ours are missing")
    theme.rev(30, 2, 3, [ended("bob")], then="reconnect")
    theme.check(30, "logged_out", claims("bob"))
    theme.expect(30, cursor=cursor(1))

    theme.connected("a rev that we have had already is no better")
    theme.rev(30, 1, 2, [ended("alice")])
    theme.rev(40, 1, 2, [ended("alice")], then="reconnect")
    theme.expect(40, cursor=cursor(2), entries=1)

    theme.connected("a rev of another feed")
    theme.event(30, "rev", after=cursor(1, "bb"), cursor=cursor(2, "bb"), e=[ended("bob")],
                then="reconnect")
    theme.check(30, "logged_out", claims("bob"))
    theme.expect(30, cursor=cursor(1))

    for name, place in [("ahead of ours", cursor(2)), ("of another feed", cursor(1, "bb")),
                        ("behind ours", cursor(0)), ("written otherwise", "00aa.01")]:
        theme.connected(f"a heartbeat with a cursor {name}")
        theme.hb(1000, place, then="reconnect")
        theme.expect(1000, staleness_ms=990, cursor=cursor(1))
        theme.why("it says nothing about our list")

    for name, n in [("left out", 4), ("sent twice", 2), ("0", 0)]:
        theme.connected(f"a heartbeat whose number is {name}")
        theme.hb(1000, n=n, then="reconnect")
        theme.expect(1000, staleness_ms=990, cursor=cursor(1))

    theme.scenario("the first event is number 1")
    theme.snapshot(5)
    theme.request(10)
    theme.hb(20, n=2, then="reconnect")
    theme.expect(20, staleness_ms=None, fresh=False)

    heartbeat = f'{{"n":3,"cursor":"{cursor(1)}","age_ms":0,"now":{WALL}}}'
    for name, event, text in [
        ("an event that nobody knows", "gossip", '{"n":3}'),
        ("data that is not JSON", "hb", '{"n":3,'),
        ("data that is no object", "hb", "3"),
        ("a heartbeat that lacks its clock", "hb", heartbeat),
        ("a heartbeat from the future of its own clock", "hb",
         heartbeat.replace('"age_ms":0', '"t":51000,"age_ms":-500')),
        ("a rev without entries", "rev", f'{{"n":3,"after":"{cursor(1)}","cursor":"{cursor(2)}"}}'),
        ("a rev without a place to go on", "rev", f'{{"n":3,"after":"{cursor(1)}","e":[]}}'),
        ("keys without a set", "keys", '{"n":3}'),
        ("an event without a number", "keys", '{"jwks":{"keys":[]}}'),
    ]:
        theme.connected(f"not understood: {name}")
        theme.raw(1000, event, text, then="reconnect")
        theme.expect(1000, staleness_ms=990, cursor=cursor(1), kids=["k1"])
    return theme


def resets() -> Theme:
    theme = Theme("reset")
    theme.connected("a reset asks for the snapshot, and takes nothing away")
    theme.rev(30, 1, 2, [ended("alice")])
    theme.request(1000)
    theme.event(1010, "reset", then="snapshot")
    theme.check(1010, "logged_out")
    theme.expect(1010, staleness_ms=1000, entries=1)
    theme.snapshot(1100, place=cursor(40, "bb"), entries=[ended("bob")])
    theme.expect(1100, cursor=cursor(40, "bb"), staleness_ms=1090, entries=2)
    theme.why("a snapshot makes nobody fresh")
    theme.request(1110)
    theme.keys(1120)
    theme.hb(1130, cursor(40, "bb"), t=7)
    theme.expect(1130, staleness_ms=20, fresh=True, cursor=cursor(40, "bb"))
    theme.check(1130, "logged_out")
    theme.check(1130, "logged_out", claims("bob"))

    theme.connected("in the middle of a connection too")
    theme.event(500, "reset", then="snapshot")
    theme.snapshot(600, place=cursor(9), entries=[ended("alice")])
    theme.check(600, "logged_out")
    return theme


def polls() -> Theme:
    theme = Theme("poll")
    theme.scenario("a poll is as fresh as the moment when it was asked")
    theme.snapshot(5)
    theme.poll(2010, sent=10, place=cursor(2), entries=[ended("alice")])
    theme.expect(2010, staleness_ms=2000, fresh=True, cursor=cursor(2), entries=1)
    theme.check(2010, "logged_out")
    theme.poll(4500, sent=2100, after=cursor(2), age=300)
    theme.expect(4500, staleness_ms=2700, cursor=cursor(2))
    theme.check(6800, "accepted", claims("bob"))
    theme.check(6801, "stale", claims("bob"))

    theme.scenario("the clocks of two servers have nothing to do with each other")
    theme.snapshot(5)
    theme.poll(20, sent=10, t=900_000_000)
    theme.poll(1020, sent=1010, t=3)
    theme.expect(1020, staleness_ms=10)
    theme.poll(2020, sent=2010, t=5_000_000)
    theme.expect(2020, staleness_ms=10)

    theme.scenario("the same answer again is no younger than it was")
    theme.snapshot(5)
    theme.poll(20, sent=10, t=50_015)
    theme.expect(20, staleness_ms=10)
    theme.poll(2020, sent=2010, t=50_015)
    theme.expect(2020, staleness_ms=2010)
    theme.poll(4020, sent=4010, t=50_015)
    theme.expect(4020, staleness_ms=4010)
    theme.why("something on the way has kept it")
    theme.poll(5020, sent=5010, t=55_015)
    theme.expect(5020, staleness_ms=10)

    theme.scenario("a poll never moves the moment back")
    theme.snapshot(5)
    theme.poll(20, sent=10)
    theme.poll(1020, sent=1010, age=5000)
    theme.expect(1020, staleness_ms=1010)

    theme.scenario("an answer to another question is merged, and that is all")
    theme.snapshot(5)
    theme.poll(20, sent=10)
    theme.poll(1020, sent=1010, after=cursor(3), place=cursor(4), entries=[ended("alice")],
               then="reconnect")
    theme.check(1020, "logged_out")
    theme.expect(1020, cursor=cursor(1), staleness_ms=1010)

    theme.scenario("a poll may tell the same again, move nothing, or go back")
    theme.snapshot(5)
    theme.poll(1010, sent=10, entries=[ended("alice")], t=50_500)
    theme.expect(1010, cursor=cursor(1), staleness_ms=1000, entries=1)
    theme.poll(1500, sent=1400, place=cursor(5), entries=[ended("alice")], t=51_450)
    theme.expect(1500, cursor=cursor(5), staleness_ms=100, entries=1)
    theme.poll(2500, sent=2400, after=cursor(5), place=cursor(3), entries=[ended("bob")], t=9_000)
    theme.why("of another server, which is behind")
    theme.expect(2500, cursor=cursor(3), staleness_ms=100, entries=2)
    theme.poll(4000, sent=2600, after=cursor(3), place=cursor(8), t=53_000)
    theme.expect(4000, cursor=cursor(8), staleness_ms=1400, entries=2)
    theme.check(4000, "logged_out")
    theme.check(4000, "logged_out", claims("bob"))

    theme.scenario("a poll can tell to take the snapshot")
    theme.snapshot(5)
    theme.poll(20, sent=10)
    theme.poll(1020, sent=1010, reset=True, then="snapshot")
    theme.expect(1020, staleness_ms=1010)
    theme.snapshot(1100, place=cursor(6, "bb"), entries=[ended("alice")])
    theme.expect(1100, staleness_ms=1090, cursor=cursor(6, "bb"))
    theme.poll(1200, sent=1110, after=cursor(6, "bb"))
    theme.expect(1200, staleness_ms=90)
    theme.check(1200, "logged_out")
    return theme


def keys() -> Theme:
    theme = Theme("keys")
    theme.scenario("the newest set is the set")
    theme.snapshot(5, kids=["k1"])
    theme.expect(5, kids=["k1"])
    theme.request(10)
    theme.keys(12, ["k1", "k2"])
    theme.expect(12, kids=["k1", "k2"])
    theme.hb(20)
    theme.keys(500, ["k2"])
    theme.expect(500, kids=["k2"])
    theme.why("one that is gone from the set is gone")
    theme.hb(1000)
    theme.expect(1000, staleness_ms=10)
    theme.poll(1500, kids=["k3"])
    theme.expect(1500, kids=["k3"])
    theme.snapshot(1600, kids=["k4"])
    theme.expect(1600, kids=["k4"])

    theme.connected("a withdrawn key is refused though a set still has it")
    theme.rev(30, 1, 2, [["k", "k1", UNTIL, 0]])
    theme.check(30, "key_withdrawn")
    theme.request(100)
    theme.keys(110, ["k1", "k2"])
    theme.hb(120, cursor(2))
    theme.check(120, "key_withdrawn")
    theme.check(120, "accepted", kid="k2")
    return theme
