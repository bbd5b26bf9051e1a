//! What is kept under which key. The only place that knows.
//!
//! | key | what |
//! | --- | --- |
//! | `{prefix}:{tag}:<22 characters>` | record of the subject whose key that is, base64url |
//! | `{prefix}:{tag}:r` | the bucket's stream of revocations |
//! | `{prefix}:{tag}:i` | its index: the keys of its subjects, 16 raw bytes each, in order |
//! | `{prefix}:{tag}:b` | its clock and lineage |
//! | `{prefix}:{tag}:n` | the nodes that use it |
//! | `{prefix}:cfg` | what all nodes agree on |
//!
//! The tag is in braces, the prefix is not: a bucket is one slot of a Cluster.

use jeton::{SubjectKey, base64url};

use crate::redis::bucket::Bucket;

/// Makes keys that begin with one prefix.
#[derive(Clone, Debug)]
pub(super) struct Keys {
    prefix: String,
}

impl Keys {
    pub(super) fn new(prefix: &str) -> Self {
        Self { prefix: prefix.to_owned() }
    }

    pub(super) fn record(&self, subject: SubjectKey) -> Vec<u8> {
        self.of(Bucket::of(subject), &base64url::encode(subject.as_bytes()))
    }

    pub(super) fn stream(&self, bucket: Bucket) -> Vec<u8> {
        self.of(bucket, "r")
    }

    pub(super) fn index(&self, bucket: Bucket) -> Vec<u8> {
        self.of(bucket, "i")
    }

    pub(super) fn bucket(&self, bucket: Bucket) -> Vec<u8> {
        self.of(bucket, "b")
    }

    pub(super) fn nodes(&self, bucket: Bucket) -> Vec<u8> {
        self.of(bucket, "n")
    }

    /// What all nodes agree on.
    pub(super) fn settings(&self) -> Vec<u8> {
        format!("{}:cfg", self.prefix).into_bytes()
    }

    fn of(&self, bucket: Bucket, name: &str) -> Vec<u8> {
        format!("{}:{{{}}}:{name}", self.prefix, bucket.tag()).into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_and_its_bucket_share_a_tag() {
        let keys = Keys::new("jeton");
        let subject = SubjectKey::from_bytes([0x04; 16]);
        let bucket = Bucket::of(subject);

        let told = [
            keys.record(subject),
            keys.stream(bucket),
            keys.index(bucket),
            keys.bucket(bucket),
            keys.nodes(bucket),
        ];

        let told = told.map(|key| String::from_utf8(key).unwrap());
        assert_eq!(told[0], "jeton:{18}:BAQEBAQEBAQEBAQEBAQEBA");
        assert_eq!(told[1..], ["jeton:{18}:r", "jeton:{18}:i", "jeton:{18}:b", "jeton:{18}:n"]);
    }
}
