//! The Latchkey program with what comes with it; a program with further modules is as short.

use std::process::ExitCode;

use latchkey_server::Latchkey;

fn main() -> ExitCode {
    Latchkey::new().run()
}
