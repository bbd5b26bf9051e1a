//! Server-sent events out of a stream of bytes.
//!
//! <https://html.spec.whatwg.org/multipage/server-sent-events.html>: fields by lines, which end with
//! CR, LF or both; an empty line ends an event. Events that name no `data` are none. Of what an event
//! may say, the feed uses its name and its data.

/// An event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SseEvent {
    pub(super) name: String,
    pub(super) data: String,
}

/// An event is larger than anybody may make us hold, or not UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unreadable;

/// Puts events together from pieces that end anywhere.
#[derive(Debug)]
pub(super) struct SseReader {
    limit: usize,
    line: Vec<u8>,
    after_carriage_return: bool,
    name: String,
    data: String,
    has_data: bool,
}

impl SseReader {
    /// A reader of events of up to this many bytes.
    pub(super) const fn new(limit: usize) -> Self {
        Self {
            limit,
            line: Vec::new(),
            after_carriage_return: false,
            name: String::new(),
            data: String::new(),
            has_data: false,
        }
    }

    /// Takes the next piece, and hands over the events that it ends.
    pub(super) fn read(&mut self, mut piece: &[u8]) -> Result<Vec<SseEvent>, Unreadable> {
        let mut events = Vec::new();
        while let Some(end) = piece.iter().position(|byte| matches!(byte, b'\r' | b'\n')) {
            let (line, rest) = piece.split_at(end);
            let Some((ending, rest)) = rest.split_first() else { break };
            let is_second_half = *ending == b'\n' && self.after_carriage_return && line.is_empty();
            self.after_carriage_return = *ending == b'\r';
            piece = rest;
            if !is_second_half {
                self.hold(line)?;
                events.extend(self.end_of_line()?);
            }
        }
        if !piece.is_empty() {
            self.after_carriage_return = false;
            self.hold(piece)?;
        }
        Ok(events)
    }

    fn hold(&mut self, piece: &[u8]) -> Result<(), Unreadable> {
        if self.line.len() + self.data.len() + piece.len() > self.limit {
            return Err(Unreadable);
        }
        self.line.extend_from_slice(piece);
        Ok(())
    }

    fn end_of_line(&mut self) -> Result<Option<SseEvent>, Unreadable> {
        let line = std::mem::take(&mut self.line);
        let line = String::from_utf8(line).map_err(|_| Unreadable)?;
        if line.is_empty() {
            return Ok(self.end_of_event());
        }
        let (field, value) = line.split_once(':').unwrap_or((&line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.name),
            "data" => {
                if self.has_data {
                    self.data.push('\n');
                }
                self.data.push_str(value);
                self.has_data = true;
            }
            // Comments, which keep proxies awake, and fields that the feed does not use.
            _ => {}
        }
        Ok(None)
    }

    fn end_of_event(&mut self) -> Option<SseEvent> {
        let name = std::mem::take(&mut self.name);
        let data = std::mem::take(&mut self.data);
        std::mem::take(&mut self.has_data).then_some(SseEvent { name, data })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pieces: &[&[u8]]) -> Vec<(String, String)> {
        let mut reader = SseReader::new(1_000);
        let events = pieces.iter().flat_map(|piece| reader.read(piece).unwrap());
        events.map(|event| (event.name, event.data)).collect()
    }

    fn event(name: &str, data: &str) -> (String, String) {
        (name.to_owned(), data.to_owned())
    }

    #[test]
    fn events_are_read_as_the_standard_says() {
        /// Names and data.
        type Events = &'static [(&'static str, &'static str)];
        let rows: [(&str, &str, Events); 10] = [
            ("two events", "event: a\ndata: 1\n\nevent: b\ndata: 2\n\n", &[("a", "1"), ("b", "2")]),
            ("carriage returns", "event: a\r\ndata: 1\r\n\r\n", &[("a", "1")]),
            ("nothing but those", "event: a\rdata: 1\r\r", &[("a", "1")]),
            ("data of two lines", "data: 1\ndata: 2\n\n", &[("", "1\n2")]),
            ("no space", "event:a\ndata:1\n\n", &[("a", "1")]),
            ("one space of two", "data:  1\n\n", &[("", " 1")]),
            ("a comment", ": hello\n\ndata: 1\n: again\n\n", &[("", "1")]),
            ("fields of no use", "id: 7\nretry: 1\ndata: 1\n\n", &[("", "1")]),
            ("no data, no event", "event: a\n\ndata: 1\n\n", &[("", "1")]),
            ("one that does not end", "data: 1\n", &[]),
        ];
        for (name, text, expected) in rows {
            let expected: Vec<_> = expected.iter().map(|(name, data)| event(name, data)).collect();
            assert_eq!(read(&[text.as_bytes()]), expected, "{name}");
        }
    }

    #[test]
    fn pieces_may_end_anywhere() {
        let text = "event: hb\r\ndata: {\"wörter\"}\r\n\r\n: c\n\nevent: rev\ndata: 1\ndata: 2\n\n";
        let whole = read(&[text.as_bytes()]);
        assert_eq!(whole.len(), 2);

        for first in 0..text.len() {
            for second in first..text.len() {
                let (head, rest) = text.as_bytes().split_at(first);
                let (middle, tail) = rest.split_at(second - first);
                assert_eq!(read(&[head, middle, tail]), whole, "{first} {second}");
            }
        }
    }

    #[test]
    fn nobody_makes_us_hold_more_than_the_limit() {
        for line in ["x", "data: x", "data: x\n", ": "] {
            let mut reader = SseReader::new(1_000);
            let held = (0..2_000).all(|_| reader.read(line.as_bytes()).is_ok());
            assert!(!held, "{line:?}");
        }
        let mut reader = SseReader::new(1_000);
        assert!((0..2_000).any(|_| reader.read(b"data: xxxxxx\n") == Err(Unreadable)));
        assert_eq!(SseReader::new(10).read(b"data: \xff\n"), Err(Unreadable));
    }
}
