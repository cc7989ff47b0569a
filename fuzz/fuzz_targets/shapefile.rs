#![no_main]

// An index that is empty is left away, as is a text of the encoding.
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let [shp, shx, cpg, dbf] = buju_fuzz::parts(bytes);
    let mut files = vec![("a.shp", shp), ("a.dbf", dbf)];
    if !shx.is_empty() {
        files.push(("a.shx", shx));
    }
    if !cpg.is_empty() {
        files.push(("a.cpg", cpg));
    }
    buju_fuzz::read(&files);
});
