//! Several services over one Redis, as their users and their operator meet them.

mod accounts;
mod balancer;
mod chaos;
mod keys;
mod misconfigured;
mod nodes;
mod operating;
mod outages;
mod rolling;
mod sessions;
