//! A private PostgreSQL server in a data directory. It is created once and shared by every process that opens
//! the directory; the last process that leaves stops it.
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
//! The content of the directory that is given to [`Cluster::open`]:
//!
//! | name           | content                                                                  |
//! |----------------|--------------------------------------------------------------------------|
//! | `users.lock`   | locked shared by every open [`Cluster`]; exclusively by the last user    |
//! | `change.lock`  | locked while a process joins, starts or stops the server                 |
//! | `location`     | only if the cluster had to be put elsewhere: the path of that folder     |
//! | `cluster/`     | PostgreSQL's own data directory                                          |
//! | `socket/`      | the folder of the Unix socket, closed to all other users                 |
//! | `postgres.log` | PostgreSQL's log; the previous log is `postgres.log.1`                   |
//! | `throwaway`    | present if the cluster was created as [`Durability::Throwaway`]          |
//!
//! All functions block: inside an async runtime, call them from a blocking thread.

mod account;
mod binaries;
mod cluster;
mod durability;
mod error;
mod home;
mod initialise;
mod log;
mod pid_file;
mod postmaster;
mod socket;
mod url;

pub use binaries::Binaries;
pub use cluster::Cluster;
pub use durability::Durability;
pub use error::ClusterError;
