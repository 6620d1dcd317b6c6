//! A private PostgreSQL server in a data directory: created once, shared by every process that
//! opens it, stopped by the last one that leaves.
//!
//! ```no_run
//! use latchkey_postgres::{Cluster, Durability};
//! use std::path::Path;
//!
//! let cluster = Cluster::open(Path::new("data/postgres"), Durability::Durable, None)?;
//! println!("{}", cluster.url("postgres"));
//! cluster.close()?;
//! # Ok::<(), latchkey_postgres::ClusterError>(())
//! ```
//!
//! What lies where, inside the directory given to [`Cluster::open`]:
//!
//! | name           | is                                                                       |
//! |----------------|--------------------------------------------------------------------------|
//! | `users.lock`   | held shared by every open [`Cluster`]; exclusive means "last one out"    |
//! | `change.lock`  | held while somebody joins, starts or stops                               |
//! | `location`     | only when the cluster had to be put elsewhere: the path of that folder   |
//! | `cluster/`     | PostgreSQL's own data directory                                          |
//! | `socket/`      | the folder of the Unix socket, closed to everybody else                  |
//! | `postgres.log` | what PostgreSQL says; the previous one is `postgres.log.1`               |
//! | `throwaway`    | present when the cluster was created as [`Durability::Throwaway`]        |
//!
//! Everything here blocks: call it from a blocking thread when inside an async runtime.

mod account;
mod binaries;
mod cluster;
mod error;
mod home;
mod initialise;
mod log;
mod pid_file;
mod postmaster;
mod socket;
mod url;

pub use binaries::Binaries;
pub use cluster::{Cluster, Durability};
pub use error::ClusterError;
