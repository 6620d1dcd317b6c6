//! nginx with one small file: the yardstick for pages.

use std::{env, fs, net::TcpListener, path::Path, process::Command, time::Duration};

use anyhow::{Context as _, Result, bail};
use tokio::{net::TcpStream, time::sleep};

use crate::program::Program;

const WORKERS: u32 = 2;

/// Starts nginx in `folder` with a file of `bytes` bytes; `None` if nginx is not installed.
pub async fn start(folder: &Path, bytes: usize) -> Result<Option<(Program, String)>> {
    // Debian installs nginx in a folder that is not on every user's PATH.
    let path = env::var("PATH").unwrap_or_default() + ":/usr/sbin";
    let mut candidates = env::split_paths(&path).map(|folder| folder.join("nginx"));
    let Some(binary) = candidates.find(|file| file.is_file()) else {
        return Ok(None);
    };
    fs::create_dir_all(folder)?;
    fs::write(folder.join("file"), "x".repeat(bytes))?;
    let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
    fs::write(folder.join("nginx.conf"), configuration(&address))?;
    let mut command = Command::new(binary);
    command
        .arg("-p")
        .arg(folder)
        .args(["-c", "nginx.conf", "-e", "error.log"]);
    let nginx = Program::start(&mut command).context("cannot start nginx")?;
    for _ in 0..100 {
        if TcpStream::connect(&address).await.is_ok() {
            return Ok(Some((nginx, address)));
        }
        sleep(Duration::from_millis(50)).await;
    }
    bail!(
        "nginx does not start: {}",
        fs::read_to_string(folder.join("error.log"))?
    )
}

fn configuration(address: &str) -> String {
    format!(
        "daemon off; worker_processes {WORKERS}; pid nginx.pid; error_log error.log;
        events {{ }}
        http {{
            access_log off; sendfile on; tcp_nopush on; default_type text/html;
            keepalive_timeout 60s; keepalive_requests 100000000;
            client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
            uwsgi_temp_path uwsgi; scgi_temp_path scgi;
            server {{ listen {address}; root .; }}
        }}"
    )
}
