//! What the demo shop sells. A hub that wants to map its orders seeds the same SKUs.

/// One card of the demo shop. Prices are cents of a Singapore dollar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DemoCard {
    pub sku: &'static str,
    pub title: &'static str,
    pub cents: i64,
    /// Graded cards exist once and are listed without variations.
    pub graded: bool,
}

/// Sold by the demo shop, and in no catalogue: the order with it needs a human.
pub const UNKNOWN_SKU: &str = "POK-PRE-161-NM-JP";

const fn single(sku: &'static str, title: &'static str, cents: i64) -> DemoCard {
    DemoCard {
        sku,
        title,
        cents,
        graded: false,
    }
}

const fn slab(sku: &'static str, title: &'static str, cents: i64) -> DemoCard {
    DemoCard {
        sku,
        title,
        cents,
        graded: true,
    }
}

/// All SKUs of the demo: game, set, number, condition, language, and finish or grade.
pub const CATALOGUE: [DemoCard; 42] = [
    single(
        "POK-OBF-223-NM-EN",
        "Charizard ex 223/197 Obsidian Flames SIR",
        8800,
    ),
    single(
        "POK-OBF-125-NM-EN",
        "Charizard ex 125/197 Obsidian Flames",
        1250,
    ),
    single(
        "POK-OBF-125-LP-EN",
        "Charizard ex 125/197 Obsidian Flames (LP)",
        990,
    ),
    single("POK-MEW-199-NM-EN", "Charizard ex 199/165 151 SIR", 24_500),
    single("POK-MEW-205-NM-EN", "Mew ex 205/165 151 Hyper Rare", 3890),
    single(
        "POK-MEW-173-NM-EN",
        "Pikachu 173/165 151 Illustration Rare",
        5200,
    ),
    single(
        "POK-MEW-170-NM-JP",
        "Squirtle 170/165 151 Illustration Rare (JP)",
        2800,
    ),
    single("POK-PAL-269-NM-EN", "Iono 269/193 Paldea Evolved SIR", 6400),
    single(
        "POK-PAL-203-NM-EN",
        "Magikarp 203/193 Paldea Evolved IR",
        21_000,
    ),
    single(
        "POK-SVI-247-NM-EN",
        "Miraidon ex 247/198 Scarlet & Violet",
        1680,
    ),
    single(
        "POK-PAF-232-NM-EN",
        "Mew ex 232/091 Paldean Fates SIR",
        15_800,
    ),
    single(
        "POK-TWM-214-NM-EN",
        "Greninja ex 214/167 Twilight Masquerade SIR",
        31_900,
    ),
    single(
        "POK-SSP-238-NM-EN",
        "Pikachu ex 238/191 Surging Sparks SIR",
        42_000,
    ),
    single(
        "POK-SSP-057-NM-EN-RH",
        "Latios ex 57/191 Surging Sparks (reverse)",
        350,
    ),
    single(
        "POK-CRZ-GG69-NM-EN",
        "Giratina VSTAR GG69 Crown Zenith",
        9900,
    ),
    slab(
        "POK-BAS-004-PSA8-EN",
        "Charizard 4/102 Base Set PSA 8",
        68_000,
    ),
    slab(
        "POK-MEW-199-PSA10-EN",
        "Charizard ex 199/165 151 PSA 10",
        52_000,
    ),
    single("MTG-MH3-123-NM-EN", "Ajani, Nacatl Pariah MH3", 1490),
    single(
        "MTG-MH3-123-NM-EN-F",
        "Ajani, Nacatl Pariah MH3 (foil)",
        2390,
    ),
    single("MTG-LTR-246-NM-EN", "The One Ring LTR", 7900),
    single("MTG-LTR-103-NM-EN", "Orcish Bowmasters LTR", 4600),
    single("MTG-MH2-138-NM-EN", "Ragavan, Nimble Pilferer MH2", 5500),
    single(
        "MTG-MH2-138-LP-EN",
        "Ragavan, Nimble Pilferer MH2 (LP)",
        4700,
    ),
    single("MTG-WOE-024-NM-EN", "Moonshaker Cavalry WOE", 1180),
    single("MTG-BLB-137-NM-JP", "Emberheart Challenger BLB (JP)", 320),
    single("MTG-DSK-086-NM-EN", "Doomsday Excruciator DSK", 450),
    single("MTG-2X2-117-NM-EN", "Dockside Extortionist 2X2", 3300),
    slab("MTG-LEA-233-BGS85-EN", "Chaos Orb Alpha BGS 8.5", 158_000),
    single("OPC-OP01-120-NM-EN", "Shanks OP01-120 SEC", 4300),
    single("OPC-OP05-119-NM-EN", "Monkey D. Luffy OP05-119 SEC", 6900),
    single(
        "OPC-OP05-119-NM-JP",
        "Monkey D. Luffy OP05-119 SEC (JP)",
        5400,
    ),
    single("OPC-OP06-118-NM-EN", "Roronoa Zoro OP06-118 SEC", 2600),
    single(
        "OPC-OP09-119-NM-JP",
        "Monkey D. Luffy OP09-119 SEC (JP)",
        3750,
    ),
    single("OPC-ST10-010-NM-EN", "Trafalgar Law ST10-010", 290),
    single("OPC-EB01-006-NM-EN", "Tony Tony Chopper EB01-006", 1950),
    slab(
        "OPC-OP05-119-PSA10-JP",
        "Monkey D. Luffy OP05-119 manga PSA 10",
        98_000,
    ),
    single(
        "YGO-RA01-EN008-NM-EN",
        "Ash Blossom & Joyous Spring RA01",
        680,
    ),
    single("YGO-RA02-EN021-NM-EN", "Effect Veiler RA02", 420),
    single("YGO-LEDE-EN030-NM-EN", "Fiendsmith Engraver LEDE", 2200),
    single("YGO-INFO-EN046-NM-EN", "Snake-Eye Doomed Dragon INFO", 990),
    single(
        "YGO-LOB-001-MP-EN",
        "Blue-Eyes White Dragon LOB-001 (MP)",
        18_500,
    ),
    slab("YGO-LOB-005-PSA7-EN", "Dark Magician LOB-005 PSA 7", 26_000),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_sku_is_listed_once_and_the_unknown_one_never() {
        let skus: BTreeSet<_> = CATALOGUE.iter().map(|card| card.sku).collect();
        assert_eq!(skus.len(), CATALOGUE.len());
        assert!(!skus.contains(UNKNOWN_SKU));
        assert!(
            CATALOGUE
                .iter()
                .all(|card| card.cents > 0 && card.sku.split('-').count() >= 5)
        );
    }
}
