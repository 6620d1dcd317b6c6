//! The Latchkey program without further modules. A program with modules is as short.

use std::process::ExitCode;

use latchkey_server::Latchkey;

fn main() -> ExitCode {
    Latchkey::new().run()
}
