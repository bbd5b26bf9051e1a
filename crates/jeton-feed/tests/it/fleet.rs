//! Several processes that publish one feed, and verifiers that go from one to another.

mod double;

mod hop;
mod publishing;
mod world;
