/// The first 64 bits of a digest in hex: short enough for a name or an `ETag`, and a collision
/// between two versions of one thing is out of reach.
#[must_use]
pub fn short_hex(digest: &[u8]) -> String {
    let start = digest.first_chunk().copied().unwrap_or_default();
    format!("{:016x}", u64::from_be_bytes(start))
}
