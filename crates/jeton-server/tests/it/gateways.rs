//! Real gateways with the configurations of `deploy/`, in front of a real service of tokens and a
//! service of somebody's own. What holds for all of them is in [`scene`].

mod backend;
mod caddy;
mod check;
mod forms;
mod nginx;
mod nodes;
mod process;
mod scene;
