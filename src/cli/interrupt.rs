use std::io;
use std::process::exit;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

/// Ctrl-C while something is written: it is to end by itself, so that nothing is left behind. The second one ends
/// the program at once.
pub(super) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Listens from now on.
    pub fn new() -> io::Result<Self> {
        let came = Arc::new(AtomicBool::new(false));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let heard = came.clone();
        thread::Builder::new()
            .name("interrupt".to_owned())
            .spawn(move || {
                runtime.block_on(async {
                    while tokio::signal::ctrl_c().await.is_ok() {
                        if heard.swap(true, Ordering::Relaxed) {
                            exit(130);
                        }
                    }
                });
            })?;
        Ok(Self(came))
    }

    /// True once it came.
    pub fn came(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
