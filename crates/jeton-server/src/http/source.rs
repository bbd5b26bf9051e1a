//! What the routes around a feed need: of the issuer itself, or of a relay of it.

use std::time::Duration;

use jeton::Timestamp;
use jeton_feed::publish::Publisher;
use jeton_tower::Gate;

use crate::app::App;
use crate::feed::{Places, Reports};
use crate::metrics::Node;
use crate::relay::Relay;

/// Where a feed comes from. Cheap to clone.
pub(crate) trait Source: Clone + Send + Sync + 'static {
    /// Whom others are let in by.
    fn gate(&self) -> &Gate;

    /// Whom the feed is read by. Not closed to verifiers because what is known is old: that is what
    /// they come to hear.
    fn feed_gate(&self) -> &Gate;

    /// What publishes it now.
    fn publisher(&self) -> Publisher;

    /// Places for those who read it.
    fn places(&self) -> &Places;

    /// What verifiers say of it.
    fn reports(&self) -> &Reports;

    /// How its store is doing, where it has one.
    fn node(&self) -> Option<Node> {
        None
    }

    /// By how much clocks may differ.
    fn leeway(&self) -> Duration;

    /// The time.
    fn now(&self) -> Timestamp;
}

impl Source for App {
    fn gate(&self) -> &Gate {
        Self::gate(self)
    }

    fn feed_gate(&self) -> &Gate {
        Self::gate(self)
    }

    fn publisher(&self) -> Publisher {
        self.feed().publisher().clone()
    }

    fn places(&self) -> &Places {
        self.feed().places()
    }

    fn reports(&self) -> &Reports {
        self.feed().reports()
    }

    fn node(&self) -> Option<Node> {
        Some(Self::node(self))
    }

    fn leeway(&self) -> Duration {
        self.sessions().terms().leeway
    }

    fn now(&self) -> Timestamp {
        Self::now(self)
    }
}

impl Source for Relay {
    fn gate(&self) -> &Gate {
        Self::gate(self)
    }

    fn feed_gate(&self) -> &Gate {
        Self::feed_gate(self)
    }

    fn publisher(&self) -> Publisher {
        self.outlet().publisher()
    }

    fn places(&self) -> &Places {
        Self::places(self)
    }

    fn reports(&self) -> &Reports {
        Self::reports(self)
    }

    fn leeway(&self) -> Duration {
        self.settings().terms().leeway
    }

    fn now(&self) -> Timestamp {
        Self::now(self)
    }
}
