//! The demo's buyers: invented people who come back.

/// User name, name, address.
pub const BUYERS: [(&str, &str, &str); 8] = [
    (
        "weijie.tcg",
        "Lim Wei Jie",
        "Blk 214 Bishan Street 23 #05-331, Singapore, 570214",
    ),
    (
        "pullsbypriya",
        "Priya Nair",
        "9 Dairy Farm Road #12-02, Singapore, 679035",
    ),
    (
        "ahmad_cards",
        "Ahmad Fauzi",
        "Blk 88 Tampines Avenue 5 #10-14, Singapore, 520088",
    ),
    (
        "slabqueen",
        "Chua Hui Min",
        "31 Robertson Quay #03-07, Singapore, 238250",
    ),
    (
        "mtg.rajan",
        "Rajan Pillai",
        "Blk 702 Ang Mo Kio Avenue 8 #08-2511, Singapore, 560702",
    ),
    (
        "kopi.opens",
        "Ong Kai Xiang",
        "45 Joo Chiat Terrace, Singapore, 427235",
    ),
    (
        "duelist_nora",
        "Nora Binte Ismail",
        "Blk 305 Woodlands Street 31 #02-99, Singapore, 730305",
    ),
    (
        "grandline88",
        "Tan Boon Keng",
        "77 Upper Bukit Timah Road #06-18, Singapore, 588187",
    ),
];
