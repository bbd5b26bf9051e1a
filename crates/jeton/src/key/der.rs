//! Just enough of DER (X.690) to see what a key file holds. The cryptographic library reads the
//! keys themselves.

pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const SEQUENCE: u8 = 0x30;
/// `[0]`, constructed.
pub(super) const CONTEXT_0: u8 = 0xa0;

/// A tag and what it holds.
#[derive(Clone, Copy)]
pub(super) struct Element<'d> {
    pub(super) tag: u8,
    pub(super) content: &'d [u8],
}

impl<'d> Element<'d> {
    /// The elements inside, or `None` where the content is not made of whole elements.
    pub(super) fn children(self) -> Option<Vec<Self>> {
        let mut rest = self.content;
        let mut children = Vec::new();
        while !rest.is_empty() {
            let (child, behind) = split(rest)?;
            children.push(child);
            rest = behind;
        }
        Some(children)
    }

    /// An unsigned integer, big-endian, without leading zeros.
    pub(super) fn integer(self) -> Option<&'d [u8]> {
        (self.tag == INTEGER)
            .then_some(self.content)?
            .split_first()
            .map(|(first, rest)| if *first == 0 && !rest.is_empty() { rest } else { self.content })
    }
}

/// The elements of the one sequence that these bytes are.
pub(super) fn sequence(der: &[u8]) -> Option<Vec<Element<'_>>> {
    let (outer, behind) = split(der)?;
    if outer.tag == SEQUENCE && behind.is_empty() { outer.children() } else { None }
}

/// How many bytes an element has that begins like this.
pub(super) fn whole_length(beginning: &[u8]) -> Option<usize> {
    let (header, length) = header(beginning)?;
    header.checked_add(length)
}

/// The first element, and what stands behind it.
fn split(der: &[u8]) -> Option<(Element<'_>, &[u8])> {
    let (header, length) = header(der)?;
    let (content, behind) = der.get(header..)?.split_at_checked(length)?;
    Some((Element { tag: *der.first()?, content }, behind))
}

/// The lengths of tag and length, and of what follows.
fn header(der: &[u8]) -> Option<(usize, usize)> {
    match der {
        [_, length @ ..=0x7f, ..] => Some((2, usize::from(*length))),
        [_, 0x81, length, ..] => Some((3, usize::from(*length))),
        [_, 0x82, high, low, ..] => Some((4, usize::from(u16::from_be_bytes([*high, *low])))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_elements_are_read() {
        let cases: [(&[u8], Option<usize>); 9] = [
            (&[0x30, 0], Some(0)),
            (&[0x30, 3, 2, 1, 5], Some(1)),
            (&[0x30, 0x81, 3, 2, 1, 5], Some(1)),
            (&[0x30, 3, 2, 1, 5, 0], None),
            (&[0x30, 4, 2, 1, 5], None),
            (&[0x30, 3, 2, 2, 5], None),
            (&[0x30, 0x80, 0, 0], None),
            (&[0x31, 0], None),
            (&[], None),
        ];
        for (der, children) in cases {
            assert_eq!(sequence(der).map(|elements| elements.len()), children, "{der:?}");
        }
    }
}
